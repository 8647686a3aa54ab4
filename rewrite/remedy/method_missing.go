package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// methodMissing copies the method parameter of the part into the calendar. A
// calendar without either is a file and no iMIP message (RFC 6047 §2.4).
func methodMissing() *Remedy {
	return &Remedy{
		ID:       "method-missing",
		Summary:  "copy METHOD from the method parameter of the part",
		Why:      "The header of the part marks it as an invitation, but the calendar does not. Outlook and Exchange show an unsupported calendar file, Gmail a plain attachment, and Notes ignores it.",
		Source:   "RFC 6047 §2.4; ical4j issue 529; Cyrus lmtp_sieve",
		Profiles: []Profile{Standard},
		Facets:   FacetMethod,
		Run: func(c *Object) {
			method := strings.ToUpper(strings.TrimSpace(c.Part.Method))
			if c.Cal == nil || c.Method() != "" || !isMethod(method) {
				return
			}
			if hasInnerMethod(c) {
				return // method-in-vevent judges what is written there
			}
			if !c.Found(found(Error, c.Cal, "METHOD", "", method)) {
				return
			}
			if l := c.Cal.First("METHOD"); l != nil {
				l.SetValue(method)
				return
			}
			c.Cal.AddFirst(ical.NewLine("METHOD", method))
		},
	}
}

func hasInnerMethod(c *Object) bool {
	for _, ev := range c.schedulable() {
		if ev.Has("METHOD") {
			return true
		}
	}
	return false
}
