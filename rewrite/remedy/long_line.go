package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// longLine folds lines that are longer than SMTP carries.
func longLine() *Remedy {
	return &Remedy{
		ID:       "long-line",
		Summary:  "fold lines of more than 998 octets",
		Why:      "SMTP allows 998 octets in a line. Servers refuse longer ones or break them, and a line of a calendar that is broken is lost.",
		Source:   "RFC 5322 §2.1.1; RFC 5321 §4.5.3.1.6",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			c.respell(spelling{
				level: Error,
				fault: ical.FaultHuge,
				what:  "of more than 998 octets",
				after: "folded at 75 octets",
			})
		},
	}
}
