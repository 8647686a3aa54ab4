package rewrite

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// Rung is how far a message goes to meet a receiver that refuses it. Each
// rung asks less of the receiver than the one before and starts from the
// calendar that the profile's remedies have repaired.
type Rung string

const (
	RungProfile Rung = ""        // what the profile's remedies make of it, no further
	RungUTC     Rung = "utc"     // every time in UTC, no time zone
	RungMinimal Rung = "minimal" // only what scheduling needs (RFC 5546 §3), in UTC where that is exact
	RungNotice  Rung = "notice"  // a text for a person, the calendar attached to it
)

// Rungs returns those above the profile, from the one that keeps most.
func Rungs() []Rung { return []Rung{RungUTC, RungMinimal, RungNotice} }

// ErrRung says why there is no such rung for a message. The result is then the
// source: a rung that would not be the same meeting is none.
var ErrRung = errors.New("this rung does not carry the message")

// maxRungPasses bounds how often the remedies and a rung take turns until
// neither has anything left to do.
const maxRungPasses = 3

// climb takes a treated calendar up to the rung that was asked for. Behind it
// neither the rung nor a remedy would change anything any more, so that a
// second run changes nothing.
func (w *work) climb(out *outcome) error {
	if w.o.Rung == RungProfile || !out.in.allowed || w.o.Mode == Observe || out.c == nil || out.c.Cal == nil {
		return nil
	}
	if incomplete(out.c) {
		return fmt.Errorf("%w: incomplete: the calendar may have been cut off, what is missing is not known", ErrRung)
	}
	if w.o.Rung == RungNotice {
		return nil // the calendar stays; rung_notice.go says what becomes of its part
	}
	if w.o.Rung != RungUTC && w.o.Rung != RungMinimal {
		return fmt.Errorf("%w: there is no rung %q", ErrRung, w.o.Rung)
	}
	was := out.text
	for range maxRungPasses {
		text, err := w.raise(out)
		if err != nil {
			return err
		}
		again, _, err := w.guarded(input{path: out.in.path, text: text, header: out.header, allowed: true})
		if err != nil {
			return err
		}
		done := bytes.Equal(again.text, out.text) && again.header == out.header
		out.text, out.header = again.text, again.header
		if done {
			if !bytes.Equal(out.text, was) {
				w.climbed++
			}
			return nil
		}
	}
	return fmt.Errorf("%w: it does not settle in %s", ErrRung, out.in.name())
}

// checkRung says why a message could not be taken to the rung that was asked
// for.
func (w *work) checkRung() error {
	if w.o.Rung == RungProfile || w.o.Mode == Observe || w.climbed > 0 {
		return nil
	}
	if len(w.report.Skipped) > 0 {
		return fmt.Errorf("%w: %s", ErrRung, w.report.Skipped[0].Why)
	}
	if len(w.report.Meetings) > 0 {
		return fmt.Errorf("%w: it has nothing that this rung would change", ErrRung)
	}
	return fmt.Errorf("%w: no calendar in it", ErrRung)
}

// raise makes the rung's text of a calendar.
func (w *work) raise(out *outcome) ([]byte, error) {
	utc, err := w.build(out.text, utcRung)
	switch {
	case w.o.Rung == RungUTC:
		return utc, err
	case err == nil:
		return w.build(utc, minimalRung)
	case errors.Is(err, ErrRung):
		return w.build(out.text, minimalRung) // the zones stay where UTC is not exact
	}
	return nil, err
}

// builder makes one rung of a calendar.
type builder struct {
	name   string
	edit   func(c *remedy.Case) (why string) // why says what speaks against it
	facets remedy.Facet                      // what the guard lets it change
}

// build runs a builder under the guard.
func (w *work) build(text []byte, b builder) ([]byte, error) {
	if err := w.expired(); err != nil {
		return nil, err
	}
	c := &remedy.Case{Octets: text, Profile: w.o.Profile, Mail: w.mail, Now: w.o.Now}
	if err := parse(c); err != nil {
		return nil, err
	}
	if c.Cal == nil {
		return nil, fmt.Errorf("%w: no calendar in it", ErrRung)
	}
	c.ResetZones()
	order, before := components(c.Doc), snapshot(c)
	if why := b.edit(c); why != "" {
		return nil, fmt.Errorf("%w: %s", ErrRung, why)
	}
	made := c.Doc.Bytes()
	if bytes.Equal(made, text) {
		return text, nil
	}
	before.Doc.Restore()
	after := &remedy.Case{Octets: made}
	if err := parse(after); err != nil {
		return nil, err
	}
	c.ResetZones()
	diff := moved(before, c, order) &^ b.facets
	if diff&remedy.FacetOccurrences != 0 && sameInstants(before, after) {
		diff &^= remedy.FacetOccurrences // another rule, the same occurrences
	}
	if diff != 0 {
		return nil, fmt.Errorf("%w: guard: it would change %s", ErrRung, strings.Join(diff.Names(), ", "))
	}
	return made, nil
}

// sameInstants says whether the components of two calendars, in their order,
// take place at the same instants and for the same time.
func sameInstants(before, after *remedy.Case) bool {
	before.ResetZones()
	after.ResetZones()
	was, now := before.Items(), after.Items()
	if len(was) != len(now) {
		return false
	}
	for i := range was {
		a, b := facets{c: before, comp: was[i]}, facets{c: after, comp: now[i]}
		if !sameMoment(a.moment("DTSTART"), b.moment("DTSTART")) || a.span() != b.span() ||
			!sameMoment(a.moment("DUE"), b.moment("DUE")) || readJoined(a.comp, "FREEBUSY") != readJoined(b.comp, "FREEBUSY") {
			return false
		}
		x, ok := a.occurrences()
		y, same := b.occurrences()
		if !ok || !same || !x.equal(y) {
			return false
		}
	}
	return true
}

// dropZoned removes what names a time zone that nobody needs any more.
func dropZoned(c *remedy.Case) {
	for _, z := range c.Cal.Children("VTIMEZONE") {
		c.Cal.RemoveChild(z)
	}
	c.Doc.Root.Walk(func(comp *ical.Component) {
		comp.RemoveIf(func(l *ical.Line) bool {
			_, zoned := l.Param("TZID")
			return zoned && strings.HasPrefix(l.Name(), "X-")
		})
	})
}
