package remedy

import "strings"

// mailtoQuote takes the apostrophes off an address.
func mailtoQuote() *Remedy {
	return &Remedy{
		ID:       "mailto-quote",
		Summary:  "remove apostrophes around the address of a mailto URI",
		Why:      "Outlook keeps the apostrophes around an address that was typed or pasted. No account has that address, so the attendee is not recognised.",
		Source:   "ical4j AttendeePropertyRule",
		Profiles: []Profile{Standard},
		Looks:    []string{"'"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				for _, it := range ev.Items {
					l := person(it)
					if l == nil {
						continue
					}
					addr, ok := mailbox(l.Value())
					if !ok || len(addr) < 2 || addr[0] != '\'' || addr[len(addr)-1] != '\'' {
						continue
					}
					uri, ok := mailtoURI(strings.Trim(addr, "'"))
					if ok && c.Found(found(Warning, ev, l.Name(), l.Value(), uri)) {
						l.SetValue(uri)
					}
				}
			}
		},
	}
}
