package remedy

import (
	"slices"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// tzDuplicate drops a VTIMEZONE that repeats another one.
func tzDuplicate() *Remedy {
	return &Remedy{
		ID:       "tz-duplicate",
		Summary:  "remove a duplicate VTIMEZONE",
		Why:      "KOrganizer and some exports repeat a time zone; calendar servers refuse that (RFC 5545 §3.6.5 requires one for each TZID).",
		Source:   "DavMail VCalendar; RFC 5545 §3.6.5",
		Profiles: []Profile{Standard},
		Looks:    []string{"BEGIN:VTIMEZONE"},
		Run: func(c *Object) {
			if noZones(c) || len(c.Zones.All()) < 2 {
				return
			}
			var from, to time.Time
			gone := map[*ical.Component]bool{}
			for _, d := range c.Zones.All() {
				if keep := c.Zones.Declared(d.TZID); keep != d {
					f := found(Warning, d.Component, "TZID", d.TZID, "")
					if from.IsZero() {
						from, to = c.span()
					}
					if unfolded(keep.Component) != unfolded(d.Component) && !zone.Same(keep.Rules, d.Rules, from, to) {
						c.leave(f, "the two have different rules")
					} else if c.Found(f) {
						gone[d.Component] = true
					}
				}
			}
			if len(gone) > 0 {
				c.Cal.Items = slices.DeleteFunc(c.Cal.Items, func(it ical.Item) bool { return gone[it.Sub] })
				c.ResetZones()
			}
		},
	}
}
