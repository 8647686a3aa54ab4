package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// summaryMultiline joins the lines of a SUMMARY.
func summaryMultiline() *Remedy {
	return &Remedy{
		ID:       "summary-multiline",
		Summary:  "write a SUMMARY of several lines on one line",
		Why:      "Zimbra's lists and dialogs break when the title of a meeting has several lines.",
		Source:   "Zimbra Invite",
		Profiles: []Profile{Zimbra},
		Looks:    []string{"\\ SUMMARY"},
		Run: func(c *Object) {
			if c.Cal == nil {
				return
			}
			for _, it := range c.Cal.Items {
				if it.Sub == nil {
					continue
				}
				l := it.Sub.First("SUMMARY")
				if l == nil || !strings.Contains(l.Value(), `\`) {
					continue
				}
				plain := ical.UnescapeText(l.Value())
				if !strings.Contains(plain, "\n") {
					continue
				}
				after := ical.EscapeText(strings.Join(strings.Fields(plain), " "))
				if c.Found(found(Info, it.Sub, "SUMMARY", l.Value(), after)) {
					l.SetValue(after)
				}
			}
		},
	}
}
