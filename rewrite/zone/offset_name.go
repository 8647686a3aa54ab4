package zone

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Zones that are named by nothing but their offset from UTC. Those of whole
// hours are zones of IANA (Etc/GMT-2); the others are known in here by a name
// that is written like UTC+0530.

var offsetForm = regexp.MustCompile(`^(?:UTC|GMT|Z)? ?([+-]) ?(\d\d?)(?:[:.]?(\d\d))?(?::?00)?$`)

// easternmost and westernmost are the farthest offsets in use, in seconds.
const (
	easternmost = 14 * 3600
	westernmost = -12 * 3600
)

// bareOffset reads a name that is nothing but an offset ("+02:00", "UTC+2",
// "GMT+0200", "(UTC+02:00)", "(UTC)"). Display names that only start like that
// are not read (daylight saving would be lost), nor offsets that nobody uses.
func bareOffset(name string) (seconds int, ok bool) {
	const longest = len("(UTC + 02:00:00)") + len("\u2212")
	if len(name) > longest || !strings.ContainsAny(name, "0123456789()") {
		return 0, false
	}
	s := strings.ToUpper(strings.ReplaceAll(name, "\u2212", "-"))
	if inner, open := strings.CutPrefix(s, "("); open {
		if s, ok = strings.CutSuffix(inner, ")"); !ok {
			return 0, false
		}
		if s = strings.TrimSpace(s); s == "UTC" || s == "GMT" {
			return 0, true
		}
	}
	m := offsetForm.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	hours, _ := strconv.Atoi(m[2])
	minutes, _ := strconv.Atoi(m[3])
	seconds = hours*3600 + minutes*60
	if m[1] == "-" {
		seconds = -seconds
	}
	return seconds, minutes < 60 && minutes%15 == 0 && seconds <= easternmost && seconds >= westernmost
}

// byOffset names the zone of a bare offset.
func byOffset(name string) (string, bool) {
	seconds, ok := bareOffset(name)
	if !ok {
		return "", false
	}
	if z, ok := fixedZone(seconds); ok {
		return z, true
	}
	return "UTC" + utcOffset(seconds), true
}

// fixedZone names IANA's zone of an offset of whole hours.
func fixedZone(offset int) (string, bool) {
	switch {
	case offset%3600 != 0:
		return "", false
	case offset == 0:
		return "Etc/UTC", true
	}
	sign := "-" // POSIX counts westward: Etc/GMT-1 is east of Greenwich
	if offset < 0 {
		sign, offset = "+", -offset
	}
	return ianaNames.fold("Etc/GMT" + sign + strconv.Itoa(offset/3600))
}

// fixed returns the zone that byOffset names where IANA has none, nil for any
// other name.
func fixed(name string) *iana {
	seconds, ok := bareOffset(name)
	if !ok || seconds%3600 == 0 || name != "UTC"+utcOffset(seconds) {
		return nil
	}
	return newIANA(name, time.FixedZone(name, seconds))
}
