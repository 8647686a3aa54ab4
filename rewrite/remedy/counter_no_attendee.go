package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// counterNoAttendee says in a counter proposal who makes it (RFC 5546 §3.2.7):
// the author of the mail.
func counterNoAttendee() *Remedy {
	return &Remedy{
		ID:       "counter-no-attendee",
		Summary:  "add ATTENDEE to a COUNTER without one, from the From field of the message",
		Why:      "Old Zimbra versions propose another time without naming the attendee. Outlook 2007 cannot read such a message at all.",
		Source:   "Zimbra CalendarUtils; RFC 5546 §3.2.7",
		Profiles: []Profile{Standard},
		Facets:   FacetAttendees,
		Looks:    []string{"METHOD:COUNTER"},
		Run: func(c *Object) {
			if c.Method() != "COUNTER" || anyAttendee(c) {
				return
			}
			author := strings.ToLower(c.Mail.author())
			for _, ev := range c.schedulable() {
				if ev.Name != "VEVENT" && ev.Name != "VTODO" {
					continue
				}
				f := found(Error, ev, "ATTENDEE", "", "")
				uri, ok := mailtoURI(author)
				switch {
				case !ok:
					c.leave(f, "the message does not have exactly one author whose address can be written in a calendar")
				case c.invited(author):
					c.leave(f, "the author of the message is the organizer")
				default:
					addProposer(c, ev, f, uri)
				}
			}
		},
	}
}

func addProposer(c *Object, ev *ical.Component, f Finding, uri string) {
	l := ical.NewLine("ATTENDEE", uri)
	if name := strings.TrimSpace(c.Mail.From[0].Name); name != "" {
		l.SetParam("CN", name)
	}
	if f.After = l.Text(); c.Found(f) {
		ev.Add(l)
	}
}
