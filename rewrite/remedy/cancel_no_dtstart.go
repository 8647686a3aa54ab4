package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// cancelNoDtstart completes a cancellation that says no more than which meeting it
// is about, from the invitation that is remembered. What is there stays.
func cancelNoDtstart() *Remedy {
	return &Remedy{
		ID:       "cancel-no-dtstart",
		Summary:  "add start, end, subject and place to a cancellation that has no start, from the invitation in the ledger",
		Why:      "Notes, old Zimbra and others cancel a meeting by its UID alone. Outlook shows an empty item for it; Exchange and servers built on sabre need a start and an end.",
		Source:   "Zimbra bugs 6566 and 100011; vobject issue 284",
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences | FacetSummary | FacetLocation,
		Looks:    []string{"METHOD:CANCEL"},
		Run: func(c *Object) {
			if c.Memory == nil || c.Method() != "CANCEL" {
				return
			}
			for _, ev := range c.schedulable() {
				if ev.Name == "VEVENT" && !ev.Has("DTSTART") && !ev.Has("RECURRENCE-ID") && occurrenceSign(ev) == "" {
					complete(c, ev)
				}
			}
		},
	}
}

// complete adds what the invitation says. Times are written in UTC, so that no
// zone has to be declared; a series keeps its dates by its UID.
func complete(c *Object, ev *ical.Component) {
	was, last := invitation(c, ev)
	if last == nil || last.Has("RECURRENCE-ID") {
		return
	}
	var lines []*ical.Line
	for _, name := range []string{"DTSTART", "DTEND"} {
		m, ok := was.moment(last.First(name))
		if !ok {
			continue
		}
		l := ical.NewLine(name, "")
		switch {
		case m.Form == ical.Date:
			write(l, m.DateTime, "")
		case m.known:
			write(l, ical.DateTime{Wall: m.instant.UTC(), Form: ical.UTC}, "")
		default:
			continue
		}
		lines = append(lines, l)
	}
	if len(lines) == 0 || lines[0].Name() != "DTSTART" {
		return
	}
	for _, name := range []string{"DURATION", "SUMMARY", "LOCATION"} {
		if l := last.First(name); l != nil && !ev.Has(name) && (name != "DURATION" || len(lines) == 1) {
			lines = append(lines, ical.NewLine(name, l.Value(), l.Params()...))
		}
	}
	if c.Found(found(Warning, ev, "DTSTART", "", lines[0].Value())) {
		ev.Add(lines...)
	}
}
