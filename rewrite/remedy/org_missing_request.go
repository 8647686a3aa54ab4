package remedy

// orgMissingRequest adds the ORGANIZER that a request needs (RFC 5546 §3.2.2):
// the author of the mail.
func orgMissingRequest() *Remedy {
	return &Remedy{
		ID:       "org-missing-request",
		Summary:  "add ORGANIZER to a request, from the From field of the message",
		Why:      "Outlook without Exchange sends requests that do not name the organizer. Zimbra then loses the attendees, Cyrus refuses the request, and the recipient cannot respond to it.",
		Source:   "Zimbra Invite.sanitize; cyrus-imapd lmtp_sieve.c; RFC 5546 §3.2.2",
		Profiles: []Profile{Standard},
		Facets:   FacetOrganizer,
		Looks:    []string{"METHOD:REQUEST ATTENDEE"},
		Run: func(c *Object) {
			if c.Method() != "REQUEST" {
				return
			}
			for _, ev := range c.schedulable() {
				if ev.Has("ATTENDEE") && !ev.Has("ORGANIZER") {
					addOrganizer(c, ev)
				}
			}
		},
	}
}
