package remedy

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/itip"
)

// datetimeForm writes dates and times in the basic form of RFC 5545 §3.3.4 and
// §3.3.5, where they can mean one instant only.
func datetimeForm() *Remedy {
	return &Remedy{
		ID:       "datetime-form",
		Summary:  "write dates and times in the form of RFC 5545",
		Why:      "Web programs write 2026-06-10T08:00:00Z, times without seconds, with fractions of a second or with an offset such as +02:00. Receivers show no date or refuse the meeting.",
		Source:   "mustang-im/mustang#1439; RFC 5545 §3.3.4, §3.3.5",
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences | FacetAllDay | FacetRecurrence | FacetStamp | FacetAlarms, // nobody could read the time before
		Run: func(c *Object) {
			reformValues(c, Error, func(m itip.Malformed) string {
				switch m.Type {
				case itip.Recur:
					return plainUntil(c, m.Line.Value())
				case itip.Period:
					return plainPeriods(c, m)
				}
				return plainTimes(c, m)
			}, itip.DateTime, itip.Date, itip.Period, itip.Recur)
		},
	}
}

// looseTime is a date or a time in whatever form, with the offset that it names.
type looseTime struct {
	ical.DateTime
	offset   time.Duration
	byOffset bool // it has an offset
}

var looseForm = regexp.MustCompile(`^(\d{4})(-?)(\d\d)(-?)(\d\d)(?:(T?)(\d\d)(?::?(\d\d))?(?::?(\d\d))?(?:\.\d+)?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?$`)

// readLoose reads a date or a time with separators, blanks, small letters, an
// offset, a fraction of a second, or without seconds. Any date that is none, and
// any order of its parts but the international one, is left alone.
func readLoose(v string) (t looseTime, ok bool) {
	if len(v) > 64 {
		return t, false
	}
	m := looseForm.FindStringSubmatch(strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, v)))
	if m == nil || m[2] != m[4] || m[6] == "" && m[7] != "" && m[8] == "" {
		return t, false
	}
	digits := m[1] + m[3] + m[5]
	nextDay := m[7] == "24" && strings.Trim(m[8]+m[9], "0") == ""
	if nextDay {
		m[7] = "00"
	}
	if m[7] != "" {
		digits += "T" + m[7] + (m[8] + "00")[:2] + (m[9] + "00")[:2]
	}
	zone := m[10]
	if zone == "Z" || zone == "UTC" || zone == "GMT" {
		digits, zone = digits+"Z", ""
	}
	if t.DateTime, ok = ical.ParseDateTime(digits); !ok {
		return t, false
	}
	if nextDay {
		t.Wall = t.Wall.AddDate(0, 0, 1)
	}
	if zone != "" {
		return t.withOffset(zone)
	}
	return t, true
}

// withOffset adds an offset as +02, +0200 or +02:00.
func (t looseTime) withOffset(s string) (looseTime, bool) {
	h, _ := strconv.Atoi(s[1:3])
	minutes := 0
	if rest := strings.TrimPrefix(s[3:], ":"); rest != "" {
		minutes, _ = strconv.Atoi(rest)
	}
	t.byOffset, t.offset = true, time.Duration(h)*time.Hour+time.Duration(minutes)*time.Minute
	if s[0] == '-' {
		t.offset = -t.offset
	}
	return t, h <= 14 && minutes <= 59
}

// utc is the instant of a time with an offset.
func (t looseTime) utc() ical.DateTime {
	return ical.DateTime{Wall: t.Wall.Add(-t.offset), Form: ical.UTC}
}

// plainTimes returns the value of a property with its times in the form of RFC
// 5545: a time with an offset becomes one in UTC, or stays in its zone where
// that has this offset then. All of a list or nothing is repaired.
func plainTimes(c *Object, m itip.Malformed) string {
	l := m.Line
	values := strings.Split(l.Value(), ",")
	for i, v := range values {
		t, ok := readLoose(v)
		if !ok {
			return l.Value()
		}
		tzid := l.ParamValue("TZID")
		switch {
		case m.Type == itip.Date && t.Form != ical.Date:
			if h, min, sec := t.Wall.Clock(); t.byOffset || h+min+sec != 0 {
				return l.Value() // which of the two is meant is not known
			}
			t.Form = ical.Date
		case t.byOffset && tzid != "":
			at, known := c.Zones.Instant(t.DateTime, tzid)
			if !known || !at.Equal(t.utc().Wall) {
				return l.Value() // the zone and the offset disagree
			}
		case t.byOffset:
			if in := m.Component; in.Has("RRULE") && l.Name() != "RECURRENCE-ID" && t.utc().Wall.Day() != t.Wall.Day() {
				return l.Value() // the days of its rule would be others in UTC
			}
			t.DateTime = t.utc()
		}
		if _, strict := ical.ParseDateTime(v); !strict || m.Type == itip.Date {
			values[i] = t.DateTime.String()
		}
	}
	return strings.Join(values, ",")
}

// plainPeriods does the same for periods; each end is a time of its own.
func plainPeriods(c *Object, m itip.Malformed) string {
	return eachElement(m.Line.Value(), func(p string) string {
		ends := strings.Split(p, "/")
		for i, v := range ends {
			t, ok := readLoose(v)
			switch {
			case !ok && (i == 0 || !strings.Contains(strings.ToUpper(v), "P")):
				return p
			case !ok:
				continue
			case t.byOffset && m.Line.ParamValue("TZID") != "":
				return p
			case t.byOffset:
				t.DateTime = t.utc()
			}
			ends[i] = t.DateTime.String()
		}
		return strings.Join(ends, "/")
	})
}

// plainUntil does the same for UNTIL in a rule.
func plainUntil(c *Object, rule string) string {
	parts := strings.Split(rule, ";")
	for i, p := range parts {
		name, v, _ := strings.Cut(p, "=")
		if partName(p) != "UNTIL" {
			continue
		}
		_, strict := ical.ParseDateTime(v)
		t, ok := readLoose(v)
		if strict || !ok {
			continue
		}
		if t.byOffset {
			t.DateTime = t.utc()
		}
		parts[i] = name + "=" + t.DateTime.String()
	}
	return strings.Join(parts, ";")
}
