package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// bareLF ends lines in CRLF.
//
// QUIRK(domino): bare-lf. Notes also writes files with CR alone.
func bareLF() *Remedy {
	return &Remedy{
		ID:       "bare-lf",
		Summary:  "end lines in CRLF",
		Why:      "Lines that end in LF alone make Exchange Online bounce the mail (550 5.6.11 BareLinefeedsAreIllegal); with CR alone the whole calendar is one line to most programs.",
		Source:   "KB 2998901; cyrus-imapd #5050; RFC 5545 §3.1",
		Profiles: []Profile{Standard},
		Run: func(c *Case) {
			c.respell(spelling{
				level: Warning,
				fault: ical.FaultEndLF | ical.FaultEndCR,
				what:  "ended by LF or CR alone",
				after: "CRLF",
			})
		},
	}
}
