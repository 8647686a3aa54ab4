package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// blankLines takes empty lines out of a calendar and doubled CRs out of its
// line ends. What is after the calendar belongs to trailing-junk.
func blankLines() *Remedy {
	const wrong = ical.FaultBlank | ical.FaultFoldBlank | ical.FaultEndCRCRLF
	return &Remedy{
		ID:       "blank-lines",
		Summary:  "remove empty lines and doubled carriage returns",
		Why:      "A gateway that converts line ends twice leaves an empty line after each line, or CR CR LF. Nextcloud then reads properties without a name; other programs stop at the first empty line.",
		Source:   "nextcloud/mail#703; DavMail TestICSBufferedReader; RFC 5545 §3.1",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			if !c.readable() || c.Doc.Faults()&wrong == 0 {
				return
			}
			n, doubled := 0, 0
			c.Doc.EachLine(func(comp *ical.Component, l *ical.Line) {
				switch {
				case isEmpty(l):
					if comp.Name != "" {
						n++
					}
				case l.Faults()&wrong != 0:
					doubled++
				}
			})
			if n+doubled == 0 {
				return
			}
			var before []string
			if n > 0 {
				before = append(before, countLines(n, "without text"))
			}
			if doubled > 0 {
				before = append(before, countLines(doubled, "with CR CR LF or separated by empty lines"))
			}
			if c.Found(Finding{Level: Warning, Before: strings.Join(before, ", "), After: "CRLF"}) {
				c.Doc.EachLine(func(_ *ical.Component, l *ical.Line) {
					if l.Faults()&wrong != 0 && !isEmpty(l) {
						l.Touch()
					}
				})
				c.Doc.Root.Walk(func(comp *ical.Component) {
					if comp.Name != "" {
						comp.RemoveIf(isEmpty)
					}
				})
			}
		},
	}
}

// isEmpty reports whether a line has nothing but blanks.
func isEmpty(l *ical.Line) bool {
	return l.Name() == "" && strings.Trim(l.Text(), " \t\r\n\u00a0") == ""
}

// emptyLines reports whether properties are nothing but empty lines.
func emptyLines(items []ical.Item) bool {
	return !slices.ContainsFunc(items, func(it ical.Item) bool { return it.Prop == nil || !isEmpty(it.Prop) })
}
