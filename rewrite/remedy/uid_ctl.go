package remedy

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// uidCtl takes control characters and outer blanks out of a UID.
func uidCtl() *Remedy {
	return &Remedy{
		ID:       "uid-ctl",
		Summary:  "remove control characters and leading or trailing spaces from UID",
		Why:      "Gateways leave a carriage return, a NUL or a space in the UID. Servers that use it as the name of a resource (Cyrus) fail, and an update with a clean UID no longer finds the meeting.",
		Source:   "cyrus-imapd 953d61a1ad; RFC 5545 §3.8.4.7",
		Profiles: []Profile{Standard},
		Facets:   FacetUID,
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				l := ev.First("UID")
				if l == nil {
					continue
				}
				before := l.Value()
				if l.Faults()&(ical.FaultControl|ical.FaultTab) == 0 && strings.TrimSpace(before) == before {
					continue
				}
				after := strings.TrimSpace(strings.Map(noControl, before))
				if after == before || !utf8.ValidString(before) {
					continue
				}
				f := found(Error, ev, "UID", before, after)
				if after == "" {
					c.leave(f, "nothing but control characters and spaces: there is no UID to keep")
					continue
				}
				if c.Found(f) {
					l.SetValue(after)
				}
			}
		},
	}
}

// noControl is for strings.Map: it drops C0, DEL and C1.
func noControl(r rune) rune {
	if unicode.IsControl(r) {
		return -1
	}
	return r
}
