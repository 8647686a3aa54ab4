package zone

import (
	"strings"
	"time"
)

// WindowsKey returns the key under which Windows, and with it Exchange and
// Outlook, know the zone of that IANA name.
func WindowsKey(name string) (string, bool) {
	exact, ok := ianaNames.fold(name)
	if !ok {
		return "", false
	}
	return windowsOf.get(Canonical(exact))
}

// Sibling names the zone that has the Windows key of another IANA zone in some
// territory, and the offsets of the rules: Windows has one key for zones that
// differed in years that it does not care for, and those who made a name of
// Windows out of theirs send their own rules with it. Whole years around the
// span are looked at, as by Match. Of several zones with one law the first by
// name is taken.
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
