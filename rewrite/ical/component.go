package ical

import (
	"slices"
	"strings"
)

// Component is one BEGIN:…/END:… block (RFC 5545 §3.6). The root of a Document is a
// Component without a name that contains the calendars and any text around them.
type Component struct {
	Name   string // upper case: VCALENDAR, VEVENT, …; "" for the root
	Begin  *Line  // nil for the root
	End    *Line  // nil where it is missing in the text; see Close
	Items  []Item // properties and sub-components in the order of the text
	parent *Component
}

// Item is a property or a sub-component: exactly one of the two is set.
type Item struct {
	Prop *Line
	Sub  *Component
}

// NewComponent makes an empty component.
func NewComponent(name string) *Component {
	name = strings.ToUpper(name)
	return &Component{Name: name, Begin: NewLine("BEGIN", name), End: NewLine("END", name)}
}

// Parent returns the enclosing component, nil for the root.
func (c *Component) Parent() *Component { return c.parent }

// First returns the first property of that name (upper case), or nil.
func (c *Component) First(name string) *Line {
	for _, it := range c.Items {
		if it.Prop != nil && it.Prop.upper == name {
			return it.Prop
		}
	}
	return nil
}

// Value returns the value of the first property of that name (upper case),
// or "".
func (c *Component) Value(name string) string {
	if l := c.First(name); l != nil {
		return l.value
	}
	return ""
}

// Has reports whether there is a property of that name (upper case).
func (c *Component) Has(name string) bool { return c.First(name) != nil }

// Lines returns the properties of that name (upper case) in order; all
// properties for "".
func (c *Component) Lines(name string) []*Line {
	var out []*Line
	for _, it := range c.Items {
		if it.Prop != nil && (name == "" || it.Prop.upper == name) {
			out = append(out, it.Prop)
		}
	}
	return out
}

// Children returns the direct sub-components of that name (upper case) in
// order; all of them for "".
func (c *Component) Children(name string) []*Component {
	var out []*Component
	for _, it := range c.Items {
		if it.Sub != nil && (name == "" || it.Sub.Name == name) {
			out = append(out, it.Sub)
		}
	}
	return out
}

// Walk calls f for the component and everything below it, parents first. The
// tree must not be changed meanwhile.
func (c *Component) Walk(f func(*Component)) {
	var room [32]*Component // enough for most trees without an allocation
	todo := append(room[:0], c)
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		f(at)
		for i := len(at.Items) - 1; i >= 0; i-- {
			if sub := at.Items[i].Sub; sub != nil {
				todo = append(todo, sub)
			}
		}
	}
}

// Add inserts properties after the last property and before the first sub-component
// that follows it. Text that is not a content line stays after the property that
// precedes it, since it may be the rest of its value.
func (c *Component) Add(l ...*Line) {
	at := 0
	for i, it := range c.Items {
		if it.Prop != nil && (it.Prop.upper != "" || it.Prop.fault&FaultBlank == 0) {
			at = i + 1
		}
	}
	items := make([]Item, len(l))
	for i := range l {
		items[i].Prop = l[i]
	}
	c.Items = slices.Insert(c.Items, at, items...)
}

// AddFirst inserts a property after BEGIN.
func (c *Component) AddFirst(l *Line) { c.insert(0, Item{Prop: l}) }

// InsertAfter inserts a property after another one of the same component; at the end
// of the properties when that one is not there.
func (c *Component) InsertAfter(ref, l *Line) {
	for i, it := range c.Items {
		if ref != nil && it.Prop == ref {
			c.insert(i+1, Item{Prop: l})
			return
		}
	}
	c.Add(l)
}

// AddChild appends a sub-component.
func (c *Component) AddChild(sub *Component) {
	sub.parent = c
	c.insert(len(c.Items), Item{Sub: sub})
}

// InsertChild inserts a sub-component before another one; at the end when that one
// is not there.
func (c *Component) InsertChild(before, sub *Component) {
	sub.parent = c
	for i, it := range c.Items {
		if before != nil && it.Sub == before {
			c.insert(i, Item{Sub: sub})
			return
		}
	}
	c.insert(len(c.Items), Item{Sub: sub})
}

// Remove removes a property and reports whether it was there.
func (c *Component) Remove(l *Line) bool {
	return c.remove(func(it Item) bool { return l != nil && it.Prop == l })
}

// RemoveChild removes a sub-component and reports whether it was there.
func (c *Component) RemoveChild(sub *Component) bool {
	return c.remove(func(it Item) bool { return sub != nil && it.Sub == sub })
}

// RemoveIf removes every property for which match returns true, and returns their
// number.
func (c *Component) RemoveIf(match func(*Line) bool) int {
	before := len(c.Items)
	c.Items = slices.DeleteFunc(c.Items, func(it Item) bool { return it.Prop != nil && match(it.Prop) })
	return before - len(c.Items)
}

// Close adds a missing END line.
func (c *Component) Close() {
	if c.End == nil && c.parent != nil {
		c.End = NewLine("END", c.Name)
	}
}

func (c *Component) insert(at int, it Item) {
	c.Items = slices.Insert(c.Items, at, it)
}

func (c *Component) remove(match func(Item) bool) bool {
	i := slices.IndexFunc(c.Items, match)
	if i < 0 {
		return false
	}
	c.Items = slices.Delete(c.Items, i, i+1)
	return true
}
