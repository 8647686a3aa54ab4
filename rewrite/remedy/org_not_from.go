package remedy

// orgNotFrom names the author of a mail that is not the organizer as the one
// who sent it for him (RFC 5545 §3.2.18). The ORGANIZER itself is the identity
// of the meeting and stays.
func orgNotFrom() *Remedy {
	return &Remedy{
		ID:       "org-not-from",
		Summary:  "add SENT-BY with the author of the message to an ORGANIZER that is another person",
		Why:      "Delegates, Teams and Google's calendars send for an organizer whose address is not that of the author. Strict receivers refuse an update from another author.",
		Source:   "tutanota#11148; cyrus-imapd #3965; gromox 2728442bd; RFC 5545 §3.2.18",
		Profiles: []Profile{Standard},
		OptIn:    true,
		Looks:    []string{"ORGANIZER"},
		Run: func(c *Object) {
			author := c.Mail.author()
			if !bareAddress(author) || !c.fromOrganizer() {
				return
			}
			for _, ev := range c.schedulable() {
				l := ev.First("ORGANIZER")
				if l == nil || hasOddPiece(l) || quoteOpen(l) {
					continue
				}
				_, ok := mailbox(l.Value())
				if _, by := l.Param("SENT-BY"); by || !ok || names(l, author) {
					continue
				}
				uri := mailtoScheme + author
				f := found(Info, ev, "ORGANIZER", l.Text(), "SENT-BY="+uri)
				if c.invited(author) {
					c.leave(f, "the author of the message is an attendee, who may have forwarded it")
				} else if c.Found(f) {
					l.SetParam("SENT-BY", uri)
				}
			}
		},
	}
}
