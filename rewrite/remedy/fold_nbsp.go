package remedy

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// foldNBSP reads a line that starts with a no-break space, or with another blank
// outside of ASCII, as the fold that it was: no content line begins with one.
func foldNBSP() *Remedy {
	return &Remedy{
		ID:       "fold-nbsp",
		Summary:  "join folded lines that start with a no-break space instead of a space",
		Why:      "Programs that treat a calendar as ordinary text turn the space of a folded line into U+00A0 or similar. No program reads that as a fold: the line is cut there, and strict programs refuse the calendar.",
		Source:   "RFC 5545 §3.1: a fold is a line end and one linear white-space character, SPACE or HTAB",
		Profiles: []Profile{Standard},
		Facets:   facetAll &^ (FacetComponents | FacetMethod),
		Run: func(c *Object) {
			if !c.readable() || c.Doc.Faults()&ical.FaultSyntax == 0 {
				return
			}
			joinLinesOf(c, Error, func(_ *ical.Component, front *ical.Line, behind []ical.Item) (*ical.Line, int) {
				n := 0
				var b strings.Builder
				for ; n < len(behind); n++ {
					rest, ok := behindOddBlank(behind[n].Prop)
					if !ok {
						break
					}
					if n == 0 {
						b.WriteString(front.Text())
					}
					b.WriteString(rest)
				}
				if n == 0 || n < len(behind) && isText(front.Name()) && isLoose(behind[n].Prop) && !isEmpty(behind[n].Prop) {
					return nil, 0 // a text of several lines, some of them indented
				}
				return readLine(b.String()), n
			})
		},
	}
}

// behindOddBlank returns what is after a blank outside of ASCII at the
// start of a line: also one octet 0xA0, where the character set is not known.
func behindOddBlank(l *ical.Line) (rest string, ok bool) {
	if l == nil || l.Name() != "" {
		return "", false
	}
	text := l.Text()
	if strings.HasPrefix(text, "\xa0") {
		return text[1:], true
	}
	r, size := utf8.DecodeRuneInString(text)
	return text[size:], r > 0x7f && unicode.Is(unicode.Zs, r)
}
