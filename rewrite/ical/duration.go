package ical

import (
	"strconv"
	"strings"
	"time"
)

// Duration is a DURATION value (RFC 5545 §3.3.6). Weeks and days are nominal, since
// the length of a day depends on the zone; therefore they are stored separately.
type Duration struct {
	Negative bool
	Days     int           // weeks are seven days
	Clock    time.Duration // hours, minutes and seconds; never negative
}

// The bounds of each number of a duration, so that sums cannot overflow: a
// hundred years are beyond any meeting.
const (
	maxDigits = 7
	maxHours  = 1_000_000
)

// ParseDuration parses a DURATION value. It accepts weeks together with other units,
// any selection of units in the time part, and a time part without preceding units,
// as receivers do; it does not accept repeated units or units in another order.
func ParseDuration(s string) (Duration, bool) {
	var d Duration
	rest := s
	if rest != "" && (rest[0] == '+' || rest[0] == '-') {
		d.Negative = rest[0] == '-'
		rest = rest[1:]
	}
	rest, ok := strings.CutPrefix(rest, "P")
	if !ok || rest == "" {
		return Duration{}, false
	}
	units := "WDTHMS"
	for rest != "" {
		n, unit, after, ok := durationUnit(rest)
		at := strings.IndexByte(units, unit)
		if !ok || at < 0 || (strings.IndexByte("HMS", unit) >= 0 && strings.Contains(units, "T")) {
			return Duration{}, false
		}
		d.add(n, unit)
		units, rest = units[at+1:], after
		if unit == 'T' && rest == "" {
			return Duration{}, false
		}
	}
	return d, true
}

// durationUnit reads one number with its unit, or the T that starts the time.
func durationUnit(s string) (n int, unit byte, rest string, ok bool) {
	if s[0] == 'T' {
		return 0, 'T', s[1:], true
	}
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	if digits == 0 || digits > maxDigits || digits == len(s) {
		return 0, 0, "", false
	}
	n, err := strconv.Atoi(s[:digits])
	unit = s[digits]
	return n, unit, s[digits+1:], err == nil && (unit != 'H' || n <= maxHours)
}

func (d *Duration) add(n int, unit byte) {
	switch unit {
	case 'W':
		d.Days += 7 * n
	case 'D':
		d.Days += n
	case 'H':
		d.Clock += time.Duration(n) * time.Hour
	case 'M':
		d.Clock += time.Duration(n) * time.Minute
	case 'S':
		d.Clock += time.Duration(n) * time.Second
	}
}

// After returns the wall-clock time at the duration after another one: first the
// days, then the clock (RFC 5545 §3.3.6). Across a change of offset the clock part
// must be added to the instant instead.
func (d Duration) After(wall time.Time) time.Time {
	if d.Negative {
		return wall.AddDate(0, 0, -d.Days).Add(-d.Clock)
	}
	return wall.AddDate(0, 0, d.Days).Add(d.Clock)
}

// String returns the value as in a calendar; weeks only where there is no other
// unit.
func (d Duration) String() string {
	var b strings.Builder
	if d.Negative {
		b.WriteByte('-')
	}
	b.WriteByte('P')
	if d.Clock < time.Second {
		switch {
		case d.Days == 0:
			return "PT0S"
		case d.Days%7 == 0:
			b.WriteString(strconv.Itoa(d.Days/7) + "W")
		default:
			b.WriteString(strconv.Itoa(d.Days) + "D")
		}
		return b.String()
	}
	if d.Days != 0 {
		b.WriteString(strconv.Itoa(d.Days) + "D")
	}
	b.WriteByte('T')
	h, m, sec := d.Clock/time.Hour, d.Clock/time.Minute%60, d.Clock/time.Second%60
	if h > 0 {
		b.WriteString(strconv.Itoa(int(h)) + "H")
	}
	if m > 0 || h > 0 && sec > 0 { // the grammar has no seconds right after hours
		b.WriteString(strconv.Itoa(int(m)) + "M")
	}
	if sec > 0 {
		b.WriteString(strconv.Itoa(int(sec)) + "S")
	}
	return b.String()
}
