package remedy

import (
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// dtendBeforeStart lets a meeting end when it starts where it ended before
// (RFC 5545 §3.8.2.2). It runs before anything is added for the sake of the
// meeting's zone.
func dtendBeforeStart() *Remedy {
	return &Remedy{
		ID:       "dtend-before-start",
		Summary:  "set DTEND to DTSTART where it is earlier",
		Why:      "grommunio and Zimbra refuse a meeting that ends before it starts, and others do so once they know its zone. The real end is not known.",
		Source:   "gromox E-2795; Zimbra Invite.sanitize; RFC 5545 §3.8.2.2",
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences,
		Looks:    []string{"DTSTART DTEND"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				l := ev.First("DTEND")
				start, ok := c.moment(ev.First("DTSTART"))
				end, also := c.moment(l)
				if !ok || !also || !endsBefore(end, start) {
					continue
				}
				after := start.DateTime
				if start.Form == ical.Date {
					after.Wall = after.Wall.Add(24 * time.Hour)
				}
				if c.Found(found(Error, ev, "DTEND", show(end.DateTime, end.tzid), show(after, start.tzid))) {
					write(l, after, ev.First("DTSTART").ParamValue("TZID"))
				}
			}
		},
	}
}

// endsBefore reports whether an end is before a start for certain.
func endsBefore(end, start moment) bool {
	switch {
	case (end.Form == ical.Date) != (start.Form == ical.Date):
		return false
	case end.known && start.known:
		return end.instant.Before(start.instant)
	}
	return end.sameZone(start) && end.Wall.Before(start.Wall)
}
