package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// cdoOwnerapptid drops an empty appointment number. A negative one is valid:
// -1 says that there is none.
func cdoOwnerapptid() *Remedy {
	return &Remedy{
		ID:       "cdo-ownerapptid",
		Summary:  "remove an empty X-MICROSOFT-CDO-OWNERAPPTID",
		Why:      "Exchange looks a meeting up by this number first. An empty value is not a number, and strict parsers fail on it.",
		Source:   "ximian-connector docs/icalendar; Zimbra Invite (empty properties)",
		Profiles: []Profile{Standard},
		Looks:    []string{"X-MICROSOFT-CDO-OWNERAPPTID"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				c.drop(Info, ev, func(l *ical.Line) bool {
					return l.Name() == "X-MICROSOFT-CDO-OWNERAPPTID" && strings.TrimSpace(l.Value()) == ""
				})
			}
		},
	}
}
