package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// squiggle takes the line of stars and tildes out of a description.
//
// QUIRK(exchange): squiggle. Exchange puts it between its own words about time
// and place and those of the organizer; Outlook takes it out again.
func squiggle() *Remedy {
	const mark = "*~*~*~*~*~*~*~*~*~*"
	return &Remedy{
		ID:       "squiggle",
		Summary:  "remove the separator line " + mark + " from DESCRIPTION",
		Why:      "Exchange separates its own text from the organizer's by a line of stars and tildes that only Outlook recognises; all other programs show it.",
		Source:   "Zimbra bug 31234",
		Profiles: []Profile{Domino, Google, Apple, Zimbra, Sabre},
		Facets:   FacetDescription,
		Looks:    []string{"* DESCRIPTION"},
		Run: func(c *Object) {
			if c.Cal == nil {
				return
			}
			for _, it := range c.Cal.Items {
				if it.Sub == nil {
					continue
				}
				l := it.Sub.First("DESCRIPTION")
				if l == nil || !strings.Contains(l.Value(), mark) {
					continue
				}
				after := withoutLine(l.Value(), mark)
				if after != l.Value() && c.Found(found(Info, it.Sub, "DESCRIPTION", mark, "")) {
					l.SetValue(after)
				}
			}
		},
	}
}

// withoutLine takes each line that is nothing but mark out of an escaped text,
// together with the empty line that follows it.
func withoutLine(value, mark string) string {
	text := strings.Split(ical.UnescapeText(value), "\n")
	kept := make([]string, 0, len(text))
	gone := false
	for _, line := range text {
		trimmed := strings.TrimSpace(line)
		if gone = trimmed == mark || gone && trimmed == ""; !gone {
			kept = append(kept, line)
		}
	}
	if len(kept) == len(text) {
		return value
	}
	return ical.EscapeText(strings.Join(kept, "\n"))
}
