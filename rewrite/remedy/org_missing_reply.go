package remedy

// orgMissingReply adds the ORGANIZER that an answer needs (RFC 5546 §3.2.3):
// the only recipient of the mail. On the way in to our own Exchange a proposal
// gets it, too.
//
// QUIRK(exchange): org-missing-reply. Exchange 2007 and later never write it.
func orgMissingReply() *Remedy {
	return &Remedy{
		ID:       "org-missing-reply",
		Summary:  "add ORGANIZER to a response that goes to one recipient",
		Why:      "Exchange and Microsoft 365 omit ORGANIZER from their responses. Nextcloud refuses such a response, and the organizer never sees it.",
		Source:   "nextcloud/server#53949; cyrus-imapd #4169; RFC 5546 §3.2.3",
		Profiles: []Profile{Standard},
		Facets:   FacetOrganizer,
		Looks:    []string{"METHOD:REPLY", "METHOD:COUNTER"},
		Run: func(c *Object) {
			if m := c.Method(); m != "REPLY" && (m != "COUNTER" || c.Direction != Inbound) {
				return
			}
			for _, ev := range c.schedulable() {
				if !ev.Has("ORGANIZER") {
					addOrganizer(c, ev)
				}
			}
		},
	}
}
