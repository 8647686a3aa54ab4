package remedy

// resentLoop reports a meeting that a mailing list passed on.
func resentLoop() *Remedy {
	return &Remedy{
		ID:      "resent-loop",
		Summary: "report a meeting that comes through a mailing list",
		Why:     "A mailing list sends an invitation under its own name. Responses go to the address that the mail program uses as organizer, and the organizer does not know who got the invitation.",
		Source:  "gnus notes in commercial-emacs#103; RFC 2919",
		Never:   true,
		Run: func(c *Object) {
			if c.Mail.List == "" || !c.fromOrganizer() {
				return
			}
			for _, ev := range c.schedulable() {
				if l := ev.First("ORGANIZER"); l != nil && isMailto(l.Value()) && !names(l, c.Mail.author()) {
					c.leave(found(Info, ev, "ORGANIZER", ev.Value("ORGANIZER"), ""), "it was sent through the mailing list "+c.Mail.List)
					return
				}
			}
		},
	}
}
