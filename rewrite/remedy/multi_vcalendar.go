package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// multiVcalendar joins several calendars of one part when they are pieces of
// one meeting: the same METHOD, one UID, no occurrence twice, and no time zone
// that is declared in two ways.
func multiVcalendar() *Remedy {
	return &Remedy{
		ID:       "multi-vcalendar",
		Summary:  "join several VCALENDARs about one meeting",
		Why:      "Oracle Calendar Server writes each occurrence into a separate calendar. Exchange and Outlook read only the first one.",
		Source:   "MS-OXCICAL afb90409 note 1; cyrus-imapd #5067; Zimbra Ical4JTest",
		Profiles: []Profile{Standard},
		Facets:   facetAll,
		Run: func(c *Object) {
			if c.Cal == nil || moreCalendars(c.Doc) < 1 {
				return
			}
			cals := c.Doc.Calendars()
			f := found(Error, c.Cal, "", "BEGIN:VCALENDAR, more than once", "one VCALENDAR")
			if why := notOneMeeting(cals); why != "" {
				c.leave(f, why)
				return
			}
			if c.Found(f) {
				join(c.Doc, c.Cal, cals[1:])
				c.ResetZones()
			}
		},
	}
}

// moreCalendars counts the calendars after the first one.
func moreCalendars(d *ical.Document) int {
	n := -1
	for _, it := range d.Root.Items {
		if it.Sub != nil && it.Sub.Name == "VCALENDAR" {
			n++
		}
	}
	return n
}

// notOneMeeting returns why calendars must not be joined, "" when they may.
func notOneMeeting(cals []*ical.Component) string {
	type instance struct{ name, rid string }
	seen, zones, uid := map[instance]bool{}, map[string]string{}, ""
	for _, cal := range cals {
		if !strings.EqualFold(cal.Value("METHOD"), cals[0].Value("METHOD")) {
			return "they have different methods"
		}
		for _, sub := range cal.Children("") {
			if sub.Name == "VTIMEZONE" {
				id := sub.Value("TZID")
				text := unfolded(sub)
				if have, known := zones[id]; known && have != text {
					return "they declare a time zone differently"
				}
				zones[id] = text
				continue
			}
			id := identity(sub.Value("UID"))
			if id == "" || uid != "" && id != uid {
				return "they are about different meetings"
			}
			uid = id
			key := instance{sub.Name, sub.Value("RECURRENCE-ID")}
			if seen[key] {
				return "they contradict each other about one occurrence"
			}
			seen[key] = true
		}
	}
	return ""
}

// unfolded returns the text of a component without folds, for comparing.
func unfolded(comp *ical.Component) string {
	var b strings.Builder
	comp.Walk(func(at *ical.Component) {
		b.WriteString("\n" + at.Name)
		for _, it := range at.Items {
			if it.Prop != nil {
				b.WriteString("\n" + it.Prop.Text())
			}
		}
	})
	return b.String()
}

// join moves the components of the other calendars into the first and drops
// what is left of them.
func join(d *ical.Document, into *ical.Component, others []*ical.Component) {
	declared := map[string]bool{}
	for _, z := range into.Children("VTIMEZONE") {
		declared[z.Value("TZID")] = true
	}
	first := slices.IndexFunc(into.Items, func(it ical.Item) bool { return it.Sub != nil && it.Sub.Name != "VTIMEZONE" })
	var event *ical.Component // time zones go before the first event
	if first >= 0 {
		event = into.Items[first].Sub
	}
	gone := map[*ical.Component]bool{}
	for _, cal := range others {
		gone[cal] = true
		for _, sub := range cal.Children("") {
			switch {
			case sub.Name != "VTIMEZONE":
				into.AddChild(sub)
			case !declared[sub.Value("TZID")]:
				declared[sub.Value("TZID")] = true
				into.InsertChild(event, sub)
			}
		}
	}
	d.Root.Items = slices.DeleteFunc(d.Root.Items, func(it ical.Item) bool { return gone[it.Sub] })
}
