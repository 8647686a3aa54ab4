package remedy

import (
	"slices"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// rdateWithoutExdate excludes an occurrence that was moved to an RDATE. Only an
// exception that says so proves the move. What Exchange 2007 makes of the
// exception then is known from one implementation only, so it is opt-in.
func rdateWithoutExdate() *Remedy {
	return &Remedy{
		ID:       "rdate-without-exdate",
		Summary:  "add the EXDATE of an occurrence that was moved to an RDATE",
		Why:      "If a program writes a moved occurrence as an additional date and does not exclude the old one, Outlook 2007 ignores both the rule and the dates.",
		Source:   "Zimbra 013c6baf66",
		Profiles: []Profile{Exchange2007},
		OptIn:    true,
		Facets:   FacetOccurrences,
		Looks:    []string{"RDATE RECURRENCE-ID"},
		Run: func(c *Object) {
			eachException(c, func(x exception) {
				master := c.master(x.ev)
				to, ok := c.moment(x.ev.First("DTSTART"))
				if !ok || !to.known || !x.id.known || !master.Has("RRULE") || to.instant.Equal(x.id.instant) {
					return
				}
				if !lists(c, master, "RDATE", to) || lists(c, master, "EXDATE", x.id) {
					return
				}
				cut, ok := like(c, x.start, x.id.instant)
				if !ok || !c.Found(found(Warning, master, "EXDATE", "", show(cut, x.start.tzid))) {
					return
				}
				l := ical.NewLine("EXDATE", cut.String())
				write(l, cut, x.startAt.ParamValue("TZID"))
				master.InsertAfter(master.First("RDATE"), l)
			})
		},
	}
}

// lists reports whether a property of that name has the instant.
func lists(c *Object, comp *ical.Component, name string, m moment) bool {
	for _, l := range comp.Lines(name) {
		if slices.ContainsFunc(ical.SplitList(l.Value()), func(v string) bool {
			other, ok := c.momentOf(v, l.ParamValue("TZID"))
			return ok && other.known && other.instant.Equal(m.instant)
		}) {
			return true
		}
	}
	return false
}
