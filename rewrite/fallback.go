package rewrite

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/reconvene/reconvene/rewrite/guard"
	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// Fallback is a form of a message for a receiver that has refused it. Each
// form asks less of the receiver than the one before and starts from the
// calendar that the profile's remedies have repaired.
type Fallback string

const (
	FallbackNone    Fallback = ""        // what the profile's remedies make of it, no further
	FallbackUTC     Fallback = "utc"     // every time in UTC, no time zone
	FallbackMinimal Fallback = "minimal" // only what scheduling needs (RFC 5546 §3), in UTC where that is exact
	FallbackNotice  Fallback = "notice"  // a text for a person, the calendar attached to it
)

// Fallbacks returns those above the profile, from the one that keeps most.
func Fallbacks() []Fallback { return []Fallback{FallbackUTC, FallbackMinimal, FallbackNotice} }

// ErrNoForm says why there is no such form for a message. The result is then the
// source: a form that would not be the same meeting is none.
var ErrNoForm = errors.New("the message has no such form")

// maxFormPasses bounds how often the remedies and a form take turns until
// neither has anything left to do.
const maxFormPasses = 3

// fallBack takes a treated calendar to the form that was asked for. Behind it
// neither the form nor a remedy would change anything any more, so that a
// second run changes nothing.
func (w *work) fallBack(out *outcome) error {
	if w.o.Fallback == FallbackNone || !out.in.allowed || w.o.Mode == Observe || out.c == nil || out.c.Cal == nil {
		return nil
	}
	if why := untouchable(out.c); why != "" {
		return fmt.Errorf("%w: %s", ErrNoForm, why)
	}
	if w.o.Fallback == FallbackNotice {
		return nil // the calendar stays; fallback_notice.go says what becomes of its part
	}
	if w.o.Fallback != FallbackUTC && w.o.Fallback != FallbackMinimal {
		return fmt.Errorf("%w: there is no form %q", ErrNoForm, w.o.Fallback)
	}
	was := out.text
	for range maxFormPasses {
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
				w.fallenBack++
				w.resend(out.text)
			}
			return nil
		}
	}
	return fmt.Errorf("%w: the result is not stable in %s", ErrNoForm, out.in.name())
}

// checkForm says why a message could not be taken to the form that was asked
// for.
func (w *work) checkForm() error {
	if w.o.Fallback == FallbackNone || w.o.Mode == Observe || w.fallenBack > 0 {
		return nil
	}
	if len(w.report.Skipped) > 0 {
		return fmt.Errorf("%w: %s", ErrNoForm, w.report.Skipped[0].Why)
	}
	if len(w.report.Meetings) > 0 {
		return fmt.Errorf("%w: this form would not change anything", ErrNoForm)
	}
	return fmt.Errorf("%w: the message contains no calendar", ErrNoForm)
}

// raise makes the form's text of a calendar.
func (w *work) raise(out *outcome) ([]byte, error) {
	utc, err := w.build(out.text, utcForm)
	switch {
	case w.o.Fallback == FallbackUTC:
		return utc, err
	case err == nil:
		return w.build(utc, minimalForm)
	case errors.Is(err, ErrNoForm):
		return w.build(out.text, minimalForm) // the zones stay where UTC is not exact
	}
	return nil, err
}

// builder makes one form of a calendar.
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
	c := &remedy.Case{Octets: text, Profile: w.o.Profile, Mail: w.mail, Now: w.o.Now, Tick: w.tick}
	if err := parse(c); err != nil {
		return nil, err
	}
	if c.Cal == nil {
		return nil, fmt.Errorf("%w: the message contains no calendar", ErrNoForm)
	}
	c.ResetZones()
	order, before := guard.Components(c.Doc), c.Snapshot()
	if why := b.edit(c); why != "" {
		return nil, fmt.Errorf("%w: %s", ErrNoForm, why)
	}
	made := c.Doc.Bytes()
	if bytes.Equal(made, text) {
		return text, nil
	}
	before.Doc.Restore()
	after := &remedy.Case{Octets: made, Tick: w.tick}
	if err := parse(after); err != nil {
		return nil, err
	}
	c.ResetZones()
	diff := guard.Compare(before, c, order) &^ b.facets
	if diff&remedy.FacetOccurrences != 0 && sameInstants(before, after) {
		diff &^= remedy.FacetOccurrences // another rule, the same occurrences
	}
	if diff != 0 {
		return nil, fmt.Errorf("%w: guard: it would change %s", ErrNoForm, strings.Join(diff.Names(), ", "))
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
		a, b := facetsOf(before, was[i]), facetsOf(after, now[i])
		if !guard.SameMoment(a.Moment("DTSTART"), b.Moment("DTSTART")) || a.Span() != b.Span() ||
			!guard.SameMoment(a.Moment("DUE"), b.Moment("DUE")) || guard.ReadJoined(a.Component, "FREEBUSY") != guard.ReadJoined(b.Component, "FREEBUSY") {
			return false
		}
		x, ok := a.Occurrences()
		y, same := b.Occurrences()
		if !ok || !same || !x.Equal(y) {
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
