package guard

import (
	"sort"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// How much of a series is compared.
const (
	maxOccurrences = 1000
	maxYears       = 10
)

// Series is the further occurrences of a component.
type series struct {
	Rule  string   // when it cannot be expanded
	Times []Moment // in order
	Cut   []Moment // EXDATE
}

// Series returns the recurrence; expand also expands the rules.
func (f View) Series(expand bool) series {
	var s series
	start, length := f.Component.First("DTSTART"), f.Span()
	for _, l := range f.Component.Lines("EXDATE") {
		s.Cut = append(s.Cut, f.list(l, length)...)
	}
	for _, l := range f.Component.Lines("RDATE") {
		s.Times = append(s.Times, f.list(l, length)...)
	}
	for _, l := range f.Component.Lines("RRULE") {
		if !expand {
			break
		}
		times, ok := f.expand(l.Value(), start)
		if !ok {
			s.Rule += plainRule(l.Value()) + "\n"
		}
		s.Times = append(s.Times, times...)
	}
	for _, l := range f.Component.Lines("EXRULE") {
		s.Rule += plainRule(l.Value()) + "\n"
	}
	for _, m := range [][]Moment{s.Times, s.Cut} {
		sort.SliceStable(m, func(i, j int) bool { return m[i].Wall.Before(m[j].Wall) })
	}
	return s
}

// list reads dates. A period as long as the component is its start and no more.
func (f View) list(l *ical.Line, length string) []Moment {
	var out []Moment
	for _, v := range strings.Split(l.Value(), ",") {
		if v = strings.TrimSpace(v); v != "" && len(out) < maxOccurrences {
			m := f.period(v, l.ParamValue("TZID"))
			if m.more == length {
				m.more = ""
			}
			out = append(out, m)
		}
	}
	return out
}

// period reads a date, or a PERIOD (RFC 5545 §3.3.9): a start with an end or a
// length.
func (f View) period(v, tzid string) Moment {
	start, rest, ok := strings.Cut(v, "/")
	m := f.at(start, tzid)
	if !ok {
		return m
	}
	if d, ok := ical.ParseDuration(rest); ok {
		m.more = plainLength(d)
	} else {
		m.more = between(m, f.at(rest, tzid))
	}
	return m
}

func sameSeries(a, b series) bool {
	if a.Rule != b.Rule || len(a.Times) != len(b.Times) || len(a.Cut) != len(b.Cut) {
		return false
	}
	for i := range a.Times {
		if !SameMoment(a.Times[i], b.Times[i]) {
			return false
		}
	}
	for i := range a.Cut {
		if !SameMoment(a.Cut[i], b.Cut[i]) {
			return false
		}
	}
	return true
}

// plainRule is a recurrence rule without blanks and case, and without UNTIL,
// whose type may have been mended.
func plainRule(s string) string {
	s = strings.ToUpper(strings.Join(strings.Fields(s), ""))
	return strings.Trim(s, ";")
}

// expand gives the occurrences of a rule on the clock of the zone that the
// start is in. Rules that count in minutes are not expanded: only a machine
// sends them, and they cost time.
func (f View) expand(rule string, start *ical.Line) (out []Moment, ok bool) {
	defer func() {
		// rrule-go indexes past the end for some rules, in the year 0 for one;
		// this recover is the border of a library that is known for it
		if recover() != nil {
			out, ok = nil, false
		}
	}()
	if start == nil {
		return nil, false
	}
	rule = plainRule(rule)
	if rule == "" {
		return nil, true
	}
	begin, ok := ical.ParseDateTime(strings.TrimSpace(start.Value()))
	if !ok || strings.Contains(rule, "FREQ=SECONDLY") || strings.Contains(rule, "FREQ=MINUTELY") {
		return nil, false
	}
	opt, err := rrule.StrToROptionInLocation(rule, time.UTC)
	if err != nil {
		return nil, false
	}
	var rules zone.Rules
	if tzid := start.ParamValue("TZID"); tzid != "" && begin.Form == ical.Local && f.Object.Zones != nil {
		rules = f.Object.Zones.Rules(tzid)
	}
	opt.Dtstart = begin.Wall
	if !opt.Until.IsZero() {
		opt.Until = until(rule, opt.Until, rules)
	}
	r, err := rrule.NewRRule(*opt)
	if err != nil {
		return nil, false
	}
	next, last := r.Iterator(), begin.Wall.AddDate(maxYears, 0, 0)
	for len(out) < maxOccurrences {
		t, more := next()
		if !more || t.After(last) {
			break
		}
		out = append(out, f.at(ical.DateTime{Wall: t, Form: begin.Form}.String(), start.ParamValue("TZID")))
	}
	return out, true
}

// until gives UNTIL on the clock of the start (RFC 5545 §3.3.10): in UTC it is
// an instant, as a date it includes the whole day.
func until(rule string, t time.Time, rules zone.Rules) time.Time {
	_, v, _ := strings.Cut(rule, "UNTIL=")
	v, _, _ = strings.Cut(v, ";")
	switch {
	case len(v) == len("20060102"):
		return t.Add(24*time.Hour - time.Second)
	case strings.HasSuffix(v, "Z") && rules != nil:
		return rules.Wall(t)
	}
	return t
}
