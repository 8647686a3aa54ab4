package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// paramBehindColon puts the semicolon where a colon is before a
// parameter. It is certain where what follows the parameter is a value of the
// property and what is there now is none.
func paramBehindColon() *Remedy {
	return &Remedy{
		ID:       "param-behind-colon",
		Summary:  "write a semicolon instead of the colon before a parameter",
		Why:      "Generators write TRIGGER:VALUE=DATE-TIME:20260610T075000Z. The value then begins with VALUE=DATE-TIME: the file is refused, or the alarm lost.",
		Source:   "home-assistant/core#178736; spatie/calendar-links#202; RFC 5545 §3.1",
		Profiles: []Profile{Standard},
		Facets:   facetAll &^ (FacetComponents | FacetMethod | FacetUID),
		Looks:    []string{"?equals"},
		Run: func(c *Object) {
			if !c.readable() {
				return
			}
			zones := false
			c.Doc.Root.Walk(func(comp *ical.Component) {
				for i, it := range comp.Items {
					if it.Prop == nil || !takesParams(it.Prop.Name()) || strings.IndexByte(it.Prop.Value(), '=') < 0 {
						continue
					}
					if l := withSemicolon(it.Prop); l != nil && c.Found(found(Error, comp, l.Name(), it.Prop.Text(), l.Text())) {
						comp.Items[i].Prop = l
						zones = zones || comp.Name == "STANDARD" || comp.Name == "DAYLIGHT"
					}
				}
			})
			if zones {
				c.ResetZones()
			}
		},
	}
}

// takesParams reports whether a property often has parameters, and its value no
// name with "=" at its start.
func takesParams(name string) bool {
	switch name {
	case "TRIGGER", "DURATION", "REFRESH-INTERVAL", "ATTENDEE", "ORGANIZER", "ATTACH", "SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT":
		return true
	}
	return isTime(name)
}

// withSemicolon returns a property whose parameters stand in its value; nil when
// there are none.
func withSemicolon(l *ical.Line) *ical.Line {
	v := l.Value()
	for at := 0; ; {
		name, _, ok := strings.Cut(v[at:], "=")
		if !ok || !knownParam(strings.ToUpper(name)) || isText(l.Name()) && !strings.EqualFold(name, "LANGUAGE") {
			return nil
		}
		end := strings.IndexAny(v[at:], ";:")
		if quote := strings.IndexByte(v[at:], '"'); quote >= 0 && quote < end {
			closing := strings.IndexByte(v[at+quote+1:], '"')
			if closing < 0 {
				return nil
			}
			from := quote + 1 + closing + 1
			if end = strings.IndexAny(v[at+from:], ";:"); end >= 0 {
				end += from
			}
		}
		if end < 0 {
			return nil
		}
		if at += end + 1; v[at-1] == ';' {
			continue
		}
		h := head(l)
		whole := sound(h[:len(h)-1] + ";" + v)
		if whole == nil || whole.Value() != v[at:] || isText(l.Name()) && !isLanguage(whole.ParamValue("LANGUAGE")) {
			return nil
		}
		return whole
	}
}

// isLanguage reports whether a word looks like a language tag (RFC 5646).
func isLanguage(s string) bool {
	main, _, _ := strings.Cut(s, "-")
	for i := 0; i < len(s); i++ {
		if c := s[i]; c != '-' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return len(main) == 2 || len(main) == 3
}
