package remedy

import (
	"iter"
	"slices"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// schedulable yields the components that Items lists without building a list.
// The loop must not add or take away components.
func (c *Case) schedulable() iter.Seq[*ical.Component] {
	return func(yield func(*ical.Component) bool) {
		if c.Cal == nil {
			return
		}
		for _, it := range c.Cal.Items {
			if it.Sub != nil && isSchedulable(it.Sub.Name) && !yield(it.Sub) {
				return
			}
		}
	}
}

func isSchedulable(name string) bool {
	switch name {
	case "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY":
		return true
	}
	return false
}

// lines yields the properties of that name (upper case) without building a
// list. The loop must not add or take away properties.
func lines(ev *ical.Component, name string) iter.Seq[*ical.Line] {
	return func(yield func(*ical.Line) bool) {
		for _, it := range ev.Items {
			if it.Prop != nil && it.Prop.Name() == name && !yield(it.Prop) {
				return
			}
		}
	}
}

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
func (c *Case) drop(level Level, comp *ical.Component, match func(*ical.Line) bool) {
	comp.Items = slices.DeleteFunc(comp.Items, func(it ical.Item) bool {
		return it.Prop != nil && match(it.Prop) &&
			c.Found(found(level, comp, it.Prop.Name(), it.Prop.Text(), ""))
	})
}

// leave records a finding that is left alone, and why.
func (c *Case) leave(f Finding, why string) {
	f.Note, f.After = why, ""
	c.Found(f)
}
