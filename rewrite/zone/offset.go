package zone

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// OffsetFrom returns the TZOFFSETFROM that Evaluate assumes for an observance
// without one; ok is false when TZOFFSETTO is missing too.
func OffsetFrom(zone, observance *ical.Component) (v string, ok bool) {
	to, err := parseOffset(observance.Value("TZOFFSETTO"))
	if err != nil {
		return "", false
	}
	return utcOffset(offsetBefore(zone, observance, to)), true
}

// offsetBefore finds the offset before an observance that does not state it.
func offsetBefore(zone, o *ical.Component, to int) int {
	other := "STANDARD"
	if o.Name == other {
		other = "DAYLIGHT"
	}
	if others := zone.Children(other); len(others) == 1 {
		if off, err := parseOffset(others[0].Value("TZOFFSETTO")); err == nil {
			return off
		}
	}
	return to
}

// parseOffset reads a UTC-OFFSET (RFC 5545 §3.3.14), with or without the
// colon that some write.
func parseOffset(v string) (int, error) {
	s := strings.ReplaceAll(strings.TrimSpace(v), ":", "")
	if len(s) != 5 && len(s) != 7 || s[0] != '+' && s[0] != '-' {
		return 0, fmt.Errorf("%q is no offset from UTC", v)
	}
	n, err := strconv.ParseUint(s[1:], 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%q is no offset from UTC", v)
	}
	if len(s) == 5 {
		n *= 100
	}
	hour, minute, second := int(n/10000), int(n/100%100), int(n%100)
	if hour > 23 || minute > 59 || second > 59 {
		return 0, fmt.Errorf("%q is no offset from UTC", v)
	}
	off := hour*3600 + minute*60 + second
	if s[0] == '-' {
		off = -off
	}
	return off, nil
}

// utcOffset writes a UTC-OFFSET.
func utcOffset(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	s := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		s += fmt.Sprintf("%02d", seconds%60)
	}
	return s
}
