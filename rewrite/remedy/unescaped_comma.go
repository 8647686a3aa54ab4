package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// unescapedComma escapes commas and semicolons in properties that hold one
// text. Properties that may be lists (CATEGORIES, RESOURCES) are left alone.
func unescapedComma() *Remedy {
	return &Remedy{
		ID:       "unescaped-comma",
		Summary:  "escape commas and semicolons in texts",
		Why:      "An unescaped comma separates the values of a list. Apple reads such a location as several, and some libraries cut the subject at the comma.",
		Source:   "RFC 5545 §3.3.11; libcalendaring vobject_location_property; go-ical Text",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			if !c.readable() || c.Cal != nil && c.Cal.Value("VERSION") == "1.0" {
				return // vCalendar has other escapes
			}
			c.Doc.EachLine(func(comp *ical.Component, l *ical.Line) {
				if !isText(l.Name()) || !hasBare(l.Value(), ',') && !hasBare(l.Value(), ';') || l.ParamValue("ENCODING") != "" {
					return
				}
				after := escapeSeparators(l.Value())
				if after != l.Value() && c.Found(found(Info, comp, l.Name(), l.Value(), after)) {
					l.SetValue(after)
				}
			})
		},
	}
}

// hasBare reports whether a separator has no backslash before it.
func hasBare(s string, separator byte) bool {
	for at := 0; ; at++ {
		n := strings.IndexByte(s[at:], separator)
		if n < 0 {
			return false
		}
		at += n
		slashes := at - len(strings.TrimRight(s[:at], `\`))
		if slashes%2 == 0 {
			return true
		}
	}
}

// escapeSeparators puts a backslash before each comma and semicolon that has
// none.
func escapeSeparators(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			b.WriteByte(c)
			i++
		case c == ',' || c == ';':
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
