package remedy

import "github.com/reconvene/reconvene/rewrite/mime"

// charsetMissing names the character set of a calendar that has none.
func charsetMissing() *Remedy {
	return &Remedy{
		ID:       "charset-missing",
		Summary:  "say charset=utf-8 where the part names no character set",
		Why:      "Without a charset parameter a text is ASCII. Exchange leaves it out although names and subjects are UTF-8, and receivers show them as gibberish.",
		Source:   "RFC 6047 §2.4; SOGo 6ec002f; Kopano VMIMEToMAPI",
		Profiles: []Profile{Standard},
		Stage:    Octets,
		Run: func(c *Case) {
			if c.Part.Bare || c.charset() != "" || mime.ASCII(c.Octets) || !looksCalendar(c.Octets) || invalidOctets(c.Octets) > 0 {
				return
			}
			if c.Found(Finding{Level: Warning, Component: "part", Property: "Content-Type", After: "charset=utf-8"}) {
				c.Part.Charset = "utf-8"
			}
		},
	}
}
