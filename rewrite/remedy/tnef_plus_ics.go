package remedy

// tnefPlusIcs drops the winmail.dat of a mail that has a calendar, for
// receivers who cannot read it. One with a file that the mail has nowhere else
// stays: some receivers have a program that opens it.
func tnefPlusIcs() *Remedy {
	return &Remedy{
		ID:       "tnef-plus-ics",
		Summary:  "remove winmail.dat beside a calendar",
		Why:      "For all programs except Outlook, a meeting that is sent both as TNEF and as a calendar has a useless file; and once the calendar has been repaired, the two may differ.",
		Source:   "mixed sites of Exchange 5.5 and 2000",
		Profiles: notMicrosoft(),
		Stage:    Structure,
		Run: func(c *Object) {
			if inv, _ := c.Shape.invitation(); inv == nil {
				return
			}
			c.Shape.walk(func(n, parent *Node) {
				if parent == nil || !n.tnef() || len(parent.Children) < 2 {
					return
				}
				f := messageFound(Warning, "Content-Type", n.MediaType, "")
				if n.Alone != nil {
					if what := n.Alone(); what != "" {
						c.leave(f, "it holds "+what+", which is nowhere else in the mail")
						return
					}
				}
				if c.Found(f) {
					c.Shape.remove(n, parent)
				}
			})
		},
	}
}
