package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// methodInVevent moves METHOD from the components to the calendar, where
// RFC 5545 §3.7.2 wants it.
func methodInVevent() *Remedy {
	return &Remedy{
		ID:       "method-in-vevent",
		Summary:  "move METHOD from the event to the calendar",
		Why:      "Receivers look for METHOD in the calendar, not in the event. They do not find it and show a file instead of an invitation.",
		Source:   "RFC 5545 §3.7.2; ical4j issue 423; icalevent issue 9",
		Profiles: []Profile{Standard},
		Facets:   FacetMethod,
		Run: func(c *Object) {
			method, ok := innerMethod(c)
			if method == "" {
				return
			}
			f := found(Error, c.Cal, "METHOD", c.Cal.Value("METHOD"), method)
			if outer := c.Method(); !ok || !isMethod(method) || outer != "" && outer != method {
				c.leave(f, "the events and the calendar do not agree on one method")
				return
			}
			if !c.Found(f) {
				return
			}
			for _, ev := range c.schedulable() {
				ev.RemoveIf(func(l *ical.Line) bool { return l.Name() == "METHOD" })
			}
			if l := c.Cal.First("METHOD"); l != nil {
				l.SetValue(method)
			} else {
				c.Cal.AddFirst(ical.NewLine("METHOD", method))
			}
		},
	}
}

// innerMethod returns the METHOD of the components in upper case, and whether
// there is only one.
func innerMethod(c *Object) (method string, one bool) {
	one = true
	for _, ev := range c.schedulable() {
		for _, it := range ev.Items {
			l := named(it, "METHOD")
			if l == nil {
				continue
			}
			m := strings.ToUpper(strings.TrimSpace(l.Value()))
			if method != "" && m != method {
				one = false
			}
			method = m
		}
	}
	return method, one
}
