package zone

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// Rules are the offsets of one zone over time.
type Rules interface {
	// OffsetAt returns the offset from UTC at a wall-clock time (its digits in
	// time.UTC). A time that does not exist takes the offset before the gap, an
	// ambiguous one the first (RFC 5545 §3.3.5).
	OffsetAt(wall time.Time) time.Duration
	// Wall returns the wall-clock time (digits in time.UTC) at an instant.
	Wall(instant time.Time) time.Time
}

// change is one change of offset.
type change struct {
	at       int64 // the instant, Unix seconds
	from, to int   // offsets before and after it, seconds
}

// maxYears and maxChanges bound what one question about a span looks at: 100
// years of a zone that changes four times a year (Morocco).
const (
	maxYears   = 100
	maxSpan    = maxYears * 365 * 24 * 3600 // seconds
	maxChanges = 4 * maxYears
)

// timeline is what the Rules of this package can also answer.
type timeline interface {
	Rules
	// offset returns the offset in seconds at an instant.
	offset(instant int64) int
	// changes returns the changes after from, up to and including to, in
	// order; those between equal offsets may be among them.
	changes(from, to int64) []change
}

var (
	_ timeline = (*iana)(nil)
	_ timeline = (*vtimezone)(nil)
)

// digits makes wall-clock time of Unix seconds in local time.
func digits(local int64) time.Time { return time.Unix(local, 0).UTC() }

// Set is the zones of one calendar. The zero value has none. A Set is not safe for
// concurrent use.
type Set struct {
	declared []declaration // by key; of two with one key the one that counts first
	order    []*Declared
	named    map[string]Rules // what undeclared names mean, nil for unknown
	lotus    bool
}

// Declared is a VTIMEZONE of the calendar.
type Declared struct {
	TZID      string // as written, not unescaped
	Component *ical.Component
	Rules     Rules // nil when the VTIMEZONE cannot be evaluated
	Err       error
	Hints     Hints
	Kind      Kind // the kind of name of TZID

	known string         // what Known has found, "" for none
	asked bool           // whether Known was asked
	law   []observedLine // what Rules were read from
}

// declaration is a VTIMEZONE under its TZID as Normalize writes it.
type declaration struct {
	key string
	*Declared
}

// maxEvaluated bounds the VTIMEZONEs of one calendar that are evaluated.
const maxEvaluated = 50

var errTooMany = fmt.Errorf("more than %d time zones", maxEvaluated)

// NewSet parses the VTIMEZONEs of a VCALENDAR. Of two for the same TZID the first
// that can be evaluated is used.
func NewSet(cal *ical.Component) *Set { return (*Set)(nil).Renew(cal) }

// Renew parses the VTIMEZONEs of a VCALENDAR that was changed since, or written and
// parsed again (ical.Document.Reread). A VTIMEZONE whose observances are still the
// same lines is not evaluated again. The two sets share data, so that they must not
// be used concurrently.
func (s *Set) Renew(cal *ical.Component) *Set { return newSet(cal, s) }

func newSet(cal *ical.Component, old *Set) *Set {
	s := &Set{}
	if cal == nil {
		return s
	}
	s.lotus = isLotus(cal.Value("PRODID"))
	for _, it := range cal.Items {
		if it.Sub == nil || it.Sub.Name != "VTIMEZONE" {
			continue
		}
		d := s.read(it.Sub, old.twin(it.Sub, len(s.order)))
		s.order = append(s.order, d)
		s.declared = append(s.declared, declaration{Normalize(d.TZID), d})
	}
	slices.SortStableFunc(s.declared, func(a, b declaration) int {
		switch c := strings.Compare(a.key, b.key); {
		case c != 0 || (a.Rules == nil) == (b.Rules == nil):
			return c
		case a.Rules == nil:
			return 1
		}
		return -1
	})
	return s
}

// twin returns what is known of the VTIMEZONE that was at that place, if its
// observances are made of the very same lines, none of them edited; else nil.
func (s *Set) twin(c *ical.Component, at int) *Declared {
	if s == nil || at >= len(s.order) {
		return nil
	}
	law := s.order[at].law
	same := eachObserved(c, func(l observedLine) bool {
		if len(law) == 0 || law[0] != l {
			return false
		}
		law = law[1:]
		return true
	})
	if !same || len(law) > 0 || s.order[at].law == nil {
		return nil
	}
	return s.order[at]
}

// observedLine is a line of an observance.
type observedLine struct {
	daylight bool
	line     *ical.Line
}

// observed is all that Evaluate looks at, nil when a line of it was edited.
func observed(c *ical.Component) []observedLine {
	out := make([]observedLine, 0, 12) // two observances of five lines
	if !eachObserved(c, func(l observedLine) bool { out = append(out, l); return true }) {
		return nil
	}
	return out
}

// eachObserved gives the lines of the observances, and one without a line in
// front of each. It is false when one was edited, or f was false.
func eachObserved(c *ical.Component, f func(observedLine) bool) bool {
	for _, it := range c.Items {
		if it.Sub == nil || it.Sub.Name != "STANDARD" && it.Sub.Name != "DAYLIGHT" {
			continue
		}
		daylight := it.Sub.Name == "DAYLIGHT"
		if !f(observedLine{daylight: daylight}) {
			return false
		}
		for _, p := range it.Sub.Items {
			if p.Prop != nil && (p.Prop.Edited() || !f(observedLine{daylight, p.Prop})) {
				return false
			}
		}
	}
	return true
}

func (s *Set) read(c *ical.Component, twin *Declared) *Declared {
	d := &Declared{TZID: c.Value("TZID"), Component: c}
	d.Hints = Hints{
		Location: c.Value("X-LIC-LOCATION"),
		Number:   c.Value("X-MICROSOFT-CDO-TZID"),
		Lotus:    s.lotus,
		Daylight: len(c.Children("DAYLIGHT")) > 0,
	}
	if twin != nil && twin.TZID == d.TZID && twin.Hints == d.Hints {
		d.Kind, d.known, d.asked = twin.Kind, twin.known, twin.asked
	} else {
		d.Kind = Classify(d.TZID, d.Hints)
	}
	if len(s.order) >= maxEvaluated {
		d.Err = errTooMany
		return d
	}
	if twin != nil {
		d.Rules, d.Err, d.law = twin.Rules, twin.Err, twin.law
		return d
	}
	d.law = observed(c)
	rules, err := Evaluate(c)
	if err != nil {
		d.Err = err
		return d
	}
	d.Rules = rules
	return d
}

// Declared returns the VTIMEZONE for a TZID (compared as Normalize writes
// it), or nil.
func (s *Set) Declared(tzid string) *Declared {
	if s == nil || len(s.declared) == 0 {
		return nil
	}
	i, ok := slices.BinarySearchFunc(s.declared, Normalize(tzid), func(d declaration, key string) int {
		return strings.Compare(d.key, key)
	})
	if !ok {
		return nil
	}
	return s.declared[i].Declared
}

// All returns the VTIMEZONEs in the order of the calendar, duplicates too.
func (s *Set) All() []*Declared {
	if s == nil {
		return nil
	}
	return s.order
}

// Rules returns the rules for a TZID: the calendar's own VTIMEZONE, else the
// IANA zone that the name means; nil when neither is known.
func (s *Set) Rules(tzid string) Rules {
	if s == nil || tzid == "" {
		return nil
	}
	if d := s.Declared(tzid); d != nil && d.Rules != nil {
		return d.Rules
	}
	if r, ok := s.named[tzid]; ok {
		return r
	}
	var r Rules
	if name, ok := Lookup(tzid, Hints{Lotus: s.lotus}); ok {
		r = Load(name)
	}
	if s.named == nil {
		s.named = map[string]Rules{}
	}
	s.named[tzid] = r
	return r
}

// Instant returns the instant of a date-time value with that TZID ("" for
// none). ok is false for dates, floating times and unknown zones.
func (s *Set) Instant(v ical.DateTime, tzid string) (t time.Time, ok bool) {
	switch v.Form {
	case ical.UTC:
		return v.Wall, true
	case ical.Date:
		return time.Time{}, false
	}
	r := s.Rules(tzid)
	if r == nil {
		return time.Time{}, false
	}
	return v.Wall.Add(-r.OffsetAt(v.Wall)), true
}
