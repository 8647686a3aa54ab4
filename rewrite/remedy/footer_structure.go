package remedy

// footerStructure reports a mail that somebody wrapped to add a text.
func footerStructure() *Remedy {
	return &Remedy{
		ID:      "footer-structure",
		Summary: "report a text that was added after the alternatives with the calendar",
		Why:     "Mailing lists and disclaimers wrap a message to add their text. The invitation is then no longer the top-level part, and Outlook may not show its buttons.",
		Source:  "mailcow-dockerized#5546",
		Never:   true,
		Stage:   Structure,
		Run: func(c *Object) {
			_, alt := c.Shape.invitation()
			root := c.Shape.Root
			if alt == nil || alt.MediaType != "multipart/alternative" || root.MediaType != "multipart/mixed" || len(root.Children) != 2 || root.Children[0] != alt {
				return
			}
			if n := root.Children[1]; !n.attached() && (n.MediaType == "text/plain" || n.MediaType == "text/html") {
				c.leave(messageFound(Info, "multipart/mixed", root.outline(), ""), "the text belongs to the program that added it")
			}
		},
	}
}
