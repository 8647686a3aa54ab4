package remedy

import (
	"bytes"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// indentedLines takes the indent off lines that are read as folds of the line
// before them although they are lines of their own: BEGIN and END, and the
// properties that stand below one with the same indent. It does so only where
// each component has its two ends then, and no line before one is so long that
// it was folded.
func indentedLines() *Remedy {
	return &Remedy{
		ID:       "indented-lines",
		Summary:  "remove the indent of BEGIN, END and the lines below them",
		Why:      "If a program indents a calendar like source text, each line is a fold of the one before it: BEGIN:VEVENT becomes part of METHOD, and no meeting is found.",
		Source:   "olivierlambert/calrs#36; RFC 5545 §3.1",
		Profiles: []Profile{Standard},
		Facets:   facetAll,
		Stage:    Octets,
		Run: func(c *Object) {
			if !c.octetFacts().indented {
				return
			}
			after, n := outdent(c.Octets)
			if n == 0 || !balanced(after) {
				return
			}
			if c.Found(partFound(Error, "", countLines(n, "with an indent"), "")) {
				c.Octets = after
			}
		},
	}
}

// indentedBorder reports whether a text that begins with a blank has a BEGIN or
// END after its blanks.
func indentedBorder(text []byte) bool {
	text = text[:min(len(text), maxIndent+maxBorder)]
	for len(text) > 0 && isSpaceOrTab(text[0]) {
		text = text[1:]
	}
	if len(text) == 0 || text[0] != 'B' && text[0] != 'E' {
		return false
	}
	_, ok := border(text)
	return ok
}

// maxIndent bounds the indent that is searched, maxBorder the length of a
// BEGIN or END line.
const maxIndent, maxBorder = 64, 32

// border reports whether a text starts with the BEGIN or END line of a component
// that RFC 5545 §3.6 knows, and which.
func border(text []byte) (name string, ok bool) {
	line := text
	if n := bytes.IndexAny(text, "\r\n"); n >= 0 {
		line = text[:n]
	}
	line = bytes.TrimRight(line, " \t")
	rest, ok := bytes.CutPrefix(line, []byte("BEGIN:"))
	if !ok {
		if rest, ok = bytes.CutPrefix(line, []byte("END:")); !ok {
			return "", false
		}
	}
	switch name = string(rest); name {
	case "VCALENDAR", "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VALARM", "VTIMEZONE", "STANDARD", "DAYLIGHT":
		return name, true
	}
	return "", false
}

// outdent returns the text without the indents that no fold has, and how many
// there were.
func outdent(text []byte) (out []byte, n int) {
	out = make([]byte, 0, len(text))
	indent := -1   // of the lines that are lines of their own
	after := false // the line before is a BEGIN or END
	length := 0    // of the line before
	for line := range bytes.Lines(text) {
		body := bytes.TrimLeft(line, " \t")
		blanks := len(line) - len(body)
		_, isBorder := border(body)
		switch {
		case blanks == 0:
			indent = -1
		case isBorder && length >= fullLine:
			return nil, 0
		case isBorder, after && startsProperty(body):
			indent = blanks
			line = body
			n++
		case blanks == indent && startsProperty(body):
			line = body
			n++
		case indent >= 0 && blanks > indent:
			line = line[indent:]
		}
		after, length = isBorder, len(bytes.TrimRight(line, "\r\n"))
		out = append(out, line...)
	}
	return out, n
}

// startsProperty reports whether a line starts with the name of a known or a
// private property.
func startsProperty(line []byte) bool {
	n := bytes.IndexAny(line[:min(len(line), maxIndent)], ":;")
	if n <= 0 {
		return false
	}
	name := string(line[:n])
	switch name {
	case "VERSION", "PRODID", "METHOD", "CALSCALE", "TZID", "TZNAME", "TZOFFSETFROM", "TZOFFSETTO", "TZURL":
		return true
	}
	return knownProperties[name] || strings.HasPrefix(name, "X-") && isComponentName(name)
}

// balanced reports whether each component of a text has its BEGIN and its END.
func balanced(text []byte) bool {
	doc, err := ical.Parse(text, ical.Limits{})
	if err != nil || len(doc.Root.Children("")) == 0 {
		return false
	}
	ok := true
	doc.EachLine(func(_ *ical.Component, l *ical.Line) {
		if l.Name() == "BEGIN" || l.Name() == "END" {
			ok = ok && strings.IndexByte(strings.TrimSpace(l.Value()), ' ') < 0
		}
		if l.Name() == "END" && l.Faults()&ical.FaultSyntax != 0 {
			ok = false
		}
	})
	doc.Root.Walk(func(comp *ical.Component) { ok = ok && (comp == doc.Root || comp.End != nil) })
	return ok
}
