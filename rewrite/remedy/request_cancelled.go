package remedy

import "strings"

// requestCancelled makes a cancellation of a request for what is cancelled.
// That is opt-in: the method is the sender's to choose, and he may have meant
// to tell and not to cancel. It is done only where every component is
// cancelled and the mail comes from the organizer himself.
func requestCancelled() *Remedy {
	return &Remedy{
		ID:       "request-cancelled",
		Summary:  "change METHOD:REQUEST to METHOD:CANCEL where everything has STATUS:CANCELLED",
		Why:      "Programs built on CDO cancel a meeting by a request with STATUS:CANCELLED. An attendee who accepts it gets the meeting back, others keep it; only METHOD:CANCEL removes it.",
		Source:   "KB 913093; cal.diy#29706; nextcloud/server#46719; RFC 5546 §3.2.2",
		Profiles: []Profile{Standard},
		OptIn:    true,
		Facets:   FacetMethod,
		Looks:    []string{"METHOD:REQUEST STATUS"},
		Run: func(c *Object) {
			if c.Method() != "REQUEST" {
				return
			}
			for _, ev := range c.schedulable() {
				if isCancelled(ev.Value("STATUS")) {
					cancelRequest(c)
					return
				}
			}
		},
	}
}

func isCancelled(status string) bool {
	return strings.EqualFold(strings.TrimSpace(status), "CANCELLED")
}

// cancelRequest makes a cancellation of a request of which a component is
// cancelled, or says why not.
func cancelRequest(c *Object) {
	f := found(Error, c.Cal, "METHOD", "REQUEST", "CANCEL")
	switch {
	case !allCancelled(c):
		c.leave(f, "not everything in it is cancelled")
		return
	case !byOrganizer(c):
		c.leave(f, "the message does not come from the organizer")
		return
	}
	if c.Found(f) {
		c.Cal.First("METHOD").SetValue("CANCEL")
	}
}

// byOrganizer reports whether the author or the sender of the mail is the
// organizer of every component.
func byOrganizer(c *Object) bool {
	for _, it := range c.schedulable() {
		uri := it.Value("ORGANIZER")
		if !isMailto(uri) || !sameMailbox(uri, c.Mail.author()) && (c.Mail.Sender == nil || !sameMailbox(uri, c.Mail.Sender.Address)) {
			return false
		}
	}
	return true
}
