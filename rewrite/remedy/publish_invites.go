package remedy

import "strings"

// publishInvites makes a request of a publication that asks its reader for an
// answer. That is opt-in: the method is the sender's to choose. It is done only
// where the mail comes from the organizer and each of those whom it goes to is
// an attendee who has not answered and is asked to (RSVP=TRUE).
func publishInvites() *Remedy {
	return &Remedy{
		ID:       "publish-invites",
		Summary:  "change METHOD:PUBLISH to METHOD:REQUEST where the recipients are attendees who are asked to respond",
		Why:      "Some programs invite with METHOD:PUBLISH. A publication is for reading: receivers show no buttons, and nobody can respond.",
		Source:   "RFC 5546 §3.2.1, which does not allow ATTENDEE in it; MS-OXCICAL 2.1.3.1.1.1",
		Profiles: []Profile{Standard},
		OptIn:    true,
		Facets:   FacetMethod,
		Looks:    []string{"METHOD:PUBLISH ATTENDEE"},
		Run: func(c *Object) {
			if c.Method() != "PUBLISH" || !asksForAnswer(c) {
				return
			}
			f := found(Warning, c.Cal, "METHOD", "PUBLISH", "REQUEST")
			switch to := addressees(c); {
			case !byOrganizer(c):
				c.leave(f, "the message does not come from the organizer")
				return
			case len(to) == 0:
				c.leave(f, "the recipients of the message are not known")
				return
			default:
				for _, a := range to {
					if !asked(c, a) {
						c.leave(f, "not every recipient is an attendee who is asked to respond")
						return
					}
				}
			}
			if c.Found(f) {
				c.Cal.First("METHOD").SetValue("REQUEST")
			}
		},
	}
}

// asksForAnswer reports whether a component has an organizer, and an attendee who
// is asked to answer him.
func asksForAnswer(c *Object) bool {
	for _, ev := range c.schedulable() {
		if !ev.Has("ORGANIZER") {
			return false
		}
	}
	return asked(c, "")
}

// asked reports whether that address, or anybody for "", is an attendee who is
// asked to answer and has not done so.
func asked(c *Object, addr string) bool {
	for _, ev := range c.schedulable() {
		for _, it := range ev.Items {
			l := attendee(it)
			if l == nil || !strings.EqualFold(l.ParamValue("RSVP"), "TRUE") {
				continue
			}
			said := l.ParamValue("PARTSTAT")
			a, ok := mailbox(l.Value())
			if ok && (addr == "" || strings.EqualFold(a, addr)) && (said == "" || strings.EqualFold(said, "NEEDS-ACTION")) {
				return true
			}
		}
	}
	return false
}
