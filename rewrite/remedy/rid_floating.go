package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// ridFloating gives a RECURRENCE-ID without zone the zone of its series: what
// exdate-floating does for EXDATE. It names an occurrence, so its time of day
// must be one that the series has. Where the series is not in the message, as in
// most cancellations, its zone is that of the exception's own start, if that is
// the only one.
func ridFloating() *Remedy {
	return &Remedy{
		ID:       "rid-floating",
		Summary:  "give RECURRENCE-ID without a zone the zone of the series",
		Why:      "A change of one occurrence with a RECURRENCE-ID without a zone matches no occurrence of a series that has one: the change is ignored, or a second meeting appears.",
		Source:   "ical4j issue 85; RFC 5545 §3.8.4.4",
		Profiles: []Profile{Standard},
		Facets:   FacetRecurrence,
		Looks:    []string{"RECURRENCE-ID"},
		Run: func(c *Object) {
			eachException(c, func(x exception) {
				if x.id.Form != ical.Local || x.id.tzid != "" || x.start.tzid == "" {
					return
				}
				if master := c.master(x.ev); x.id.clock() != x.start.clock() && oncePerDay(master) {
					c.leave(found(Error, x.ev, "RECURRENCE-ID", x.id.String(), ""), "it has no zone, and no occurrence of its series begins at this time of day: the sender has to name the occurrence as the series does")
					return
				}
				replaceID(c, x, x.id.DateTime, x.start.tzid)
			})
			eachLoneException(c, func(x exception) {
				if x.id.Form != ical.Local || x.id.tzid != "" {
					return
				}
				switch {
				case x.start.tzid != "" && isOnlyZone(c, x.start.tzid):
					replaceID(c, x, x.id.DateTime, x.start.tzid)
				case x.start.Form == ical.UTC && x.start.Wall.Equal(x.id.Wall):
					replaceID(c, x, x.start.DateTime, "")
				case x.start.tzid != "" || x.start.Form == ical.UTC:
					c.leave(found(Error, x.ev, "RECURRENCE-ID", x.id.String(), ""), "it has no zone, and the series, whose zone it must have, is not in the message: the sender has to name the occurrence as the series does")
				}
			})
		},
	}
}

// isOnlyZone reports whether all times of the calendar that have a zone have
// this one.
func isOnlyZone(c *Object, tzid string) bool {
	only := true
	eachZoned(c, func(_ *ical.Component, _ *ical.Line, other string) { only = only && other == tzid })
	return only
}
