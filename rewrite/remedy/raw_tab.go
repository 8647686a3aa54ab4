package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// rawTab replaces TABs inside lines by blanks.
//
// QUIRK(exchange2003): raw-tab. RFC 5545 §3.1 allows them; but a TAB that a
// later fold puts at the start of a line is taken for the fold.
func rawTab() *Remedy {
	return &Remedy{
		ID:       "raw-tab",
		Summary:  "replace tabs in texts by spaces",
		Why:      "Exchange 2003 leaves tabs in descriptions. A relay or parser that folds or unfolds there reads the tab as the mark of a folded line and loses it, or the line.",
		Source:   "DavMail sample of Exchange 2003",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			editText(c, Info, ical.FaultTab, "a space for each tab", func(_ *ical.Line, s string) string {
				return strings.ReplaceAll(s, "\t", " ")
			})
		},
	}
}
