package remedy

import "strings"

// partstatReset reports an attendee who answered, as X-REPLYTIME tells, and is
// listed as if he had not. An organizer may ask for the answers anew (RFC 5546
// §3.2.2.1).
func partstatReset() *Remedy {
	return &Remedy{
		ID:      "partstat-reset",
		Summary: "report attendees who responded and are asked again",
		Why:     "Exchange lists all attendees as NEEDS-ACTION in an update, also those who have responded. Calendars that show the list lose the responses, which iTIP allows.",
		Source:  "Group-Office test data; Zimbra bug 26404; RFC 5546 §3.2.2.1",
		Never:   true,
		Looks:   []string{"METHOD:REQUEST ;X-REPLYTIME"},
		Run: func(c *Object) {
			if c.Method() != "REQUEST" {
				return
			}
			for _, ev := range c.schedulable() {
				for _, it := range ev.Items {
					l := attendee(it)
					if l == nil || Answered(l.ParamValue("PARTSTAT")) {
						continue
					}
					if at := l.ParamValue("X-REPLYTIME"); len(at) >= 8 && !strings.HasPrefix(at, "1601") {
						c.leave(found(Info, ev, "ATTENDEE", l.Text(), ""), "the organizer may ask again")
					}
				}
			}
		},
	}
}
