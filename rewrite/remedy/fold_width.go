package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// foldWidth folds lines at 75 octets that were folded elsewhere.
//
// QUIRK(outlook): fold-width. Outlook 2003 is said to take exactly 75 octets.
// Lines folded earlier than that are left as they are: everybody reads them.
func foldWidth() *Remedy {
	return &Remedy{
		ID:       "fold-width",
		Summary:  "fold lines at 75 octets",
		Why:      "Some senders count characters instead of octets, or fold at 76 or 998. Outlook 2003 is reported to read only lines of up to 75 octets.",
		Source:   "ical4j-user-guide cuas.md; u01jmg3/ics-parser#141",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			c.respell(spelling{
				level: Info,
				fault: ical.FaultLong,
				also:  (*ical.Line).Folded,
				what:  "folded beyond 75 octets",
				after: "folded at 75 octets",
			})
		},
	}
}
