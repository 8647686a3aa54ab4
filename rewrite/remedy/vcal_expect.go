package remedy

import "strings"

// vcalExpect replaces the EXPECT parameter of vCalendar 1.0 by ROLE.
func vcalExpect() *Remedy {
	return &Remedy{
		ID:       "vcal-expect",
		Summary:  "replace EXPECT of vCalendar by ROLE",
		Why:      "In vCalendar, EXPECT states whether an attendee is required; in iCalendar, ROLE does. Strict programs refuse the parameter; others do not see who is only informed.",
		Source:   "vCalendar 1.0 §2.3.3; RFC 5545 §3.2.16",
		Profiles: []Profile{Standard},
		Facets:   FacetAttendees,
		Looks:    []string{";EXPECT"},
		Run: func(c *Case) {
			for _, ev := range c.schedulable() {
				for _, it := range ev.Items {
					l := attendee(it)
					if l == nil || quoteOpen(l) {
						continue
					}
					p, ok := l.Param("EXPECT")
					if !ok || len(p.Values) != 1 {
						continue
					}
					role := map[string]string{"FYI": "NON-PARTICIPANT", "REQUIRE": "REQ-PARTICIPANT", "REQUEST": "", "IMMEDIATE": ""}
					after, known := role[strings.ToUpper(strings.TrimSpace(p.Value()))]
					if _, has := l.Param("ROLE"); has {
						after = ""
					}
					f := found(Info, ev, "ATTENDEE", l.Text(), "")
					if !known {
						c.leave(f, "EXPECT="+clip(p.Value())+" is not a vCalendar value")
						continue
					}
					c.repair(f, func() string {
						l.DelParam("EXPECT")
						if after != "" {
							l.SetParam("ROLE", after)
						}
						return l.Text()
					})
				}
			}
		},
	}
}
