package remedy

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/reconvene/reconvene/rewrite/itip"
)

// offsetForm writes offsets from UTC as RFC 5545 §3.3.14 has them. One without a
// sign gets the sign that its zone has (see offset_sign.go); where that is not
// known it stays, and value-form says so.
func offsetForm() *Remedy {
	return &Remedy{
		ID:       "offset-form",
		Summary:  "write offsets of time zones as +0200",
		Why:      "Generators omit the sign or write a colon. Google refuses the calendar, and other receivers compute a wrong time.",
		Source:   "spatie/icalendar-generator#37; RFC 5545 §3.3.14",
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences | FacetRecurrence | FacetStamp, // nobody could read the zone before
		Looks:    []string{"TZOFFSETTO", "TZOFFSETFROM"},
		Run: func(c *Object) {
			reformValues(c, Error, func(m itip.Malformed) string {
				sign, digits, ok := readOffset(m.Line.Value())
				if ok && sign == "" {
					sign = signOf(c, m.Component.Parent(), digits)
				}
				if !ok || sign == "" {
					return m.Line.Value()
				}
				return sign + digits
			}, itip.UTCOffset)
		},
	}
}

// readOffset reads an offset with any separators; the sign is "" where none is
// written. What is beyond a day or no offset is not ok.
func readOffset(v string) (sign, digits string, ok bool) {
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
		return "+", "0000", true
	}
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
		return "", "", false
	}
	h, _ := strconv.Atoi(s[:2])
	if h > 23 || s[2:4] > "59" || len(s) == 6 && s[4:] > "59" {
		return "", "", false
	}
	if strings.Trim(s, "0") == "" {
		sign = "+"
	}
	return sign, s, true
}
