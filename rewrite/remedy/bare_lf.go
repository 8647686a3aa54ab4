package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// bareLF ends lines in CRLF.
//
// QUIRK(domino): bare-lf. Notes also writes files with CR alone.
func bareLF() *Remedy {
	return &Remedy{
		ID:       "bare-lf",
		Summary:  "end lines in CRLF",
		Why:      "Exchange Online refuses a message with lines that end in LF alone (550 5.6.11 BareLinefeedsAreIllegal). With CR alone, most programs read the whole calendar as one line.",
		Source:   "KB 2998901; cyrus-imapd #5050; RFC 5545 §3.1",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			c.respell(spelling{
				level: Warning,
				fault: ical.FaultEndLF | ical.FaultEndCR,
				what:  "ended by LF or CR alone",
				after: "CRLF",
			})
		},
	}
}
