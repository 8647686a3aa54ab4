package remedy

// resentLoop reports a meeting that a mailing list passed on.
func resentLoop() *Remedy {
	return &Remedy{
		ID:      "resent-loop",
		Summary: "report a meeting that comes through a mailing list",
		Why:     "A list passes an invitation on in its own name. Answers go to whoever the mail program takes for the organizer, and the organizer does not know who got it.",
		Source:  "gnus notes in commercial-emacs#103; RFC 2919",
		Never:   true,
		Run: func(c *Case) {
			if c.Mail.List == "" || !c.fromOrganizer() {
				return
			}
			for _, ev := range c.schedulable() {
				if l := ev.First("ORGANIZER"); l != nil && isMailto(l.Value()) && !names(l, c.Mail.author()) {
					c.leave(found(Info, ev, "ORGANIZER", ev.Value("ORGANIZER"), ""), "it came through the list "+c.Mail.List)
					return
				}
			}
		},
	}
}
