package remedy

// addMethod reports METHOD:ADD. As a REQUEST it would have to repeat the whole
// series, which is not in the message.
func addMethod() *Remedy {
	return &Remedy{
		ID:      "add-method",
		Summary: "report METHOD:ADD",
		Why:     "Few calendar programs implement METHOD:ADD. Most ignore it or show the added date as a new meeting.",
		Source:  "CalConnect, recurrence problems and recommendations, 2.2; RFC 5546 §3.2.4",
		Never:   true,
		Looks:   []string{"METHOD:ADD"},
		Run: func(c *Object) {
			if c.Method() == "ADD" {
				c.leave(found(Warning, c.Cal, "METHOD", c.Cal.Value("METHOD"), ""), "to write it in another way, the whole series is required")
			}
		},
	}
}
