package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// nullException drops an exception that says what the series says.
//
// QUIRK(exchange2003): null-exception. CDO writes one for an occurrence that
// was opened and not changed.
func nullException() *Remedy {
	return &Remedy{
		ID:       "null-exception",
		Summary:  "remove an exception that does not differ from its series",
		Why:      "Exchange 2003 lists unchanged occurrences as exceptions. CalDAV clients show them twice.",
		Source:   "DavMail samples",
		Profiles: notMicrosoft(),
		Facets:   FacetComponents,
		Looks:    []string{"RECURRENCE-ID"},
		Run: func(c *Object) {
			if !c.fromMicrosoft() || c.Method() != "REQUEST" && c.Method() != "PUBLISH" {
				return
			}
			gone := map[*ical.Component]bool{}
			eachException(c, func(x exception) {
				master := c.master(x.ev)
				if !addsNothing(c, x, master) {
					return
				}
				if c.Found(found(Warning, x.ev, "RECURRENCE-ID", x.line.Text(), "")) {
					gone[x.ev] = true
				}
			})
			if len(gone) > 0 {
				c.Cal.Items = slices.DeleteFunc(c.Cal.Items, func(it ical.Item) bool { return it.Sub != nil && gone[it.Sub] })
			}
		},
	}
}

// addsNothing reports whether an exception is at the time and of the length of its
// series, and each of its lines is one of the series too. The people must be
// the same; what Exchange leaves out of exceptions may be missing.
func addsNothing(c *Object, x exception, master *ical.Component) bool {
	start, ok := c.moment(x.ev.First("DTSTART"))
	if !ok || !start.known || !x.id.known || !start.instant.Equal(x.id.instant) || !master.Has("RRULE") {
		return false
	}
	length, ok := lengthOf(c, x.ev, start)
	whole, also := lengthOf(c, master, x.start)
	if !ok || !also || length != whole || !master.Has("DTEND") && !master.Has("DURATION") {
		return false
	}
	has := map[string]int{}
	people := 0
	for _, it := range master.Items {
		if it.Prop != nil {
			has[it.Prop.Text()]++
			if it.Prop.Name() == "ATTENDEE" {
				people++
			}
		}
	}
	for _, it := range x.ev.Items {
		switch {
		case it.Sub != nil:
			return false
		case isBookkeeping(it.Prop.Name()):
		case has[it.Prop.Text()] == 0:
			return false
		case it.Prop.Name() == "ATTENDEE":
			has[it.Prop.Text()]--
			people--
		}
	}
	return people == 0 || !x.ev.Has("ATTENDEE")
}

// isBookkeeping reports whether a property differs between a series and an
// occurrence that is like it.
func isBookkeeping(name string) bool {
	switch name {
	case "DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "CREATED":
		return true
	}
	return strings.HasPrefix(name, "X-MICROSOFT-CDO-") && name != "X-MICROSOFT-CDO-BUSYSTATUS" && name != "X-MICROSOFT-CDO-ALLDAYEVENT"
}
