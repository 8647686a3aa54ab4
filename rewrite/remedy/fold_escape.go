package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// foldEscape keeps a backslash together with the character that it escapes.
func foldEscape() *Remedy {
	return &Remedy{
		ID:       "fold-escape",
		Summary:  "keep escapes such as \\n on one line",
		Why:      "A fold between the backslash and the letter makes Outlook show a stray backslash.",
		Source:   "collective/icalendar#87",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			c.respell(spelling{
				level: Warning,
				fault: ical.FaultFoldEscape,
				what:  "folded inside an escape",
				after: "folded beside escapes",
			})
		},
	}
}
