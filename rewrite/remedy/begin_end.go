package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// beginEnd writes BEGIN and END lines plainly: upper case, no blanks around
// the name, no parameters.
func beginEnd() *Remedy {
	return &Remedy{
		ID:       "begin-end",
		Summary:  "write BEGIN and END lines in upper case and without spaces",
		Why:      "Some libraries do not recognise END:VEVENT with a space after it or a component name in lower case. They miss the end of the meeting and refuse the calendar.",
		Source:   "RFC 5545 §3.4, §3.6; measured with go-ical",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			if !c.readable() {
				return
			}
			c.Doc.Root.Walk(func(comp *ical.Component) {
				plain(c, comp, "BEGIN", comp.Begin)
				plain(c, comp, "END", comp.End)
			})
		},
	}
}

func plain(c *Object, comp *ical.Component, keyword string, l *ical.Line) {
	if l == nil || plainly(l, keyword, comp.Name) || !isComponentName(comp.Name) {
		return
	}
	if !c.Found(found(Warning, comp, keyword, l.Text(), keyword+":"+comp.Name)) {
		return
	}
	l.Touch()
	for _, p := range l.Params() {
		l.DelParam(p.Name)
	}
	l.SetName(keyword)
	l.SetValue(comp.Name)
}

// plainly looks at the octets: a line of blanks after END:VCALENDAR is read
// as a fold of it. A name too long for one line is folded by right.
func plainly(l *ical.Line, keyword, name string) bool {
	if l.Edited() || len(keyword)+1+len(name) > 75 {
		return l.WrittenName() == keyword && l.Value() == name && len(l.Params()) == 0
	}
	rest, ok := strings.CutPrefix(strings.TrimRight(l.Raw(), "\r\n"), keyword)
	return ok && len(rest) == len(name)+1 && rest[0] == ':' && rest[1:] == name
}

// isComponentName reports whether a name may be one (RFC 5545 §3.1, name).
func isComponentName(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !(c == '-' || c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z') {
			return false
		}
	}
	return s != ""
}
