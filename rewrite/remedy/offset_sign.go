package remedy

import (
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// signOf returns the sign of an offset that is written without one in a
// VTIMEZONE, "" where it is not certain: what IANA's data say of the zone that
// the TZID names, else what the name itself says, else what goes with the signed
// offsets beside it. To read it as east of Greenwich would move each meeting in
// America by many hours.
func signOf(c *Object, tz *ical.Component, digits string) string {
	if tz == nil || tz.Name != "VTIMEZONE" {
		return ""
	}
	offset := offsetOf(digits)
	tzid := tz.Value("TZID")
	names := zone.Candidates(tzid, hintsOf(c, tz))
	if len(names) > 0 {
		from, to := c.span()
		from, to = from.AddDate(-1, 0, 0), to.AddDate(1, 0, 0)
		sign := oneSign(func(d time.Duration) bool { return zone.HasOffset(names[0], d, from, to) }, offset)
		if past := time.Unix(0, 0); sign == "" && past.Before(from) {
			sign = oneSign(func(d time.Duration) bool { return zone.HasOffset(names[0], d, past, to) }, offset)
		}
		return sign
	}
	if sign := oneSign(func(d time.Duration) bool { return namesOffset(tzid, d) }, offset); sign != "" {
		return sign
	}
	signed := signedOffsets(tz)
	return oneSign(func(d time.Duration) bool {
		for _, other := range signed {
			if (d - other).Abs() > maxChange {
				return false
			}
		}
		return len(signed) > 0
	}, offset)
}

// maxChange is how far clocks are moved at once.
const maxChange = 2 * time.Hour

// oneSign returns the only sign with which an offset fits, "" for none or both.
func oneSign(fits func(time.Duration) bool, offset time.Duration) string {
	switch east, west := fits(offset), fits(-offset); {
	case east && !west:
		return "+"
	case west && !east:
		return "-"
	}
	return ""
}

// hintsOf returns what else a VTIMEZONE says of its name.
func hintsOf(c *Object, tz *ical.Component) zone.Hints {
	for _, d := range c.Zones.All() {
		if d.Component == tz {
			return d.Hints
		}
	}
	return zone.Hints{}
}

// namesOffset reports whether a name such as "GMT -0500 (Standard)" has that offset in
// it.
func namesOffset(name string, d time.Duration) bool {
	sign := "+"
	if d < 0 {
		sign, d = "-", -d
	}
	hours, minutes := int(d/time.Hour), int(d/time.Minute)%60
	clock := strconv.Itoa(100 + hours)[1:] + strconv.Itoa(100 + minutes)[1:]
	return strings.Contains(strings.NewReplacer(":", "", ".", "", " ", "").Replace(name), sign+clock)
}

// signedOffsets are the offsets of a VTIMEZONE that have a sign.
func signedOffsets(tz *ical.Component) (list []time.Duration) {
	for _, o := range tz.Children("") {
		for _, name := range [...]string{"TZOFFSETFROM", "TZOFFSETTO"} {
			sign, digits, ok := readOffset(o.Value(name))
			switch {
			case !ok || sign == "":
			case sign == "-":
				list = append(list, -offsetOf(digits))
			default:
				list = append(list, offsetOf(digits))
			}
		}
	}
	return list
}

// offsetOf reads the digits of an offset.
func offsetOf(digits string) time.Duration {
	n, _ := strconv.Atoi((digits + "00")[:6])
	return time.Duration(n/10000)*time.Hour + time.Duration(n/100%100)*time.Minute + time.Duration(n%100)*time.Second
}
