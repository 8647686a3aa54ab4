package remedy

import "strings"

// orgNoScheme makes a bare address the URI that RFC 5545 §3.3.3 asks for.
func orgNoScheme() *Remedy {
	return &Remedy{
		ID:       "org-no-scheme",
		Summary:  "put mailto: before a bare address in ORGANIZER and ATTENDEE",
		Why:      "PHP libraries write the address without a scheme. Exchange reads only mailto URIs and loses the person.",
		Source:   "markuspoerschke/iCal#109; MS-OXCICAL ORGANIZER (088b8ca4); RFC 5545 §3.3.3",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			if plainPeople(c) {
				return
			}
			for _, ev := range c.schedulable() {
				for _, it := range ev.Items {
					l := person(it)
					if l == nil {
						continue
					}
					bare := withoutSMTP(strings.TrimSpace(l.Value()))
					if strings.IndexByte(bare, ':') >= 0 {
						continue
					}
					uri, ok := mailtoURI(bare)
					if ok && c.Found(found(Error, ev, l.Name(), l.Value(), uri)) {
						l.SetValue(uri)
					}
				}
			}
		},
	}
}

// withoutSMTP takes away the name of the kind of address that Exchange writes in
// its directory before a mail address.
func withoutSMTP(v string) string {
	const kind = "smtp:"
	if len(v) > len(kind) && strings.EqualFold(v[:len(kind)], kind) {
		return v[len(kind):]
	}
	return v
}
