package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// foldLF ends the parts of folded lines in CRLF.
func foldLF() *Remedy {
	return &Remedy{
		ID:       "fold-lf",
		Summary:  "end folded lines in CRLF",
		Why:      "A fold that ends in LF or CR alone is not a fold to a strict parser: the rest of the line is lost or becomes an unknown property.",
		Source:   "RFC 5545 §3.1; ical4j-user-guide cuas.md",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			c.respell(spelling{
				level: Warning,
				fault: ical.FaultEndLF | ical.FaultEndCR,
				also:  (*ical.Line).Folded,
				what:  "folded with LF or CR alone",
				after: "CRLF",
			})
		},
	}
}
