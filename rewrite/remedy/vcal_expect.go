package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// vcalExpect replaces the EXPECT and STATUS parameters of vCalendar 1.0 by ROLE
// and PARTSTAT.
func vcalExpect() *Remedy {
	return &Remedy{
		ID:       "vcal-expect",
		Summary:  "replace EXPECT and STATUS of vCalendar by ROLE and PARTSTAT",
		Why:      "In vCalendar, EXPECT states whether an attendee is required and STATUS what the attendee has answered; in iCalendar, ROLE and PARTSTAT do. Strict programs refuse the parameters; others do not see who is only informed and who has answered.",
		Source:   "vCalendar 1.0 §2.3.3; RFC 5545 §3.2.12, §3.2.16",
		Profiles: []Profile{Standard},
		Facets:   FacetAttendees,
		Looks:    []string{";EXPECT", ";STATUS"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				for _, it := range ev.Items {
					if l := attendee(it); l != nil && !quoteOpen(l) {
						replaceWord(c, ev, l, "EXPECT", "ROLE", vcalRole)
						replaceWord(c, ev, l, "STATUS", "PARTSTAT", func(status string) (string, bool) {
							if ev.Name == "VTODO" && status == "COMPLETED" {
								return status, true
							}
							return vcalAnswer(status)
						})
					}
				}
			}
		},
	}
}

// replaceWord replaces a parameter of vCalendar by the one of iCalendar. The
// latter takes precedence where the two say the same or the old one the default.
func replaceWord(c *Object, ev *ical.Component, l *ical.Line, old, name string, means func(string) (string, bool)) {
	p, ok := l.Param(old)
	if !ok || len(p.Values) != 1 {
		return
	}
	f := found(Info, ev, "ATTENDEE", l.Text(), "")
	after, known := means(strings.ToUpper(strings.TrimSpace(p.Value())))
	if !known {
		c.leave(f, old+"="+clip(p.Value())+" is not a vCalendar value")
		return
	}
	if there, has := l.Param(name); has {
		if name == "PARTSTAT" && !strings.EqualFold(there.Value(), after) {
			c.leave(f, "STATUS and PARTSTAT give two answers: ask the attendee")
			return
		}
		after = ""
	}
	c.repair(f, func() string {
		l.DelParam(old)
		setParam(l, name, after)
		return l.Text()
	})
}
