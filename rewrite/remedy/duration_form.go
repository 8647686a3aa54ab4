package remedy

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/itip"
)

// durationForm writes durations as RFC 5545 §3.3.6 has them, where they can
// mean one thing only.
//
// QUIRK(exchange): duration-form. Microsoft 365 writes TRIGGER:P for a reminder
// at the start.
func durationForm() *Remedy {
	return &Remedy{
		ID:       "duration-form",
		Summary:  "write durations in the form of RFC 5545",
		Why:      "Microsoft 365 writes TRIGGER:P, Zimbra and Apple PT, other programs PT1D or P1H. Strict programs cannot open the invitation; others ignore the alarm or the length. A duration without a number stays where one of no time makes no sense: in a period, between repeated alarms, for a whole day.",
		Source:   "nextcloud/calendar-js#790; skarim/vobject#119; RFC 5545 §3.3.6",
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences | FacetAlarms, // nobody could read the length before
		Run: func(c *Object) {
			reformValues(c, Error, func(m itip.Malformed) string {
				v := m.Line.Value()
				if m.Type == itip.Period {
					return eachElement(v, func(p string) string {
						start, length, _ := strings.Cut(p, "/")
						after, ok := exactDuration(length)
						if !ok || isEmptyDuration(length) || strings.HasPrefix(after, "-") {
							return p
						}
						return start + "/" + after
					})
				}
				after, ok := exactDuration(v)
				if strings.HasPrefix(after, "-") && !mayBeNegative(m) {
					return v // whoever could not read it would read an end before the start
				}
				if !ok || after == "PT0S" && !mayBeZero(m) && (isEmptyDuration(v) || m.Line.Name() == "DURATION") {
					return v
				}
				return after
			}, itip.Duration, itip.Period)
		},
	}
}

// mayBeZero reports whether a duration of no time makes sense: a reminder at the
// moment itself, a meeting or task that ends when it begins. A day may mean the
// whole one, and a period, the delay of an alarm that repeats or the interval of
// a refresh must be longer (RFC 5545 §3.3.9, §3.8.6.2): the program that wrote
// none left the length out.
func mayBeZero(m itip.Malformed) bool {
	switch m.Line.Name() {
	case "TRIGGER":
		return true
	case "DURATION":
		start := m.Component.First("DTSTART")
		return m.Component.Name != "VALARM" && (start == nil || !allForms(start, ical.Date))
	}
	return false
}

// mayBeNegative reports whether a duration may count backwards: a reminder before
// the moment, and what RFC 5545 does not define.
func mayBeNegative(m itip.Malformed) bool {
	name := m.Line.Name()
	return name == "TRIGGER" || strings.HasPrefix(name, "X-")
}

// isEmptyDuration reports whether a duration has no number.
func isEmptyDuration(v string) bool { return !strings.ContainsAny(v, "0123456789") }

// exactDuration reads a duration that is written in another form and writes it
// as RFC 5545 has it; ok is false where it may mean several things: months,
// years, a number without a unit, a unit twice.
func exactDuration(v string) (after string, ok bool) {
	s := strings.ToUpper(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case r == '\u2212': // minus sign
			return '-'
		}
		return r
	}, v))
	d := ical.Duration{Negative: strings.HasPrefix(s, "-")}
	s = strings.TrimLeft(s, "+-")
	s, ok = strings.CutPrefix(s, "P")
	if !ok || len(s) > 64 {
		return "", false
	}
	inner := strings.HasPrefix(s, "-") || strings.HasPrefix(s, "T-")
	if inner {
		if s = strings.Replace(s, "-", "", 1); d.Negative || strings.Trim(s, "T0123456789WDHMS") != "" {
			return "", false
		}
		d.Negative = true
	}
	units, ok := readUnits(s, &d)
	if !ok || inner && len(units) > 1 {
		return "", false // the sign may be that of the first number alone
	}
	return d.String(), true
}

// readUnits reads the numbers of a duration in any order, with or without the T
// before the time, and returns their units.
func readUnits(s string, d *ical.Duration) (units string, ok bool) {
	timed := false
	for s != "" {
		if s[0] == 'T' {
			timed, s = true, s[1:]
			continue
		}
		n := len(s) - len(strings.TrimLeft(s, "0123456789."))
		if n == 0 || n == len(s) || n > 12 {
			return "", false
		}
		unit := s[n]
		if strings.IndexByte(units, unit) >= 0 && !(unit == 'M' && timed) {
			return "", false
		}
		month := unit == 'M' && !timed && !strings.ContainsAny(units, "WDH") && !strings.Contains(s, "S")
		if !addUnit(d, s[:n], unit, month) {
			return "", false
		}
		units, s = units+string(unit), s[n+1:]
	}
	return units, true
}

// addUnit adds a number of units; months and years only when there are none of
// them, fractions only where whole seconds come out.
func addUnit(d *ical.Duration, number string, unit byte, month bool) bool {
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || n >= 1e7 {
		return false
	}
	length := time.Second
	switch {
	case unit == 'Y' || month:
		return n == 0
	case unit == 'W' || unit == 'D':
		days := int(n)
		if unit == 'W' {
			days *= 7
		}
		d.Days += days
		return n == float64(int(n))
	case unit == 'H':
		length = time.Hour
	case unit == 'M':
		length = time.Minute
	case unit != 'S':
		return false
	}
	clock := n * length.Seconds()
	d.Clock += time.Duration(clock) * time.Second
	return clock == float64(int64(clock)) && clock < 1e10
}
