package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// plainPeople reports whether each ORGANIZER and ATTENDEE of the schedulable
// components is mailto: in small letters and an address that nothing is wrong
// with. Nearly always it is so, and those who look for what may be wrong with it
// need not look at each.
func plainPeople(c *Object) bool {
	if !steady(c) {
		return false
	}
	if !c.people.known {
		c.people.known, c.people.plain = true, allPlain(c)
	}
	return c.people.plain
}

// peopleFacts is what plainPeople has found out; see forget.
type peopleFacts struct{ known, plain bool }

func allPlain(c *Object) bool {
	for _, ev := range c.schedulable() {
		for _, it := range ev.Items {
			if l := it.Prop; l != nil && (l.Name() == "ATTENDEE" || l.Name() == "ORGANIZER") && !isPlainPerson(l) {
				return false
			}
		}
	}
	return true
}

// isPlainPerson reports whether a value is mailto: with letters, digits and a few
// signs on both sides of one "@".
func isPlainPerson(l *ical.Line) bool {
	addr, ok := strings.CutPrefix(l.Value(), mailtoScheme)
	if !ok || quoteOpen(l) || len(addr) < 3 || addr[0]|0x20 == 'i' && isDirectoryName(addr) {
		return false
	}
	at := 0
	for i := 0; i < len(addr); i++ {
		switch personOctets[addr[i]] {
		case oddOctet:
			return false
		case atOctet:
			if at > 0 || i == 0 || i == len(addr)-1 {
				return false
			}
			at = i
		}
	}
	return at > 0
}

const (
	oddOctet = iota
	plainOctet
	atOctet
)

// personOctets has what an address is made of nearly always.
var personOctets = func() (kinds [256]uint8) {
	for c := range kinds {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '-', c == '_', c == '+':
			kinds[c] = plainOctet
		}
	}
	kinds['@'] = atOctet
	return kinds
}()
