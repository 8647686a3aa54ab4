package remedy

import "strings"

// uidCase writes an Exchange UID in upper case again.
func uidCase() *Remedy {
	return &Remedy{
		ID:       "uid-case",
		Summary:  "write an Exchange UID in upper case",
		Why:      "Phones and ActiveSync gateways return the UID of an Exchange meeting in lower case. Servers that compare it octet by octet no longer find the meeting that is answered, changed or cancelled.",
		Source:   "Zimbra bug 57727; MS-OXCICAL UID (ac8c1e68)",
		Profiles: []Profile{Standard},
		Facets:   FacetUID,
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				l := ev.First("UID")
				if l == nil || !isGOID(l.Value()) {
					continue
				}
				after := strings.ToUpper(l.Value())
				if after != l.Value() && c.Found(found(Error, ev, "UID", l.Value(), after)) {
					l.SetValue(after)
				}
			}
		},
	}
}
