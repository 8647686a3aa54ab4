package ledger

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Copy is one component in a message to one recipient.
type Copy struct {
	Record    *Record
	Component *Component
	Delivery  *Delivery
}

// passed reports whether the recipient has it, as far as we know.
func (c Copy) passed() bool { return c.Delivery.Verdict == "delivered" && c.Delivery.Bounced.IsZero() }

func (c Copy) cancels() bool { return c.Component.MethodSent == "CANCEL" }

// toAttendees are the methods by which an organizer tells of a meeting (RFC 5546
// §1.4).
var toAttendees = []string{"REQUEST", "CANCEL", "ADD", "PUBLISH"}

// order puts copies into the order of their revisions, as the organizer wrote
// them: by DTSTAMP, then by the number, and a cancellation after what it cancels.
// RFC 5546 §2.1.5 has the number first; but programs that count wrongly stamp
// rightly, and those that copy a stamp count (see remedy.Memory, which goes by the
// same). It is 0 for two copies of one revision.
func order(a, b Copy) int {
	x, y := a.Component, b.Component
	return cmp.Or(cmp.Compare(x.stamp(), y.stamp()), cmp.Compare(x.number(), y.number()), compareBool(a.cancels(), b.cancels()))
}

// newer is order, and for copies of one revision by when they passed.
func newer(a, b Copy) int {
	return cmp.Or(order(a, b), a.Record.Time.Compare(b.Record.Time), strings.Compare(a.Record.ID, b.Record.ID), strings.Compare(a.Delivery.Attendee, b.Delivery.Attendee))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// covers reports whether who has a needs b no more: it is the same revision, a
// later one, or says the same with the same number.
func covers(a, b Copy) bool {
	x, y := a.Component, b.Component
	return order(a, b) >= 0 || x.MethodSent == y.MethodSent && x.number() == y.number() && x.Digest != "" && x.Digest == y.Digest
}

// view is one meeting, or one occurrence of it, as the organizer told of it
// through here.
type view struct {
	meeting    *Meeting
	occurrence string
	copies     []Copy // the oldest revision first
	series     []Copy // of an occurrence: those of the series
}

// outgoing returns the copies that left us for attendees, by occurrence.
func (m *Meeting) outgoing() map[string][]Copy {
	by := map[string][]Copy{}
	for _, r := range m.Records {
		if r.Inbound {
			continue
		}
		for i := range r.Components {
			c := &r.Components[i]
			if !slices.Contains(toAttendees, c.MethodSent) {
				continue
			}
			for k := range r.Deliveries {
				by[c.Occurrence] = append(by[c.Occurrence], Copy{r, c, &r.Deliveries[k]})
			}
		}
	}
	for _, list := range by {
		slices.SortFunc(list, newer)
	}
	return by
}

// views returns the series first, then the occurrences that are not part of a
// later revision of it.
func (m *Meeting) views() []view {
	by := m.outgoing()
	var list []view
	series := by[""]
	if len(series) > 0 {
		list = append(list, view{meeting: m, copies: series})
	}
	var names []string
	for name := range by {
		if name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		copies := by[name]
		last := copies[len(copies)-1]
		if len(series) > 0 {
			newest := series[len(series)-1]
			if order(newest, last) > 0 || newest.Record.ID == last.Record.ID || sentTogether(series, last) && order(newest, last) == 0 {
				continue
			}
		}
		list = append(list, view{m, name, copies, series})
	}
	return list
}

// sentTogether reports whether a message brought both the series and this.
func sentTogether(series []Copy, c Copy) bool {
	return slices.ContainsFunc(series, func(s Copy) bool { return s.Record.ID == c.Record.ID })
}

// attendees are those whom a copy was tried for, in their order.
func attendees(copies []Copy) []string {
	var list []string
	for _, c := range copies {
		list = append(list, c.Delivery.Attendee)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// names reports whether the calendar names an attendee.
func (c Copy) names(address string) bool {
	return slices.ContainsFunc(c.Component.Attendees, func(a Attendee) bool { return a.Address == address })
}

// firstPassed is when the first copy of the revision of c passed for anybody,
// else when the first was tried.
func (v view) firstPassed(c Copy) time.Time {
	var tried, passed time.Time
	for _, o := range v.copies {
		if order(o, c) != 0 {
			continue
		}
		if tried.IsZero() || o.Record.Time.Before(tried) {
			tried = o.Record.Time
		}
		if o.Delivery.Verdict == "delivered" && (passed.IsZero() || o.Record.Time.Before(passed)) {
			passed = o.Record.Time
		}
	}
	if passed.IsZero() {
		return tried
	}
	return passed
}
