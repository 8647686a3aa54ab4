package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// summaryMissing names a cancellation or an answer after the subject of its
// mail. A request without a summary is the organizer's choice.
func summaryMissing() *Remedy {
	return &Remedy{
		ID:       "summary-missing",
		Summary:  "add a SUMMARY from the subject to a CANCEL or REPLY without one",
		Why:      "Old CalDAV servers omit the title in responses and cancellations. Users then see a cancellation without a subject.",
		Source:   "sabre-io/vobject#123; RFC 5546 §3.2.3, §3.2.5",
		Profiles: []Profile{Standard},
		Facets:   FacetSummary,
		Run: func(c *Object) {
			subject := strings.TrimSpace(c.Mail.Subject)
			if method := c.Method(); subject == "" || method != "CANCEL" && method != "REPLY" {
				return
			}
			for _, ev := range c.Cal.Items {
				if ev.Sub == nil || ev.Sub.Name != "VEVENT" && ev.Sub.Name != "VTODO" || ev.Sub.Has("SUMMARY") || !ev.Sub.Has("UID") {
					continue
				}
				after := ical.EscapeText(strings.Map(noControl, subject))
				if c.Found(found(Warning, ev.Sub, "SUMMARY", "", after)) {
					ev.Sub.Add(ical.NewLine("SUMMARY", after))
				}
			}
		},
	}
}
