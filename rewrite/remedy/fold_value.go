package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// foldValue keeps dates, times and numbers on one physical line.
//
// QUIRK(exchange2003): fold-value. Exchange 2003 folds wherever a line is
// full. That is legal; careless parsers break at it.
func foldValue() *Remedy {
	return &Remedy{
		ID:       "fold-value",
		Summary:  "fold lines before or after a date or number, not inside it",
		Why:      "Exchange 2003 folds in the middle of a date when the time zone before it has a long name. Receivers that unfold incorrectly then read half a date.",
		Source:   "DavMail and Open-Xchange samples of Exchange 2003",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			c.respell(spelling{
				level: Warning,
				fault: ical.FaultFoldValue,
				what:  "folded inside a date or number",
				after: "folded before or after it",
			})
		},
	}
}
