package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// rdateFloating gives an RDATE without zone the zone of DTSTART: what
// exdate-floating does for EXDATE.
func rdateFloating() *Remedy {
	return &Remedy{
		ID:       "rdate-floating",
		Summary:  "give RDATE without a zone the zone of DTSTART",
		Why:      "An additional occurrence without a zone takes place in each reader's local time although the meeting has a zone.",
		Source:   "RFC 5545 §3.8.5.2, §3.3.5; the same defect as exdate-floating",
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences,
		Looks:    []string{"RDATE"},
		Run: func(c *Object) {
			eachDates(c, "RDATE", func(d datesOf) {
				if d.start.tzid == "" {
					return
				}
				repairDates(c, Error, d, func(m moment) (ical.DateTime, bool, string) {
					return m.DateTime, m.Form == ical.Local && m.tzid == "", ""
				})
			})
		},
	}
}

// rdateZone writes an RDATE in the zone of DTSTART: the same instant, as
// exdate-zone and rid-zone do.
func rdateZone() *Remedy {
	return &Remedy{
		ID:       "rdate-zone",
		Summary:  "write RDATE in the zone of DTSTART",
		Why:      "Programs that identify an occurrence by its local time in the zone of the series do not find one that is listed in UTC or in another zone: a change of it creates a second meeting.",
		Source:   "RFC 5545 §3.8.4.4, §3.8.5.2; the same defect as exdate-zone",
		Profiles: []Profile{Standard},
		Looks:    []string{"RDATE"},
		Run: func(c *Object) {
			eachDates(c, "RDATE", func(d datesOf) {
				if d.start.Form != ical.Local || d.start.tzid == "" {
					return
				}
				repairDates(c, Warning, d, func(m moment) (after ical.DateTime, wanted bool, why string) {
					if m.Form == ical.Date || !m.known || m.sameZone(d.start) {
						return m.DateTime, false, ""
					}
					after, ok := like(c, d.start, m.instant)
					if !ok {
						return m.DateTime, false, "the zone of DTSTART is not known, or has this hour twice"
					}
					return after, true, ""
				})
			})
		},
	}
}
