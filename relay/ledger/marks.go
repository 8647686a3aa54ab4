package ledger

import (
	"cmp"
	"slices"
	"strings"
)

// What is odd about a copy that was delivered.
const (
	markDuplicate  = "duplicate"    // the recipient had this revision, or this response, already
	markOutOfOrder = "out-of-order" // the recipient had a newer one already
	markLate       = "late"         // somebody else had a newer revision already
)

// Marks are the unusual copies of a meeting.
type Marks struct{ of map[markedCopy]string }

type markedCopy struct {
	component *Component
	delivery  *Delivery
}

// ofComponent returns the mark of a component as it was delivered to a recipient, or
// "".
func (k Marks) ofComponent(c *Component, d *Delivery) string { return k.of[markedCopy{c, d}] }

// OfDelivery returns the mark of a message with several components: the strongest
// one if every component has a mark, else "".
func (k Marks) OfDelivery(r *Record, d *Delivery) string {
	mark := ""
	for i := range r.Components {
		m := k.ofComponent(&r.Components[i], d)
		if m == "" {
			return ""
		}
		mark = stronger(mark, m)
	}
	return mark
}

// Marks compares each copy that was delivered with the earlier ones.
func (m *Meeting) Marks() Marks {
	k := Marks{map[markedCopy]string{}}
	for _, copies := range m.outgoing() {
		k.mark(copies, order)
	}
	for _, copies := range m.responses() {
		k.mark(copies, func(a, b Copy) int { return strings.Compare(a.Component.StampSent, b.Component.StampSent) })
	}
	return k
}

// stronger returns the more important one of two marks.
func stronger(a, b string) string {
	rank := []string{"", markDuplicate, markLate, markOutOfOrder}
	if slices.Index(rank, b) > slices.Index(rank, a) {
		return b
	}
	return a
}

// mark looks at copies of one series or occurrence, or at the responses of one
// attendee. What bounced later was delivered when the next one came.
func (k Marks) mark(copies []Copy, order func(a, b Copy) int) {
	copies = slices.DeleteFunc(slices.Clone(copies), func(c Copy) bool { return c.Delivery.Verdict != "delivered" })
	slices.SortStableFunc(copies, func(a, b Copy) int {
		return cmp.Or(a.Record.Time.Compare(b.Record.Time), order(a, b))
	})
	for i, c := range copies {
		mark := ""
		for _, b := range copies[:i] {
			own, by := b.Delivery.Attendee == c.Delivery.Attendee, order(b, c)
			switch {
			case own && by > 0:
				mark = stronger(mark, markOutOfOrder)
			case own && by == 0 && b.Record != c.Record && b.Delivery.Bounced.IsZero():
				mark = stronger(mark, markDuplicate)
			case by > 0 && names(b, c.Delivery.Attendee):
				mark = stronger(mark, markLate)
			}
		}
		if mark != "" {
			k.of[markedCopy{c.Component, c.Delivery}] = mark
		}
	}
}

// names reports whether a newer revision concerns an attendee: one that only removes
// or adds somebody else is nothing new to the others.
func names(newer Copy, attendee string) bool {
	return len(newer.Component.Attendees) == 0 || newer.names(attendee)
}

// responses returns the responses that were delivered, by who gave them and to what.
func (m *Meeting) responses() map[string][]Copy {
	by := map[string][]Copy{}
	for _, r := range m.Records {
		for i := range r.Components {
			c := &r.Components[i]
			if !isAnswer(c.MethodSent) {
				continue
			}
			who := r.Sender
			if len(c.Attendees) == 1 {
				who = c.Attendees[0].Address
			}
			for k := range r.Deliveries {
				by[who+"\n"+c.Occurrence] = append(by[who+"\n"+c.Occurrence], Copy{r, c, &r.Deliveries[k]})
			}
		}
	}
	return by
}
