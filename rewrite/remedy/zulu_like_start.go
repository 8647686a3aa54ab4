package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// zuluLikeStart writes the dates of a series with or without Z as its DTSTART is
// written, where the time of day is that of DTSTART: only then both mean an
// occurrence of the series. Times in a zone are another matter; see
// exdate-floating, rdate-floating and rid-floating.
func zuluLikeStart() *Remedy {
	return &Remedy{
		ID:       "zulu-like-start",
		Summary:  "write EXDATE, RDATE and RECURRENCE-ID with or without Z, as DTSTART is",
		Why:      "A time in UTC matches no occurrence of a series without a zone, and the reverse: excluded dates reappear and changes create a second meeting.",
		Source:   "sebbo2002/ical-generator issue 442; RFC 5545 §3.8.4.4, §3.8.5.1",
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences | FacetRecurrence,
		Looks:    []string{"EXDATE", "RDATE", "RECURRENCE-ID"},
		Run: func(c *Object) {
			for _, name := range [...]string{"EXDATE", "RDATE"} {
				eachDates(c, name, func(d datesOf) {
					repairDates(c, Error, d, func(m moment) (ical.DateTime, bool, string) { return likeStart(d.start, m) })
				})
			}
			eachException(c, func(x exception) {
				after, wanted, why := likeStart(x.start, x.id)
				switch {
				case why != "":
					c.leave(found(Error, x.ev, "RECURRENCE-ID", x.id.String(), ""), why)
				case wanted:
					replaceID(c, x, after, "")
				}
			})
		},
	}
}

// likeStart returns a date with the Z of its series, or without.
func likeStart(start, m moment) (after ical.DateTime, wanted bool, why string) {
	floats := func(m moment) bool { return m.Form == ical.Local && m.tzid == "" }
	switch {
	case !(floats(start) && m.Form == ical.UTC) && !(start.Form == ical.UTC && floats(m)):
		return m.DateTime, false, ""
	case m.clock() != start.clock():
		return m.DateTime, false, "one of DTSTART and this date is in UTC, the other has no zone, and their times of day differ"
	}
	return ical.DateTime{Wall: m.Wall, Form: start.Form}, true, ""
}
