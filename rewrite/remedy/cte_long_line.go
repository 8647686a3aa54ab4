package remedy

// cteLongLine writes the body of a part anew in its transfer encoding, with lines
// of at most 76 octets (RFC 2045 §6.7, §6.8): the same text in other lines.
func cteLongLine() *Remedy {
	return &Remedy{
		ID:       "cte-long-line",
		Summary:  "break the overlong lines of a calendar in base64 or quoted-printable",
		Why:      "Some programs write a base64 calendar on one line. SMTP allows 998 octets: the next server replies 500 line too long, or cuts the line and the meeting with it. Old gateways cut quoted-printable lines beyond 76 octets.",
		Source:   "bulwarkmail/webmail#638; Foundry376/Mailspring-Sync PR 133; RFC 2045 §6.7, §6.8; RFC 5321 §4.5.3.1.6",
		Profiles: []Profile{Standard},
		Stage:    Part,
		Run: func(c *Object) {
			if !c.Part.LongLines {
				return
			}
			level, before := Error, "a line of more than 998 octets"
			if c.Part.Encoding != "base64" {
				level, before = Warning, "a line of more than 76 octets"
			}
			if c.Found(partFound(level, "Content-Transfer-Encoding", c.Part.Encoding+": "+before, c.Part.Encoding+": lines of at most 76 octets")) {
				c.Part.LongLines = false
			}
		},
	}
}
