package remedy

import "strings"

// rsvpAfterReply drops RSVP for attendees who have answered.
//
// QUIRK(apple): rsvp-after-reply.
func rsvpAfterReply() *Remedy {
	return &Remedy{
		ID:       "rsvp-after-reply",
		Summary:  "drop RSVP of attendees who have answered",
		Why:      "Exchange and Zimbra keep asking for an answer from those who gave one. Apple's calendar shows the meeting as unanswered.",
		Source:   "Zimbra bug 40833; DavMail fixAttendees",
		Profiles: []Profile{Apple},
		Facets:   FacetAttendees,
		Looks:    []string{";RSVP"},
		Run: func(c *Case) {
			for _, ev := range c.schedulable() {
				for _, it := range ev.Items {
					l := attendee(it)
					if l == nil {
						continue
					}
					stat := l.ParamValue("PARTSTAT")
					if _, asks := l.Param("RSVP"); !asks || stat == "" || strings.EqualFold(stat, "NEEDS-ACTION") {
						continue
					}
					if c.Found(found(Info, ev, "ATTENDEE", "RSVP="+l.ParamValue("RSVP"), "")) {
						l.DelParam("RSVP")
					}
				}
			}
		},
	}
}
