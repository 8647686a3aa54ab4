package remedy

// multiUID reports several meetings in one message. They would have to be sent
// as several messages, which breaks signatures and threading.
func multiUID() *Remedy {
	return &Remedy{
		ID:      "multi-uid",
		Summary: "report several meetings in one message",
		Why:     "iTIP allows one UID in a message. Exchange 2003 and Kopano turn a message with several meetings into a useless attachment.",
		Source:  "gromox a712106d2; KB 925873; RFC 5546 §3.2.2",
		Never:   true,
		Run: func(c *Object) {
			if m := c.Method(); m == "" || m == "PUBLISH" {
				return // published calendars hold as many as they like
			}
			first := ""
			for _, ev := range c.schedulable() {
				uid := ev.Value("UID")
				switch id := identity(uid); {
				case id == "":
				case first == "":
					first = id
				case id != first:
					c.leave(found(Error, ev, "UID", uid, ""), "this requires one message for each meeting")
					return
				}
			}
		},
	}
}
