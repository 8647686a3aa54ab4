package zone

import (
	"strings"
	"time"
)

// WindowsKey returns the key by which Windows, and with it Exchange and Outlook,
// names the zone of an IANA name.
func WindowsKey(name string) (string, bool) {
	exact, ok := ianaNames.fold(name)
	if !ok {
		return "", false
	}
	return windowsOf.get(Canonical(exact))
}

// Sibling returns the zone that has the Windows key of another IANA zone in some
// territory, and the offsets of the rules. Windows has one key for zones whose
// earlier offsets differed, and programs that convert an IANA zone to a Windows name
// send the rules of their own zone with it. Whole years around the span are
// compared, as by Match. Of several zones with the same offsets the first by name is
// returned.
func Sibling(rules Rules, name string, from, to time.Time) (string, bool) {
	z, a, b, ok := wholeYears(rules, from, to)
	if !ok {
		return "", false
	}
	key, _ := WindowsKey(name)
	others, _ := territories.get(key)
	for other := range strings.FieldsSeq(others) {
		if zone := load(other); zone != nil && agree(z, zone, a, b) {
			return other, true
		}
	}
	return "", false
}
