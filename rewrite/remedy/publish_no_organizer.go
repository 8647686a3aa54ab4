package remedy

// publishNoOrganizer reports a publication that does not say whose it is
// (RFC 5546 §3.2.1 wants it). Who publishes is not always who sends.
func publishNoOrganizer() *Remedy {
	return &Remedy{
		ID:      "publish-no-organizer",
		Summary: "report PUBLISH without ORGANIZER",
		Why:     "Web sites publish events without an organizer. Cyrus treats such a calendar as a file without a method; others show it.",
		Source:  "cyrus-imapd jmap_calendar.c; RFC 5546 §3.2.1",
		Never:   true,
		Looks:   []string{"METHOD:PUBLISH"},
		Run: func(c *Object) {
			if c.Method() != "PUBLISH" {
				return
			}
			for _, ev := range c.schedulable() {
				if !ev.Has("ORGANIZER") {
					c.leave(found(Info, ev, "ORGANIZER", "", ""), "the message does not show who owns the event")
				}
			}
		},
	}
}
