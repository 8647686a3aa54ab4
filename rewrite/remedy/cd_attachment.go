package remedy

// cdAttachment shows the invitation inside multipart/alternative inline. A
// calendar that is attached beside the text stays an attachment.
func cdAttachment() *Remedy {
	return &Remedy{
		ID:       "cd-attachment",
		Summary:  "set the disposition to inline for the calendar inside multipart/alternative",
		Why:      "Evolution, Apple Mail and Gmail show a file without buttons when the invitation is marked as an attachment.",
		Source:   "nextcloud/mail issue 10416; SwiftMail pull request 176; PHPMailer issue 175",
		Profiles: []Profile{Standard},
		Stage:    Part,
		Run: func(c *Object) {
			if !c.Part.Alternative || c.Part.Disposition != "attachment" || !isMethod(c.Method()) {
				return
			}
			if c.Found(partFound(Warning, "Content-Disposition", "attachment", "inline")) {
				c.Part.Disposition = "inline"
			}
		},
	}
}
