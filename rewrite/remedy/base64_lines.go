package remedy

import (
	"encoding/base64"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// base64Lines takes the lines of a value in base64 that were not folded back
// into it. Such a line has no colon, so that it is no property.
func base64Lines() *Remedy {
	return &Remedy{
		ID:       "base64-lines",
		Summary:  "join the lines of a base64 value that lack the space of a fold",
		Why:      "An attachment inside the calendar that was broken into lines as in a message ends after the first line, and the other lines are not properties: strict programs refuse the calendar.",
		Source:   "RFC 5545 §3.1, §3.3.1; the form of vCalendar 1.0",
		Profiles: []Profile{Standard},
		Facets:   FacetAttachments,
		Looks:    []string{";ENCODING"},
		Run: func(c *Object) {
			if !c.readable() || c.Doc.Faults()&ical.FaultSyntax == 0 {
				return
			}
			joinLinesOf(c, Error, func(_ *ical.Component, front *ical.Line, behind []ical.Item) (*ical.Line, int) {
				switch strings.ToUpper(front.ParamValue("ENCODING")) {
				case "BASE64", "B":
				default:
					return nil, 0
				}
				if !isBase64(front.Value()) {
					return nil, 0
				}
				var b strings.Builder
				n, ended := 0, strings.HasSuffix(front.Value(), "=")
				b.WriteString(front.Text())
				for ; n < len(behind) && !ended; n++ {
					l := behind[n].Prop
					if l == nil || l.Name() != "" || l.Text() == "" || !isBase64(l.Text()) {
						break
					}
					b.WriteString(strings.TrimSpace(l.Text()))
					ended = strings.HasSuffix(strings.TrimSpace(l.Text()), "=")
				}
				if l := readLine(b.String()); n > 0 && l != nil && isWhole(l.Value()) {
					return l, n
				}
				return nil, 0
			})
		},
	}
}

// isWhole reports whether a text in base64 has the octets of whole groups: a word
// that follows by chance makes it longer than that.
func isWhole(s string) bool {
	_, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s))
	return err == nil
}

// isBase64 reports whether a text is of the alphabet of RFC 4648 §4, blanks around
// it aside.
func isBase64(s string) bool {
	s = strings.TrimRight(strings.TrimSpace(s), "=")
	for i := 0; i < len(s); i++ {
		if c := s[i]; !(c == '+' || c == '/' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z') {
			return false
		}
	}
	return true
}
