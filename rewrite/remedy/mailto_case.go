package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// mailtoCase writes the scheme of mailto URIs in lower case.
func mailtoCase() *Remedy {
	sentBy := ical.WordOf(";SENT-BY")
	return &Remedy{
		ID:       "mailto-case",
		Summary:  "write mailto: in lower case",
		Why:      "Exchange and Notes write MAILTO:. Programs that compare the scheme as text do not recognise the address, and so do not find their user among the attendees.",
		Source:   "sabre-io/vobject#114; RFC 3986 §3.1",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			others := c.Doc.Holds(sentBy)
			if !others && plainPeople(c) {
				return
			}
			for _, ev := range c.schedulable() {
				for _, it := range ev.Items {
					l := person(it)
					if l == nil {
						continue
					}
					v := lowerScheme(l.Value())
					if v == l.Value() && !others {
						continue
					}
					p, _ := l.Param("SENT-BY")
					by := lowerScheme(p.Value())
					if v == l.Value() && (by == p.Value() || len(p.Values) != 1) {
						continue
					}
					if !c.Found(found(Info, ev, l.Name(), l.Value(), v)) {
						continue
					}
					l.SetValue(v)
					if len(p.Values) == 1 && by != p.Value() {
						l.SetParam("SENT-BY", by)
					}
				}
			}
		},
	}
}

// lowerScheme returns a mailto URI with its scheme in lower case.
func lowerScheme(uri string) string {
	if strings.HasPrefix(uri, mailtoScheme) {
		return uri
	}
	if addr, ok := mailbox(uri); ok {
		return mailtoScheme + addr
	}
	return uri
}
