package remedy

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/reconvene/reconvene/rewrite/itip"
)

// offsetForm writes offsets from UTC as RFC 5545 §3.3.14 has them.
func offsetForm() *Remedy {
	return &Remedy{
		ID:       "offset-form",
		Summary:  "write offsets of time zones as +0200",
		Why:      "Generators omit the sign or write a colon. Google refuses the calendar, and other receivers compute a wrong time.",
		Source:   "spatie/icalendar-generator#37; RFC 5545 §3.3.14",
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences, // nobody could read the zone before
		Looks:    []string{"TZOFFSETTO", "TZOFFSETFROM"},
		Run: func(c *Case) {
			c.reform(Error, func(m itip.Malformed) string { return exactOffset(m.Line.Value()) }, itip.UTCOffset)
		},
	}
}

// exactOffset writes an offset with a sign and without separators; what is
// beyond a day or no offset stays.
func exactOffset(v string) string {
	s := strings.ToUpper(strings.Map(func(r rune) rune {
		switch {
		case r == ':' || unicode.IsSpace(r):
			return -1
		case r == '\u2212': // minus sign
			return '-'
		}
		return r
	}, v))
	named := strings.HasPrefix(s, "UTC") || strings.HasPrefix(s, "GMT")
	if named {
		s = s[3:]
	}
	if s == "Z" || named && s == "" {
		return "+0000"
	}
	sign := "+"
	if s != "" && (s[0] == '+' || s[0] == '-') {
		sign, s = s[:1], s[1:]
	}
	switch len(s) {
	case 1, 3:
		s = "0" + s
	}
	if len(s) == 2 {
		s += "00"
	}
	if len(s) != 4 && len(s) != 6 || strings.Trim(s, "0123456789") != "" {
		return v
	}
	h, _ := strconv.Atoi(s[:2])
	if h > 23 || s[2:4] > "59" || len(s) == 6 && s[4:] > "59" {
		return v
	}
	if strings.Trim(s, "0") == "" {
		sign = "+"
	}
	return sign + s
}
