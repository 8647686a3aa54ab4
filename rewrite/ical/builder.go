package ical

import (
	"strings"
	"sync"
)

// builder makes the tree of a document out of its lines. What is in the
// open components is kept in one list until they are closed, so that the list
// of each component is made once and in its size.
type builder struct {
	at      *Component // the innermost open component
	depth   int        // how many are open, the root not counted
	pending []Item     // what is in them
	starts  []int      // where in pending the content of each begins
	room    *[]Item    // where pending came from
}

// rooms are lists for pending that were used before, for nearly every text
// needs one of about the same size.
var rooms = sync.Pool{New: func() any { return new([]Item) }}

// maxRoom is the largest list that is kept.
const maxRoom = 4096

func newBuilder(root *Component) *builder {
	room := rooms.Get().(*[]Item)
	return &builder{at: root, pending: (*room)[:0], room: room}
}

// free gives the list back, without what it refers to.
func (b *builder) free() {
	if all := b.pending[:cap(b.pending)]; len(all) <= maxRoom {
		clear(all)
		*b.room = all[:0]
		rooms.Put(b.room)
	}
}

func (b *builder) add(it Item) { b.pending = append(b.pending, it) }

// begin opens a component. It first leaves the one that cannot hold it because
// both stand directly in what encloses them: its END is missing.
func (b *builder) begin(l *Line) {
	name := componentName(l)
	for c, n := b.at, 1; c.parent != nil; c, n = c.parent, n+1 {
		if siblings(c.Name, name) {
			b.leave(n)
			break
		}
	}
	sub := &Component{Name: name, Begin: l, parent: b.at}
	b.add(Item{Sub: sub})
	b.at = sub
	b.depth++
	b.starts = append(b.starts, len(b.pending))
}

// close leaves the innermost open component that the END line names, and with
// it what is still open inside. An END that fits nothing stays where it is as a
// line with FaultSyntax.
func (b *builder) close(l *Line) {
	name := componentName(l)
	for c, n := b.at, 1; c.parent != nil; c, n = c.parent, n+1 {
		if c.Name == name {
			c.End = l
			b.leave(n)
			return
		}
	}
	l.fault |= FaultSyntax
	b.add(Item{Prop: l})
}

// leave leaves the innermost n components.
func (b *builder) leave(n int) {
	for range n {
		b.depth--
		start := b.starts[b.depth]
		b.starts = b.starts[:b.depth]
		b.at.Items = exact(b.pending[start:])
		b.pending = b.pending[:start]
		b.at = b.at.parent
	}
}

// end leaves whatever is open at the end of the text.
func (b *builder) end() {
	b.leave(b.depth)
	b.at.Items = exact(b.pending)
}

// exact returns a copy with no room to spare; nil for nothing.
func exact(items []Item) []Item {
	if len(items) == 0 {
		return nil
	}
	out := make([]Item, len(items))
	copy(out, items)
	return out
}

func componentName(l *Line) string { return strings.ToUpper(strings.TrimSpace(l.value)) }

// siblings reports whether neither of two components can stand inside the other
// (RFC 5545 §3.4, §3.6).
func siblings(a, b string) bool {
	if a == "VCALENDAR" || b == "VCALENDAR" {
		return a == b
	}
	return inCalendar(a) && inCalendar(b)
}

func inCalendar(name string) bool {
	switch name {
	case "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE":
		return true
	}
	return false
}
