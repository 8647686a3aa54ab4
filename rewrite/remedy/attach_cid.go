package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// attachCID drops references to other parts of the mail, which a calendar
// cannot follow once it has stored the meeting.
func attachCID() *Remedy {
	return &Remedy{
		ID:       "attach-cid",
		Summary:  "remove ATTACH that refers to a part of the message",
		Why:      "Exchange writes ATTACH:CID:… for files that are other parts of the message. In the stored meeting it is a broken link.",
		Source:   "DavMail VCalendar; RFC 5545 §3.8.1.1",
		Profiles: notMicrosoft(),
		Facets:   FacetAttachments,
		Looks:    []string{"ATTACH"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				c.drop(Info, ev, func(l *ical.Line) bool {
					v := strings.TrimSpace(l.Value())
					return l.Name() == "ATTACH" && len(v) >= 4 && strings.EqualFold(v[:4], "cid:")
				})
			}
		},
	}
}
