package remedy

import "strings"

// rsvpAfterReply drops RSVP for attendees who have answered.
//
// QUIRK(apple): rsvp-after-reply.
func rsvpAfterReply() *Remedy {
	return &Remedy{
		ID:       "rsvp-after-reply",
		Summary:  "remove RSVP of attendees who have responded",
		Why:      "Exchange and Zimbra keep asking attendees who have responded. Apple's calendar shows the meeting as unanswered.",
		Source:   "Zimbra bug 40833; DavMail fixAttendees",
		Profiles: []Profile{Apple},
		Facets:   FacetAttendees,
		Looks:    []string{";RSVP"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				for _, it := range ev.Items {
					l := attendee(it)
					if l == nil {
						continue
					}
					if _, asks := l.Param("RSVP"); !asks || !Answered(l.ParamValue("PARTSTAT")) {
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

// Answered reports whether a PARTSTAT means that the attendee has answered. An
// unknown value means NEEDS-ACTION (RFC 5545 §3.2.12).
func Answered(partstat string) bool {
	switch strings.ToUpper(strings.TrimSpace(partstat)) {
	case "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED", "COMPLETED", "IN-PROCESS":
		return true
	}
	return false
}
