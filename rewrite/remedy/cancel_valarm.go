package remedy

import (
	"slices"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// cancelValarm takes alarms out of methods that must not have any (RFC 5546
// §3.2.3, §3.2.5 to §3.2.8; COUNTER may, but no receiver wants them).
func cancelValarm() *Remedy {
	return &Remedy{
		ID:       "cancel-valarm",
		Summary:  "remove VALARM from CANCEL, REPLY, COUNTER, DECLINECOUNTER and REFRESH",
		Why:      "Exchange and Apple leave the alarm in a cancellation or a response. Servers that check the rules of iTIP (Cyrus) refuse it; others alert the user to a meeting that no longer exists.",
		Source:   "cyrus-imapd ec59df259e; SOGo changelog #3925; RFC 5546 §3.2",
		Profiles: []Profile{Standard},
		Facets:   FacetAlarms,
		Looks:    []string{"METHOD:CANCEL BEGIN:VALARM", "METHOD:REPLY BEGIN:VALARM", "METHOD:COUNTER BEGIN:VALARM", "METHOD:DECLINECOUNTER BEGIN:VALARM", "METHOD:REFRESH BEGIN:VALARM"},
		Run: func(c *Object) {
			switch c.Method() {
			case "CANCEL", "REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH":
			default:
				return
			}
			for _, ev := range c.schedulable() {
				ev.Items = slices.DeleteFunc(ev.Items, func(it ical.Item) bool {
					return it.Sub != nil && it.Sub.Name == "VALARM" &&
						c.Found(found(Warning, it.Sub, "", "TRIGGER:"+it.Sub.Value("TRIGGER"), ""))
				})
			}
		},
	}
}
