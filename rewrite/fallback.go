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

// Fallback is a form of a message for a receiver that has refused it. Each form
// requires less of the receiver than the one before, and is made from the calendar
// that the profile's remedies have repaired.
type Fallback string

const (
	FallbackNone    Fallback = ""        // the repair for the profile
	FallbackUTC     Fallback = "utc"     // every time in UTC, no time zone
	FallbackMinimal Fallback = "minimal" // only what scheduling needs (RFC 5546 §3), in UTC where that is exact
	FallbackNotice  Fallback = "notice"  // a text for a person, the calendar attached to it
)

// Fallbacks returns all forms except FallbackNone, beginning with the one that keeps
// most.
func Fallbacks() []Fallback { return []Fallback{FallbackUTC, FallbackMinimal, FallbackNotice} }

// ErrNoForm reports that a message cannot be written in the form of Options.Fallback
// without changing the meeting. The result is then the source.
var ErrNoForm = errors.New("the message has no such form")

// maxFormPasses bounds how often the remedies and a form are applied alternately
// until neither changes anything.
const maxFormPasses = 3

// toForm makes the requested form of a repaired calendar. Afterwards neither the
// form nor a remedy changes anything, so that a second run changes nothing.
func (r *repairer) toForm(c calendar) (calendar, error) {
	if r.o.Fallback == FallbackNone || c.in.untouchable.forbids() || r.o.Mode == Observe {
		return c, nil
	}
	if u := untouchableCalendar(c.c.Findings()); u.forbids() {
		return c, fmt.Errorf("%w: %s", ErrNoForm, u.reason)
	}
	if r.o.Fallback == FallbackNotice {
		return c, nil // the calendar stays; fallback_notice.go says what becomes of its part
	}
	if r.o.Fallback != FallbackUTC && r.o.Fallback != FallbackMinimal {
		return c, fmt.Errorf("%w: there is no form %q", ErrNoForm, r.o.Fallback)
	}
	was := c.text
	for range maxFormPasses {
		text, err := r.form(c.outcome)
		if err != nil {
			return c, err
		}
		again, err := r.guarded(c.in.with(text, c.header))
		c.report.skip(again.skipped...)
		if err != nil {
			return c, err
		}
		done := bytes.Equal(again.text, c.text) && again.header == c.header
		c.text, c.header = again.text, again.header
		if done {
			if c.inForm = !bytes.Equal(c.text, was); c.inForm {
				c.report.Meetings[0] = c.report.Meetings[0].sentAs(c.text)
			}
			return c, nil
		}
	}
	return c, fmt.Errorf("%w: the result is not stable in %s", ErrNoForm, c.in.part())
}

// checkForm returns why the requested form of a message could not be made.
func checkForm(o *Options, c change) error {
	if o.Fallback == FallbackNone || o.Mode == Observe || c.inForm {
		return nil
	}
	if len(c.report.Skipped) > 0 {
		return fmt.Errorf("%w: %s", ErrNoForm, c.report.Skipped[0].Why)
	}
	if len(c.report.Meetings) > 0 {
		return fmt.Errorf("%w: this form would not change anything", ErrNoForm)
	}
	return fmt.Errorf("%w: the message contains no calendar", ErrNoForm)
}

// form makes the form's text of a calendar.
func (r *repairer) form(out outcome) ([]byte, error) {
	utc, err := r.build(out, out.text, utcForm)
	switch {
	case r.o.Fallback == FallbackUTC:
		return utc, err
	case err == nil:
		return r.build(out, utc, minimalForm)
	case errors.Is(err, ErrNoForm):
		return r.build(out, out.text, minimalForm) // the zones stay where UTC is not exact
	}
	return nil, err
}

// builder makes one form of a calendar.
type builder struct {
	name   string
	edit   func(c *remedy.Object) (why string) // why says what speaks against it
	facets remedy.Facet                        // what the guard lets it change
}

// build runs a builder on a text of the calendar under the guard.
func (r *repairer) build(out outcome, text []byte, b builder) ([]byte, error) {
	if err := r.deadline.expired(); err != nil {
		return nil, err
	}
	c := &remedy.Object{Octets: text, Profile: r.o.Profile, Mail: out.in.mail, Now: r.o.Now, Tick: r.deadline.tick}
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
	after := &remedy.Object{Octets: made, Tick: r.deadline.tick}
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

// sameInstants reports whether the components of two calendars, in their order,
// take place at the same instants and for the same time.
func sameInstants(before, after *remedy.Object) bool {
	before.ResetZones()
	after.ResetZones()
	was, now := before.Items(), after.Items()
	if len(was) != len(now) {
		return false
	}
	for i := range was {
		a, b := viewOf(before, was[i]), viewOf(after, now[i])
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

// dropZoned removes properties that name a time zone which is no longer used.
func dropZoned(c *remedy.Object) {
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
