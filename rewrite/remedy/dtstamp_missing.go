package remedy

import (
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// dtstampMissing adds the DTSTAMP that RFC 5545 §3.6.1 requires: the date of
// the mail, else the time of the repair.
func dtstampMissing() *Remedy {
	return &Remedy{
		ID:       "dtstamp-missing",
		Summary:  "add DTSTAMP from the Date field of the message",
		Why:      "DTSTAMP is required, and it decides between two messages with the same SEQUENCE. Outlook refuses a meeting without it.",
		Source:   "ical4j user guide, cuas.md; RFC 5545 §3.8.7.2; RFC 5546 §2.1.5",
		Profiles: []Profile{Standard},
		Facets:   FacetStamp,
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				l := ev.First("DTSTAMP")
				if l != nil && strings.TrimSpace(l.Value()) != "" {
					continue
				}
				after := ical.DateTime{Wall: c.stamp(), Form: ical.UTC}.String()
				if c.Found(found(Error, ev, "DTSTAMP", "", after)) {
					setOrAdd(ev, "DTSTAMP", after)
				}
			}
		},
	}
}

// stamp returns when the mail was written: its Date field, or the time of
// repair when there is none or when it is not to be believed.
func (c *Object) stamp() time.Time {
	if d := c.Mail.Date; d.Year() >= 1980 && d.Before(c.Now.Add(24*time.Hour)) {
		return d.UTC()
	}
	return c.Now.UTC()
}
