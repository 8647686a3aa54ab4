package remedy

import "strings"

// partstatMissing writes down what a missing PARTSTAT means (RFC 5545
// §3.2.12). In an answer it is the answer, and nobody may guess that.
func partstatMissing() *Remedy {
	return &Remedy{
		ID:       "partstat-missing",
		Summary:  "add PARTSTAT=NEEDS-ACTION to the attendees of a request",
		Why:      `Minimal senders omit whether an attendee has responded. It means "not yet", but some servers (Cyrus) fail when the parameter is missing.`,
		Source:   "cyrus-imapd f947dd749c; MS-OXCICAL ROLE (b75dacb7); RFC 5545 §3.2.12",
		Profiles: []Profile{Standard},
		Looks:    []string{"METHOD:REQUEST ATTENDEE"},
		Run: func(c *Object) {
			if c.Method() != "REQUEST" {
				return
			}
			for _, ev := range c.schedulable() {
				if ev.Name == "VFREEBUSY" {
					continue
				}
				for _, it := range ev.Items {
					l := attendee(it)
					if l == nil || quoteOpen(l) {
						continue
					}
					if hasPartstat(head(l)) {
						continue
					}
					if _, ok := l.Param("STATUS"); ok {
						continue // an answer in words that vcal-expect does not know
					}
					if _, ok := l.Param("PARTSTAT"); ok || strings.Contains(l.Value(), ";") {
						continue // with a semicolon, parameters may have been taken for the address
					}
					if c.Found(found(Info, ev, "ATTENDEE", l.Value(), "PARTSTAT=NEEDS-ACTION")) {
						l.SetParam("PARTSTAT", "NEEDS-ACTION")
					}
				}
			}
		},
	}
}

// hasPartstat reports whether there surely is a PARTSTAT: a quick answer that
// spares most lines the reading of their parameters.
func hasPartstat(head string) bool {
	before, _, ok := strings.Cut(head, ";PARTSTAT=")
	return ok && strings.Count(before, `"`)%2 == 0
}
