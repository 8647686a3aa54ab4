package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// junkLine reports lines inside a calendar that are no content lines: text
// that lost its folds, as a rule. Where it belongs is not certain.
func junkLine() *Remedy {
	return &Remedy{
		ID:      "junk-line",
		Summary: "report lines inside the calendar that are not properties",
		Why:     "The lines of a description that was broken without the space that marks a continuation are read as properties. Strict programs refuse the whole calendar; others lose the text.",
		Source:  "RFC 5545 §3.1; measured with go-ical; tine20#4361 for the cause",
		Never:   true,
		Looks:   []string{"?noname", "?small", "?slashes"},
		Run: func(c *Object) {
			if !c.readable() {
				return
			}
			n, f := 0, Finding{Level: Error}
			c.Doc.EachLine(func(comp *ical.Component, l *ical.Line) {
				if !isLoose(l) || comp.Name == "" || isEmpty(l) {
					return
				}
				if n++; n == 1 {
					f.Component, f.Before = comp.Name, strings.ToValidUTF8(l.Text(), "?")
				}
			})
			if n > 0 {
				f.Before = countLines(n, "without a property name: ") + f.Before
				c.leave(f, "it is not certain where the text belongs")
			}
		},
	}
}
