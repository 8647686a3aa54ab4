package ical

import (
	"strings"
	"time"
)

// Form is the form of a date or date-time value (RFC 5545 §3.3.4, §3.3.5).
type Form uint8

const (
	Date  Form = iota // 20260302
	Local             // 20260302T090000: floating, or local to the TZID parameter
	UTC               // 20260302T090000Z
)

// DateTime is a DATE or DATE-TIME value. Wall has the digits as written, in time.UTC
// whatever the zone is.
type DateTime struct {
	Wall time.Time
	Form Form
}

// ParseDateTime parses a DATE or DATE-TIME value, strictly.
func ParseDateTime(s string) (DateTime, bool) {
	form := Date
	switch {
	case len(s) == 8:
	case len(s) == 15 && s[8] == 'T':
		form = Local
	case len(s) == 16 && s[8] == 'T' && s[15] == 'Z':
		form = UTC
	default:
		return DateTime{}, false
	}
	ok := true
	two := func(at int) int {
		a, b := s[at]-'0', s[at+1]-'0'
		ok = ok && a <= 9 && b <= 9
		return int(a)*10 + int(b)
	}
	year, month, day := two(0)*100+two(2), two(4), two(6)
	hour, minute, second := 0, 0, 0
	if form != Date {
		hour, minute, second = two(9), two(11), two(13)
		if second == 60 { // a leap second, RFC 5545 §3.3.12
			second = 59
		}
	}
	if !ok || month < 1 || month > 12 || day < 1 || day > daysOf(year, month) || hour > 23 || minute > 59 || second > 59 {
		return DateTime{}, false
	}
	return DateTime{Wall: time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC), Form: form}, true
}

// daysOf returns how many days a month has.
func daysOf(year, month int) int {
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		return 29
	}
	return [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
}

// String returns the value as in a calendar.
func (d DateTime) String() string {
	switch d.Form {
	case Date:
		return d.Wall.Format("20060102")
	case Local:
		return d.Wall.Format("20060102T150405")
	default:
		return d.Wall.Format("20060102T150405Z")
	}
}

// UnescapeText decodes a TEXT value (RFC 5545 §3.3.11), leniently: an unknown escape
// loses its backslash, an unescaped comma or semicolon stays.
func UnescapeText(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if s[i] == 'n' || s[i] == 'N' {
			b.WriteByte('\n')
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// EscapeText returns s as a TEXT value (RFC 5545 §3.3.11).
func EscapeText(s string) string {
	if !strings.ContainsAny(s, "\\;,\r\n") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\\', ';', ',':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\r', '\n':
			if c == '\r' && i+1 < len(s) && s[i+1] == '\n' {
				i++
			}
			b.WriteString(`\n`)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// SplitList splits a value with several elements at the commas that are not escaped
// (RFC 5545 §3.1.1). The elements are returned as written.
func SplitList(value string) []string {
	out := make([]string, 0, 1+strings.Count(value, ","))
	start := 0
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '\\':
			i++
		case ',':
			out = append(out, value[start:i])
			start = i + 1
		}
	}
	return append(out, value[start:])
}

// DecodeParam decodes the escapes ^n, ^' and ^^ of a parameter value (RFC 6868 §3),
// for display.
func DecodeParam(s string) string {
	if strings.IndexByte(s, '^') < 0 {
		return s
	}
	return strings.NewReplacer("^n", "\n", "^'", `"`, "^^", "^").Replace(s)
}
