package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// paramUnquotedURI quotes parameters whose value is a URI (RFC 5545 §3.2.4 to
// §3.2.6, §3.2.11, §3.2.18). Without quotes the colon of the URI ends the
// parameters, and the rest is read as the address.
func paramUnquotedURI() *Remedy {
	return &Remedy{
		ID:       "param-unquoted-uri",
		Summary:  "quote SENT-BY, DELEGATED-TO, DELEGATED-FROM, MEMBER and DIR",
		Why:      "tine20 and old sabre versions write SENT-BY=mailto:… without quotes (or call it SEND-BY). Other programs then read two addresses as one and lose the person.",
		Source:   "tine20#4642; RFC 5545 §3.2.18",
		Profiles: []Profile{Standard},
		Facets:   FacetOrganizer | FacetAttendees,
		Looks:    []string{";SENT-BY", ";SEND-BY", ";DELEGATED-TO", ";DELEGATED-FROM", ";MEMBER", ";DIR"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				for _, it := range ev.Items {
					l := person(it)
					if l == nil {
						continue
					}
					colon := lateColon(l, uriParam)
					if colon < 0 && !slices.ContainsFunc(l.Params(), isSendBy) {
						continue
					}
					c.repair(found(Error, ev, l.Name(), l.Text(), ""), func() string {
						splitAt(l, colon)
						quoteURIs(l)
						// SENT-BY is the last one now, and may have no address
						splitAt(l, lateColon(l, uriParam))
						return l.Text()
					})
				}
			}
		},
	}
}

// uriParam reports whether the value of a parameter is a URI; SEND-BY is SENT-BY
// misspelled.
func uriParam(name string) bool {
	switch name {
	case "SENT-BY", "SEND-BY", "DELEGATED-TO", "DELEGATED-FROM", "MEMBER", "DIR":
		return true
	}
	return false
}

// isSendBy reports whether a parameter is SENT-BY misspelled. Without a value it is
// a word that stands there for nothing.
func isSendBy(p ical.Param) bool { return p.Name == "SEND-BY" && len(p.Values) > 0 }

// quoteURIs sets the parameters again; the line quotes them.
func quoteURIs(l *ical.Line) {
	values := map[string][]string{}
	for _, p := range l.Params() {
		switch name := p.Name; {
		case isSendBy(p), name == "SENT-BY":
			values["SENT-BY"] = []string{strings.Join(p.Values, ",")}
		case name == "DIR": // one URI, parted at a comma of its own
			values["DIR"] = []string{strings.Join(p.Values, ",")}
		case uriParam(name):
			values[name] = append(values[name], p.Values...)
		}
	}
	l.DelParams(isSendBy)
	for _, name := range [...]string{"SENT-BY", "DELEGATED-TO", "DELEGATED-FROM", "MEMBER", "DIR"} {
		if v := values[name]; len(v) > 0 {
			l.SetParam(name, v...)
		}
	}
}
