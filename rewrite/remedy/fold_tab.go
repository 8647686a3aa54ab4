package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// foldTab starts continuation lines with a blank.
//
// QUIRK(outlook): fold-tab. Outlook 2007 starts them with a TAB, which RFC 5545
// §3.1 allows and some parsers do not know.
func foldTab() *Remedy {
	return &Remedy{
		ID:       "fold-tab",
		Summary:  "start folded lines with a blank instead of a tab",
		Why:      "Outlook 2007 folds with a tab. Parsers that only know the blank take the rest of the line for a property without a name.",
		Source:   "ical4j-user-guide cuas.md; Zimbra testTabWrappedLine",
		Profiles: []Profile{Standard},
		Run: func(c *Case) {
			c.respell(spelling{
				level: Warning,
				fault: ical.FaultFoldTab,
				what:  "folded with a tab",
				after: "folded with a blank",
			})
		},
	}
}
