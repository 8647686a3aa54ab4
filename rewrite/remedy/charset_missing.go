package remedy

// charsetMissing names the character set of a calendar that has none.
func charsetMissing() *Remedy {
	return &Remedy{
		ID:       "charset-missing",
		Summary:  "add charset=utf-8 where the part names no character set",
		Why:      "A text without a charset parameter is ASCII. Exchange omits the parameter although names and subjects are UTF-8, and receivers show them garbled.",
		Source:   "RFC 6047 §2.4; SOGo 6ec002f; Kopano VMIMEToMAPI",
		Profiles: []Profile{Standard},
		Stage:    Octets,
		Run: func(c *Object) {
			if c.Part.Bare || charsetOf(c) != "" || c.octetFacts().ascii || !looksCalendar(c.Octets) || invalidOctets(c.Octets) > 0 {
				return
			}
			if c.Found(Finding{Level: Warning, Component: "part", Property: "Content-Type", After: "charset=utf-8"}) {
				c.Part.Charset = "utf-8"
			}
		},
	}
}
