package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// escapeN writes line breaks in texts with a small n.
//
// QUIRK(exchange2003): escape-N. RFC 5545 §3.3.11 allows both.
func escapeN() *Remedy {
	return &Remedy{
		ID:       "escape-N",
		Summary:  `write \N in texts as \n`,
		Why:      `Exchange 2003 writes line breaks as \N. That is allowed, but some programs recognise only \n and show the letter N.`,
		Source:   "RFC 5545 §3.3.11; DavMail and Group-Office samples",
		Profiles: []Profile{Standard},
		Looks:    []string{"\\"},
		Run: func(c *Object) {
			if !c.readable() {
				return
			}
			var wrong []*ical.Line
			c.Doc.EachLine(func(_ *ical.Component, l *ical.Line) {
				if isText(l.Name()) && strings.Contains(l.Value(), `\N`) && smallN(l.Value()) != l.Value() {
					wrong = append(wrong, l)
				}
			})
			if len(wrong) == 0 {
				return
			}
			f := Finding{Level: Info, Property: wrong[0].Name(), Before: countLines(len(wrong), `with \N`), After: `\n`}
			if c.Found(f) {
				for _, l := range wrong {
					l.SetValue(smallN(l.Value()))
				}
			}
		},
	}
}

// smallN replaces \N, but not the N after an escaped backslash.
func smallN(s string) string {
	b := []byte(s)
	for i := 0; i+1 < len(b); i++ {
		if b[i] != '\\' {
			continue
		}
		if i++; b[i] == 'N' {
			b[i] = 'n'
		}
	}
	return string(b)
}
