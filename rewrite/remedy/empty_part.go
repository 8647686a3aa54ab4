package remedy

// emptyPart drops files without content from a meeting mail.
//
// QUIRK(exchange2003): empty-part.
func emptyPart() *Remedy {
	return &Remedy{
		ID:       "empty-part",
		Summary:  "remove an attachment without a body",
		Why:      "Scanners that remove attachments leave their header fields. Exchange 2000 then tries to convert the meeting forever, and no later message is delivered.",
		Source:   "KB 309214",
		Profiles: []Profile{Exchange2003},
		Stage:    Structure,
		Run: func(c *Object) {
			if inv, _ := c.Shape.invitation(); inv == nil {
				return
			}
			c.Shape.walk(func(n, parent *Node) {
				if parent != nil && n.Empty && n.attached() && len(parent.Children) > 1 &&
					c.Found(messageFound(Error, "Content-Type", n.MediaType+" "+n.Filename, "")) {
					c.Shape.remove(n, parent)
				}
			})
		},
	}
}
