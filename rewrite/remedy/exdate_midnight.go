package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// exdateMidnight gives an EXDATE at midnight the time of day of its series: what
// rid-midnight does for RECURRENCE-ID. A series with one occurrence a day has
// none at midnight, so only the day can be meant.
func exdateMidnight() *Remedy {
	return &Remedy{
		ID:       "exdate-midnight",
		Summary:  "give an EXDATE at midnight the time of its series",
		Why:      "Programs that identify an excluded occurrence by its day write midnight as the time. Then no occurrence is excluded, and the cancelled one stays.",
		Source:   "Zimbra bugs 61159 and 62042 for RECURRENCE-ID; RFC 5545 §3.8.5.1",
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences,
		Looks:    []string{"EXDATE RRULE"},
		Run: func(c *Object) {
			eachDates(c, "EXDATE", func(d datesOf) {
				if d.start.Form != ical.Local || d.start.clock() == 0 || !oncePerDay(d.ev) {
					return
				}
				repairDates(c, Error, d, func(m moment) (ical.DateTime, bool, string) {
					if m.Form != ical.Local || m.clock() != 0 || m.tzid != "" && !m.sameZone(d.start) {
						return m.DateTime, false, ""
					}
					return ical.DateTime{Wall: m.Wall.Add(d.start.clock()), Form: ical.Local}, true, ""
				})
			})
		},
	}
}
