package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// exdateType gives EXDATE the type of the DTSTART of its series (RFC 5545
// §3.8.5.1): what rid-type does for RECURRENCE-ID.
func exdateType() *Remedy {
	return &Remedy{
		ID:       "exdate-type",
		Summary:  "give EXDATE the type of DTSTART, a date or a time",
		Why:      "A date matches no occurrence of a series with times, and a time matches no occurrence of an all-day series: the cancelled occurrence stays.",
		Source:   "ical.net PR 830; RFC 5545 §3.8.5.1",
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences,
		Looks:    []string{"EXDATE"},
		Run:      func(c *Object) { giveType(c, "EXDATE") },
	}
}

// rdateType does the same for RDATE.
func rdateType() *Remedy {
	return &Remedy{
		ID:       "rdate-type",
		Summary:  "give RDATE the type of DTSTART, a date or a time",
		Why:      "If an added occurrence is a date although the series has times, it is shown at midnight, or the calendar is refused.",
		Source:   "RFC 5545 §3.8.5.2; the same defect as exdate-type",
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences,
		Looks:    []string{"RDATE"},
		Run:      func(c *Object) { giveType(c, "RDATE") },
	}
}

func giveType(c *Object, name string) {
	eachDates(c, name, func(d datesOf) {
		repairDates(c, Error, d, func(m moment) (ical.DateTime, bool, string) { return toType(c, d.ev, d.start, m) })
	})
}
