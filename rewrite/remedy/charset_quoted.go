package remedy

// charsetQuoted writes the charset parameter without quotes where none are
// needed (RFC 2045 §5.1: both spellings mean the same).
func charsetQuoted() *Remedy {
	return &Remedy{
		ID:       "charset-quoted",
		Summary:  "write charset=utf-8 without quotes",
		Why:      "Exchange quotes the character set. Simple parsers (an old Kopano) read the quotes as part of the name and do not recognise it.",
		Source:   "Kopano e27721230; RFC 2045 §5.1",
		Profiles: []Profile{Standard},
		Stage:    Part,
		Run: func(c *Object) {
			if !c.Part.Bare && c.Part.Quoted && c.Found(partFound(Info, "charset", `"`+c.Part.Charset+`"`, c.Part.Charset)) {
				c.Part.Quoted = false
			}
		},
	}
}
