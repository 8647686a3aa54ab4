package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// bareVevent puts components that stand alone into a calendar.
func bareVevent() *Remedy {
	return &Remedy{
		ID:       "bare-vevent",
		Summary:  "put a VEVENT without VCALENDAR into one",
		Why:      "Some devices send BEGIN:VEVENT without a VCALENDAR around it. No calendar program can read that.",
		Source:   "cyrus-imapd jmap_calendar.c; RFC 5545 §3.4",
		Profiles: []Profile{Standard},
		Facets:   facetAll,
		Run: func(c *Object) {
			if c.Cal != nil || len(c.Doc.Root.Children("VEVENT")) == 0 {
				return
			}
			f := found(Error, c.Doc.Root, "", "BEGIN:VEVENT", "BEGIN:VCALENDAR")
			if slices.ContainsFunc(c.Doc.Root.Items, func(it ical.Item) bool { return it.Sub != nil && it.Sub.End == nil }) {
				c.leave(f, "the text ends inside a component: it may have been cut off")
				return
			}
			if !c.Found(f) {
				return
			}
			cal := ical.NewComponent("VCALENDAR")
			if method := strings.ToUpper(c.Part.Method); isMethod(method) {
				cal.Add(ical.NewLine("METHOD", method))
			}
			cal.Add(ical.NewLine("PRODID", ProdID))
			cal.Add(ical.NewLine("VERSION", "2.0"))
			for _, sub := range c.Doc.Root.Children("") {
				cal.AddChild(sub)
			}
			c.Doc.Root.Items = slices.DeleteFunc(c.Doc.Root.Items, func(it ical.Item) bool { return it.Sub != nil })
			c.Doc.Root.AddChild(cal)
			c.Cal = cal
			c.ResetZones()
		},
	}
}
