package remedy

import (
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// rruleUntilMidnight lets a series of Outlook end with the occurrence of its
// last day.
//
// QUIRK(outlook): rrule-until-midnight. The day that the organizer chose is
// written as a midnight in UTC, before the meeting of that day. Only where the
// rule has a meeting on that day is it certain that the day was meant.
func rruleUntilMidnight() *Remedy {
	return &Remedy{
		ID:       "rrule-until-midnight",
		Summary:  "let UNTIL at midnight include the occurrence of that day",
		Why:      "Outlook ends a series at midnight of its last day. Receivers that follow RFC 5545 miss the last meeting.",
		Source:   "Zimbra bug 5885",
		Profiles: notMicrosoft(),
		Facets:   FacetOccurrences,
		Looks:    []string{"RRULE"},
		Run: func(c *Object) {
			if !c.fromMicrosoft() {
				return
			}
			for _, ev := range c.schedulable() {
				for _, it := range ev.Items {
					if l := named(it, "RRULE"); l != nil && strings.Contains(l.Value(), "T000000Z") {
						includeLastDay(c, ev, l)
					}
				}
			}
		},
	}
}

func includeLastDay(c *Object, ev *ical.Component, l *ical.Line) {
	until, ok := ical.ParseDateTime(rulePart(l.Value(), "UNTIL"))
	start, known := c.moment(ev.First("DTSTART"))
	if !ok || !known || until.Form != ical.UTC || start.Form != ical.Local || !start.known {
		return
	}
	if h, m, s := until.Wall.Clock(); h+m+s != 0 {
		return
	}
	starts, ok := expand(l.Value(), start.DateTime, until.Wall.Add(24*time.Hour-time.Second))
	if !ok || len(starts) == 0 {
		return
	}
	last := ical.DateTime{Wall: starts[len(starts)-1], Form: ical.Local}
	at, ok := c.Zones.Instant(last, start.tzid)
	if !ok || last.Wall.Before(until.Wall) || !at.After(until.Wall) {
		return // no meeting on that day, or it is included already
	}
	end := ical.DateTime{Wall: at.UTC(), Form: ical.UTC}
	after := replaceParts(l.Value(), map[string]string{"UNTIL": end.String()})
	if c.Found(found(Error, ev, l.Name(), l.Value(), after)) {
		l.SetValue(after)
	}
}
