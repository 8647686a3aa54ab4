package remedy

import (
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// dateWithZ takes the Z off dates.
func dateWithZ() *Remedy {
	return &Remedy{
		ID:       "date-with-z",
		Summary:  "remove the Z from dates",
		Why:      "A date has no zone. Parsers fail on 20260302Z.",
		Source:   "Zimbra ParsedDateTime; ical.js; RFC 5545 §3.3.4",
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences | FacetAllDay | FacetRecurrence, // nobody could read the date before
		Run: func(c *Object) {
			eachTime(c, func(comp *ical.Component, l *ical.Line) {
				if n := len(strings.TrimSpace(l.Value())); n > len("20260302Z") && strings.IndexByte(l.Value(), ',') < 0 {
					return
				}
				values := strings.Split(l.Value(), ",")
				changed := false
				for i, v := range values {
					v = strings.TrimSpace(v)
					if d, ok := ical.ParseDateTime(strings.TrimSuffix(v, "Z")); ok && d.Form == ical.Date && strings.HasSuffix(v, "Z") {
						values[i], changed = d.String(), true
					}
				}
				after := strings.Join(values, ",")
				if changed && c.Found(found(Error, comp, l.Name(), l.Value(), after)) {
					l.SetValue(after)
				}
			})
		},
	}
}

// dateNoValue marks dates as dates: the default type of these properties is
// DATE-TIME.
func dateNoValue() *Remedy {
	return &Remedy{
		ID:       "date-no-value",
		Summary:  "add VALUE=DATE to dates",
		Why:      "Without VALUE=DATE the value must be read as a time, and strict parsers fail.",
		Source:   "ical4j user guide, cuas.md; RFC 5545 §3.8.2.4",
		Form:     "date",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			eachTime(c, func(comp *ical.Component, l *ical.Line) {
				if len(firstOf(l.Value())) != 8 || strings.EqualFold(l.ParamValue("VALUE"), "DATE") || !allForms(l, ical.Date) {
					return
				}
				f := found(Warning, comp, l.Name(), l.Text(), l.Name()+";VALUE=DATE:"+l.Value())
				if other := comp.First(otherEnd(l.Name())); other != nil && !allForms(other, ical.Date) {
					c.leave(f, other.Name()+" is a time: the date may have lost its time")
					return
				}
				if c.Found(f) {
					l.SetParam("VALUE", "DATE")
					l.DelParam("TZID") // RFC 5545 §3.2.19: not on dates
				}
			})
		},
	}
}

// otherEnd names the property that must be of the same type as DTSTART, DTEND
// or DUE (RFC 5545 §3.8.2.2, §3.8.2.3).
func otherEnd(name string) string {
	switch name {
	case "DTSTART":
		return "DTEND"
	case "DTEND", "DUE":
		return "DTSTART"
	}
	return ""
}

// dtendMissing writes down the end that RFC 5545 §3.6.1 implies: the start, or
// for a date the end of the day; for an exception, the length of its series. A
// cancellation gets the length of the invitation that is remembered, and without one none.
func dtendMissing() *Remedy {
	return &Remedy{
		ID:       "dtend-missing",
		Summary:  "add the implied DTEND",
		Why:      "Exchange fails to import a meeting with neither DTEND nor DURATION. Only Exchange gets a DTEND equal to DTSTART, because others ignore a meeting that has one.",
		Source:   "MS-STANXICAL 6287bb8d; RFC 5545 §3.6.1",
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences,
		Looks:    []string{"METHOD:REQUEST", "METHOD:CANCEL"},
		Run: func(c *Object) {
			switch c.Method() {
			case "CANCEL":
				endCancelled(c)
				return
			case "REQUEST":
			default:
				return // only what Exchange imports needs an end
			}
			for _, ev := range c.schedulable() {
				if ev.Name != "VEVENT" || ev.Has("DTEND") || ev.Has("DURATION") {
					continue
				}
				l := ev.First("DTSTART")
				start, ok := c.moment(l)
				if !ok {
					continue
				}
				end := start.DateTime
				length, known := lengthOfSeries(c, ev, start)
				switch {
				case !known:
					c.leave(found(Error, ev, "DTEND", "", ""), "the length of the series is not certain")
					continue
				case length == 0 && !c.isFor(microsoft()...):
					// QUIRK(calcurse): dtend-missing. It drops a meeting that
					// ends when it starts, and takes one without an end.
					c.leave(found(Info, ev, "DTEND", "", ""), "only Exchange needs an end equal to the start; other programs ignore such a meeting")
					continue
				}
				end.Wall = end.Wall.Add(length)
				if c.Found(found(Error, ev, "DTEND", "", show(end, start.tzid))) {
					dtend := ical.NewLine("DTEND", end.String())
					write(dtend, end, l.ParamValue("TZID"))
					ev.InsertAfter(l, dtend)
				}
			}
		},
	}
}

// endCancelled adds the ends of cancelled events whose invitation is remembered.
func endCancelled(c *Object) {
	for _, ev := range c.schedulable() {
		l := ev.First("DTSTART")
		start, ok := c.moment(l)
		if ev.Name != "VEVENT" || ev.Has("DTEND") || ev.Has("DURATION") || !ok {
			continue
		}
		length, known := lengthRemembered(c, ev, start)
		if !known || length == 0 {
			continue
		}
		end := start.DateTime
		end.Wall = end.Wall.Add(length)
		if c.Found(found(Warning, ev, "DTEND", "", show(end, start.tzid))) {
			dtend := ical.NewLine("DTEND", end.String())
			write(dtend, end, l.ParamValue("TZID"))
			ev.InsertAfter(l, dtend)
		}
	}
}

// lengthRemembered returns how long the meeting took that an event cancels, or each of its
// occurrences.
func lengthRemembered(c *Object, ev *ical.Component, start moment) (time.Duration, bool) {
	was, last := invitation(c, ev)
	if last == nil {
		return 0, false
	}
	from, ok := was.moment(last.First("DTSTART"))
	to, also := was.moment(last.First("DTEND"))
	switch {
	case !ok || !also || (from.Form == ical.Date) != (start.Form == ical.Date):
		return 0, false
	case from.Form == ical.Date && to.Form == ical.Date:
		return to.Wall.Sub(from.Wall), to.Wall.After(from.Wall)
	case !from.known || !to.known || !to.instant.After(from.instant):
		return 0, false
	}
	return to.instant.Sub(from.instant), true
}

// lengthOfSeries returns how long an event without an end takes, on the clock.
func lengthOfSeries(c *Object, ev *ical.Component, start moment) (time.Duration, bool) {
	implied := time.Duration(0)
	if start.Form == ical.Date {
		implied = 24 * time.Hour
	}
	master := c.master(ev)
	if master == nil || !master.Has("DTEND") && !master.Has("DURATION") {
		return implied, true
	}
	from, ok := c.moment(master.First("DTSTART"))
	to, also := c.moment(master.First("DTEND"))
	if !ok || !also || from.Form != start.Form || !from.sameZone(to) || to.Wall.Before(from.Wall) {
		return 0, false
	}
	return to.Wall.Sub(from.Wall), true
}

// dtendAndDuration keeps the DTEND of two ends, and the DUE of a task (RFC 5545
// §3.6.1 and §3.6.2 allow one).
func dtendAndDuration() *Remedy {
	return &Remedy{
		ID:       "dtend-and-duration",
		Summary:  "remove DURATION beside DTEND or DUE",
		Why:      "Only one of the two is allowed; receivers differ in which one they use.",
		Source:   "ical4j VEventRule; RFC 5545 §3.6.1, §3.6.2",
		Profiles: []Profile{Standard},
		Looks:    []string{"DTEND DURATION", "DUE DURATION"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				end := map[string]string{"VEVENT": "DTEND", "VTODO": "DUE"}[ev.Name]
				if end == "" || !ev.Has("DURATION") {
					continue
				}
				if _, ok := c.moment(ev.First(end)); ok {
					c.drop(Warning, ev, func(l *ical.Line) bool { return l.Name() == "DURATION" })
				}
			}
		},
	}
}

// dtendEqualDate gives an all-day event that ends on the day it starts its
// one day: DTEND is the day after (RFC 5545 §3.6.1).
func dtendEqualDate() *Remedy {
	return &Remedy{
		ID:       "dtend-equal-date",
		Summary:  "set the end of an all-day event to the next day",
		Why:      "DTEND is exclusive. An all-day event that ends on the day on which it starts has no length and is lost.",
		Source:   "ical4j VEventRule; RFC 5545 §3.6.1",
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences,
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				l := ev.First("DTEND")
				if l == nil || len(strings.TrimSpace(l.Value())) != len("20260302") {
					continue // no date
				}
				start, ok := c.moment(ev.First("DTSTART"))
				end, also := c.moment(l)
				if !ok || !also || start.Form != ical.Date || end.Form != ical.Date || !start.Wall.Equal(end.Wall) {
					continue
				}
				after := ical.DateTime{Wall: end.Wall.AddDate(0, 0, 1), Form: ical.Date}
				if c.Found(found(Warning, ev, "DTEND", end.String(), after.String())) {
					l.SetValue(after.String())
				}
			}
		},
	}
}
