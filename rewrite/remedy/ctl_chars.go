package remedy

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// textFacets are the facets that hold text which people typed.
const textFacets = FacetSummary | FacetLocation | FacetDescription

// ctlChars takes control characters out of texts.
func ctlChars() *Remedy {
	return &Remedy{
		ID:       "ctl-chars",
		Summary:  "remove control characters from texts",
		Why:      "Text pasted from Word brings vertical tabs and other control characters into Exchange. Cyrus and CalDAV servers refuse such a calendar as invalid data.",
		Source:   "cyrus-imapd 7d6943ac0b; DavMail PR 386; RFC 5545 §3.1",
		Profiles: []Profile{Standard},
		Facets:   textFacets,
		Run: func(c *Object) {
			editText(c, Error, ical.FaultControl, "without control characters", dropControls)
			leaveHiddenLines(c)
		},
	}
}

// dropControls removes C0 without TAB, DEL and C1. Those that move to another
// line (VT, which is what Word has for a line break, FF, CR and NEL) become a
// line break in a text. A CR that may be a line end is no reason to change the
// line; in a line that is changed for another reason it becomes \n.
func dropControls(l *ical.Line, s string) string {
	if strings.IndexFunc(s, isDropped) < 0 {
		return s
	}
	hides := hidesLine(s)
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= 0x80 {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		switch {
		case !isDropped(r), r == '\r' && hides:
			b.WriteString(s[i : i+size])
		case strings.ContainsRune("\v\f\r\u0085", r) && isText(l.Name()) && s == l.Value():
			b.WriteString(`\n`)
		}
		i += size
	}
	return b.String()
}

func isDropped(r rune) bool { return unicode.IsControl(r) && r != '\t' }

// leaveHiddenLines reports lines that are two to a program which ends lines at
// CR, and one to others. What the author meant is not certain.
func leaveHiddenLines(c *Object) {
	if !c.readable() || c.Doc.Faults()&ical.FaultControl == 0 {
		return
	}
	c.Doc.EachLine(func(comp *ical.Component, l *ical.Line) {
		if l.Faults()&ical.FaultControl != 0 && hidesLine(l.Value()) {
			c.leave(found(Error, comp, l.Name(), strings.ReplaceAll(l.Text(), "\r", "<CR>"), ""),
				"a carriage return precedes what looks like a property: it may be a line end")
		}
	})
}

// hidesLine reports whether a CR is before the name of a property.
func hidesLine(s string) bool {
	for {
		_, rest, ok := strings.Cut(s, "\r")
		if !ok {
			return false
		}
		name := strings.TrimLeft(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-")
		if name != "" && len(name) < len(rest) && (name[0] == ':' || name[0] == ';') {
			return true
		}
		s = rest
	}
}
