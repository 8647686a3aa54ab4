package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// xUnknownLong drops private properties of many kilobytes. X-ALT-DESC has a
// remedy of its own, which looks whether there is a plain description; what
// Apple writes Apple reads.
//
// QUIRK(apple): x-unknown-long.
func xUnknownLong() *Remedy {
	return &Remedy{
		ID:       "x-unknown-long",
		Summary:  "remove X- properties of more than 4 KB",
		Why:      "Outlook and Exchange keep blocks of data for Teams and Skype in private properties. Apple's calendar fails to process very long ones and does not show the meeting.",
		Source:   "Zimbra bug 37140",
		Profiles: []Profile{Apple},
		Run: func(c *Object) {
			dropEverywhere(c, Warning, func(l *ical.Line) bool {
				return len(l.Value()) >= altDescOctets && strings.HasPrefix(l.Name(), "X-") && l.Name() != "X-ALT-DESC" && !strings.HasPrefix(l.Name(), "X-APPLE-")
			})
		},
	}
}
