package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// unfoldedLong folds lines that were never folded.
func unfoldedLong() *Remedy {
	return &Remedy{
		ID:       "unfolded-long",
		Summary:  "fold lines that were not folded at all",
		Why:      "RFC 5545 folds lines at 75 octets. Strict parsers refuse longer ones, and gateways that wrap long lines break them in the wrong place.",
		Source:   "RFC 5545 §3.1; bulwarkmail/webmail#200",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			c.respell(spelling{
				level: Info,
				fault: ical.FaultLong,
				also:  func(l *ical.Line) bool { return !l.Folded() },
				what:  "of more than 75 octets, not folded",
				after: "folded at 75 octets",
			})
		},
	}
}
