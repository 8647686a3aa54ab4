package remedy

// tnefCorrupt drops a winmail.dat that nobody can read from a mail that has a
// calendar.
func tnefCorrupt() *Remedy {
	return &Remedy{
		ID:       "tnef-corrupt",
		Summary:  "remove a damaged winmail.dat beside a calendar",
		Why:      `Exchange accepts such a message and cannot store it: the sender gets "554 5.6.0 STOREDRV.Deliver; Corrupt message content" after the message was accepted. What could not be read is lost with the file, so the administrator has to decide.`,
		Source:   "KB 2694566",
		Profiles: microsoft(),
		OptIn:    true,
		Stage:    Structure,
		Run: func(c *Object) {
			if inv, _ := c.Shape.invitation(); inv == nil {
				return
			}
			c.Shape.walk(func(n, parent *Node) {
				if parent != nil && len(parent.Children) > 1 && n.Damaged != nil && n.Damaged() &&
					c.Found(messageFound(Warning, "Content-Type", n.MediaType, "")) {
					c.Shape.remove(n, parent)
				}
			})
		},
	}
}
