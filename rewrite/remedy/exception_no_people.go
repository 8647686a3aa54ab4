package remedy

import (
	"strconv"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// maxCopied bounds what exceptionNoPeople adds to one calendar, in octets: a
// long list times many exceptions must not grow without limit. What would grow
// more is left alone as a whole; a part of it would be more at every turn.
const maxCopied = 1 << 20

// exceptionNoPeople copies the people of a series to exceptions that name
// none.
//
// QUIRK(exchange): exception-no-people. Exchange writes into an exception only
// what differs from the series, while RFC 5545 §3.8.4.4 wants it complete. An
// answer is left alone: it speaks for its own attendee only.
func exceptionNoPeople() *Remedy {
	return &Remedy{
		ID:       "exception-no-people",
		Summary:  "copy ORGANIZER and ATTENDEE from the series to an exception without them",
		Why:      "Exchange omits the organizer and attendees of a changed occurrence. Calendars then treat their owner as the organizer, and send cancellations in that person's name.",
		Source:   "Zimbra bug 43195; davmail#493",
		Profiles: []Profile{Standard},
		Facets:   FacetOrganizer | FacetAttendees,
		Looks:    []string{"RECURRENCE-ID"},
		Run: func(c *Object) {
			if !c.fromOrganizer() {
				return
			}
			gaps := peopleGaps(c)
			grow := 0
			for _, g := range gaps {
				grow += g.size
			}
			for _, g := range gaps {
				f := found(Warning, g.exception, g.name, "", "from the series, "+strconv.Itoa(g.size)+" octets")
				if grow > maxCopied {
					c.leave(f, "the calendar would grow by "+strconv.Itoa(grow)+" octets")
				} else if c.Found(f) {
					copyLines(g.exception, g.master, g.name)
				}
			}
		},
	}
}

// peopleGap is a property that an exception lacks and its series has.
type peopleGap struct {
	exception, master *ical.Component
	name              string // ORGANIZER or ATTENDEE
	size              int    // octets to copy
}

func peopleGaps(c *Object) []peopleGap {
	type key struct {
		master *ical.Component
		name   string
	}
	var gaps []peopleGap
	sizes := map[key]int{} // each series is measured once
	for _, ev := range c.schedulable() {
		m := c.master(ev)
		if m == nil {
			continue
		}
		for _, name := range [...]string{"ORGANIZER", "ATTENDEE"} {
			if ev.Has(name) || name == "ATTENDEE" && c.Method() == "PUBLISH" { // RFC 5546 §3.2.1
				continue
			}
			size, known := sizes[key{m, name}]
			if !known {
				size = sizeOf(m, name)
				sizes[key{m, name}] = size
			}
			if size > 0 {
				gaps = append(gaps, peopleGap{ev, m, name, size})
			}
		}
	}
	return gaps
}

func sizeOf(ev *ical.Component, name string) int {
	n := 0
	for _, it := range ev.Items {
		l := named(it, name)
		if l == nil {
			continue
		}
		n += len(l.Text())
	}
	return n
}

// copyLines copies the properties of that name after the properties of a
// component, in one go.
func copyLines(to, from *ical.Component, name string) {
	var copies []*ical.Line
	for _, it := range from.Items {
		if l := named(it, name); l != nil {
			copies = append(copies, clone(l))
		}
	}
	to.Add(copies...)
}
