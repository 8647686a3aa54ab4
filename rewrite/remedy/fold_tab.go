package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// foldTab starts continuation lines with a blank.
//
// QUIRK(outlook): fold-tab. Outlook 2007 starts them with a TAB, which RFC 5545
// §3.1 allows and some parsers do not know.
func foldTab() *Remedy {
	return &Remedy{
		ID:       "fold-tab",
		Summary:  "start folded lines with a space instead of a tab",
		Why:      "Outlook 2007 folds with a tab. Parsers that accept only a space read the rest of the line as a property without a name.",
		Source:   "ical4j-user-guide cuas.md; Zimbra testTabWrappedLine",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			c.respell(spelling{
				level: Warning,
				fault: ical.FaultFoldTab,
				what:  "folded with a tab",
				after: "folded with a space",
			})
		},
	}
}
