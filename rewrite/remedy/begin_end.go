package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// beginEnd writes BEGIN and END lines plainly: upper case, no blanks around
// the name, no parameters.
func beginEnd() *Remedy {
	return &Remedy{
		ID:       "begin-end",
		Summary:  "write BEGIN and END lines in upper case and without blanks",
		Why:      "A blank behind END:VEVENT or a name in small letters is overlooked by some libraries, which then miss the end of the meeting and refuse the calendar.",
		Source:   "RFC 5545 §3.4, §3.6; measured with go-ical",
		Profiles: []Profile{Standard},
		Run: func(c *Case) {
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

func plain(c *Case, comp *ical.Component, keyword string, l *ical.Line) {
	if l == nil || l.WrittenName() == keyword && l.Value() == comp.Name && len(l.Params()) == 0 {
		return
	}
	if !c.Found(found(Warning, comp, keyword, l.Text(), keyword+":"+comp.Name)) {
		return
	}
	for _, p := range l.Params() {
		l.DelParam(p.Name)
	}
	l.SetName(keyword)
	l.SetValue(comp.Name)
}
