package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// tzBehind puts each VTIMEZONE before the meetings, in their order.
//
// QUIRK(ruby-icalendar): tz-behind. It looks for the next onset of a rule without
// end, also of one that has none, such as the first Sunday of the days 15 to 21. Behind
// the meeting it does not see the zone.
func tzBehind() *Remedy {
	return &Remedy{
		ID:       "tz-behind",
		Summary:  "put VTIMEZONE before the first event",
		Why:      "Programs that read a calendar once from top to bottom do not know a zone that follows the meeting: they refuse the calendar or use another zone.",
		Source:   "ical4j issue 236; measured with npm-icalendar; RFC 5545 §3.6.5 leaves the order open",
		Profiles: []Profile{Standard},
		Looks:    []string{"BEGIN:VTIMEZONE"},
		Run: func(c *Object) {
			if c.Cal == nil {
				return
			}
			first := slices.IndexFunc(c.Cal.Items, func(it ical.Item) bool { return it.Sub != nil && isSchedulable(it.Sub.Name) })
			if first < 0 {
				return
			}
			var late []ical.Item
			rest := slices.DeleteFunc(c.Cal.Items[first:], func(it ical.Item) bool {
				if it.Sub == nil || it.Sub.Name != "VTIMEZONE" || it.Sub.End == nil {
					return false
				}
				f := found(Warning, it.Sub, "TZID", it.Sub.Value("TZID")+" after a component", "before the first component")
				if anyObservance(it.Sub, countsInDays) {
					c.leave(f, "its rules count weekdays among days of the month, and a program that knows the zone may look for such a day without end")
					return false
				}
				move := c.Found(f)
				if move {
					late = append(late, it)
				}
				return move
			})
			if len(late) > 0 {
				c.Cal.Items = slices.Concat(c.Cal.Items[:first], late, rest)
				c.ResetZones()
			}
		},
	}
}

// countsInDays reports whether a rule counts weekdays among some days of a month.
func countsInDays(o *ical.Component) bool {
	rule := o.Value("RRULE")
	return rulePart(rule, "BYMONTHDAY") != "" && strings.ContainsAny(rulePart(rule, "BYDAY"), "0123456789")
}
