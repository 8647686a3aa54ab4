package remedy

import "strings"

// cdoBusystatusVsTransp makes TRANSP say what Exchange's own property says.
// It is left alone where Exchange intends another status than it shows (a
// request that is not answered yet), and outside of requests: a cancellation
// is always FREE.
func cdoBusystatusVsTransp() *Remedy {
	const busy, intended = "X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-CDO-INTENDEDSTATUS"
	return &Remedy{
		ID:       "cdo-busystatus-vs-transp",
		Summary:  "set TRANSP to TRANSPARENT when Exchange's own property is FREE",
		Why:      "Exchange marks a meeting as free in its own property and as busy in the standard one. All other programs show the time as busy.",
		Source:   "DavMail VCalendar; Zimbra 5a6ca337a5",
		Profiles: notMicrosoft(),
		Facets:   FacetStatus,
		Looks:    []string{"X-MICROSOFT-CDO-BUSYSTATUS TRANSP"},
		Run: func(c *Object) {
			if m := c.Method(); m != "REQUEST" && m != "PUBLISH" {
				return
			}
			for _, ev := range c.schedulable() {
				l := ev.First("TRANSP")
				if l == nil || !isWord(l.Value(), "OPAQUE") || !isWord(ev.Value(busy), "FREE") {
					continue
				}
				if i := ev.First(intended); i != nil && !isWord(i.Value(), "FREE") {
					continue
				}
				if c.Found(found(Warning, ev, "TRANSP", l.Value(), "TRANSPARENT")) {
					l.SetValue("TRANSPARENT")
				}
			}
		},
	}
}

// isWord compares a value with an enumerated one (RFC 5545 §2: case does not
// matter).
func isWord(value, word string) bool { return strings.EqualFold(strings.TrimSpace(value), word) }
