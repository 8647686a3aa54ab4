package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// altDescOctets is the length from which X-ALT-DESC is said to confuse Apple's
// programs: several kilobytes.
const altDescOctets = 4096

// altDescLong drops a long HTML description where there is a plain one.
//
// QUIRK(apple): alt-desc-long.
func altDescLong() *Remedy {
	return &Remedy{
		ID:       "alt-desc-long",
		Summary:  "remove a very long X-ALT-DESC; DESCRIPTION stays",
		Why:      "Outlook repeats the description as many kilobytes of HTML. Apple's calendar fails to process it and does not show the meeting.",
		Source:   "Zimbra bug 37140; Thunderbird bug 577220",
		Profiles: []Profile{Apple},
		Looks:    []string{"X-ALT-DESC"},
		Run: func(c *Object) {
			if c.Cal == nil {
				return
			}
			for _, it := range c.Cal.Items {
				if it.Sub == nil || strings.TrimSpace(it.Sub.Value("DESCRIPTION")) == "" {
					continue
				}
				c.drop(Warning, it.Sub, func(l *ical.Line) bool {
					return l.Name() == "X-ALT-DESC" && len(l.Value()) >= altDescOctets
				})
			}
		},
	}
}
