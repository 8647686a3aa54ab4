package remedy

import (
	"slices"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// schedulable returns the components that Items lists, as they were before the
// running remedy changed anything. It costs no memory once the list has been made,
// because nearly every remedy asks and most find nothing to do. The list must
// not be changed.
func (c *Object) schedulable() []*ical.Component {
	if c.current == nil {
		return c.Items() // outside of Do nobody says when the calendar has changed
	}
	if c.listed || c.Cal == nil {
		return c.items
	}
	c.listed = true
	for _, it := range c.Cal.Items {
		if it.Sub != nil && isSchedulable(it.Sub.Name) {
			c.items = append(c.items, it.Sub)
		}
	}
	return c.items
}

// remembered is a list that is made once for all remedies that come before the
// next change.
type remembered[T any] struct {
	items []T
	known bool
}

// list returns what collect appends to a list, or what it did before.
func (m *remembered[T]) list(c *Object, collect func([]T) []T) []T {
	switch {
	case !steady(c):
		return collect(nil)
	case !m.known:
		m.items, m.known = collect(m.items[:0]), true
	}
	return m.items
}

func isSchedulable(name string) bool {
	switch name {
	case "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY":
		return true
	}
	return false
}

// named returns the property when it has that name (upper case), else nil.
func named(it ical.Item, name string) *ical.Line {
	if it.Prop == nil || it.Prop.Name() != name {
		return nil
	}
	return it.Prop
}

// person returns the property when it is an ORGANIZER or ATTENDEE that can be
// edited, else nil.
func person(it ical.Item) *ical.Line {
	if l := it.Prop; l != nil && (l.Name() == "ATTENDEE" || l.Name() == "ORGANIZER") && !hasOddPiece(l) {
		return l
	}
	return nil
}

// attendee does the same for an ATTENDEE alone.
func attendee(it ical.Item) *ical.Line {
	if l := it.Prop; l != nil && l.Name() == "ATTENDEE" && !hasOddPiece(l) {
		return l
	}
	return nil
}

// head is a line up to its value: name, parameters and colon.
func head(l *ical.Line) string {
	text := l.Text()
	return text[:len(text)-len(l.Value())]
}

// quoteOpen reports whether a quote lacks its other half: nobody finds a parameter
// that is put after it, and adding one would never come to an end.
func quoteOpen(l *ical.Line) bool { return l.Faults()&ical.FaultSyntax != 0 }

// each calls f for a component and everything below it, time zones excepted.
// It recurses; ical.Limits bounds the depth.
func each(comp *ical.Component, f func(*ical.Component)) {
	if comp == nil || comp.Name == "VTIMEZONE" {
		return
	}
	f(comp)
	for _, it := range comp.Items {
		if it.Sub != nil {
			each(it.Sub, f)
		}
	}
}

// drop takes out the properties that match and that Found lets go. It is
// linear however many there are.
func (c *Object) drop(level Level, comp *ical.Component, match func(*ical.Line) bool) {
	comp.Items = slices.DeleteFunc(comp.Items, func(it ical.Item) bool {
		return it.Prop != nil && match(it.Prop) &&
			c.Found(found(level, comp, it.Prop.Name(), it.Prop.Text(), ""))
	})
}

// leave records a finding that is left alone, and why.
func (c *Object) leave(f Finding, why string) {
	f.Note, f.After = why, ""
	c.Found(f)
}
