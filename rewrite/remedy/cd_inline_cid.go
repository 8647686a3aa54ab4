package remedy

// cdInlineCid takes Content-ID and the disposition off an invitation that
// nothing in the mail refers to.
func cdInlineCid() *Remedy {
	return &Remedy{
		ID:       "cd-inline-cid",
		Summary:  "remove Content-ID and the disposition inline of a calendar that nothing refers to",
		Why:      "PHPMailer marks the calendar like a picture in the text. Thunderbird then shows no invitation.",
		Source:   "PHPMailer issue 175; RFC 2392",
		Profiles: []Profile{Standard},
		Stage:    Part,
		Run: func(c *Object) {
			p := c.Part
			if p.Bare || p.ContentID == "" || p.Referred || p.Disposition != "inline" || !isMethod(c.Method()) {
				return
			}
			if c.Found(partFound(Warning, "Content-ID", "<"+p.ContentID+">", "")) {
				c.Part.ContentID, c.Part.Disposition = "", ""
			}
		},
	}
}
