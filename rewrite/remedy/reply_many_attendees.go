package remedy

import (
	"github.com/reconvene/reconvene/rewrite/ical"
)

// replyManyAttendees leaves in an answer only the attendee who wrote the mail
// (RFC 5546 §3.2.3 allows one). An answer about a delegation names two people
// with reason and is left alone.
func replyManyAttendees() *Remedy {
	return &Remedy{
		ID:       "reply-many-attendees",
		Summary:  "keep only the author of the message as attendee of a response",
		Why:      "Mail programs that know several addresses of their user list all of them in the response. Organizers' calendars then record no response at all.",
		Source:   "djcb/mu#1403; RFC 5546 §3.2.3",
		Profiles: []Profile{Standard},
		Facets:   FacetAttendees | FacetEverybody,
		Looks:    []string{"METHOD:REPLY ATTENDEE"},
		Run: func(c *Object) {
			if c.Method() != "REPLY" {
				return
			}
			for _, ev := range c.schedulable() {
				if count(ev, "ATTENDEE") < 2 {
					continue
				}
				self, why := answering(c, ev)
				if why != "" {
					c.leave(found(Error, ev, "ATTENDEE", ev.Value("ATTENDEE"), ""), why)
					continue
				}
				c.drop(Error, ev, func(l *ical.Line) bool { return l.Name() == "ATTENDEE" && l != self })
			}
		},
	}
}

// answering returns the one ATTENDEE that is the author of the mail, or why it
// is not known.
func answering(c *Object, ev *ical.Component) (self *ical.Line, why string) {
	for _, it := range ev.Items {
		l := named(it, "ATTENDEE")
		if l == nil {
			continue
		}
		_, gave := l.Param("DELEGATED-TO")
		_, took := l.Param("DELEGATED-FROM")
		if gave || took {
			return nil, "a delegation names more than one person"
		}
		if !isMailto(l.Value()) || !sameMailbox(l.Value(), c.Mail.author()) {
			continue
		}
		if self != nil {
			return nil, "the author of the message is listed more than once"
		}
		self = l
	}
	if self == nil {
		return nil, "none of them is the author of the message"
	}
	return self, ""
}
