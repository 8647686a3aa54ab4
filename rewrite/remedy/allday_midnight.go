package remedy

import (
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// alldayMidnight makes dates of an all-day event that is written as the time
// from one midnight to another. Exceptions follow their series by rid-type,
// UNTIL follows by rrule-until-type.
//
// QUIRK(exchange2003): allday-midnight. Exchange wants it like that, so its
// receivers are left out.
func alldayMidnight() *Remedy {
	const flag = "X-MICROSOFT-CDO-ALLDAYEVENT"
	return &Remedy{
		ID:       "allday-midnight",
		Summary:  "write all-day events of Exchange as dates",
		Why:      "Exchange writes an all-day event from midnight to midnight in its own zone. Other calendars show a block of 24 hours, and in another zone on two days.",
		Source:   "ximian-connector docs; Zimbra bugs 55477 and 8905; RFC 5545 §3.6.1",
		Profiles: notMicrosoft(),
		Facets:   FacetAllDay | FacetOccurrences | FacetRecurrence,
		Looks:    []string{"X-MICROSOFT-CDO-ALLDAYEVENT"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				if ev.Name != "VEVENT" || !isWord(ev.Value(flag), "TRUE") {
					continue
				}
				all, why := midnights(c, ev)
				if len(all) == 0 && why == "" {
					continue // dates already
				}
				f := found(Warning, ev, "DTSTART", ev.Value("DTSTART"), "")
				if why != "" {
					c.leave(f, why)
					continue
				}
				if m, ok := c.moment(all[0]); ok {
					f.After = ical.DateTime{Wall: m.Wall, Form: ical.Date}.String()
				}
				if c.Found(f) {
					toDates(c, all)
					inDays(ev)
				}
			}
		},
	}
}

// midnights returns the properties that become dates, or says why they cannot.
func midnights(c *Object, ev *ical.Component) (all []*ical.Line, why string) {
	if ev.Has("RDATE") || !ev.Has("DTSTART") {
		return nil, "it has RDATE or no DTSTART"
	}
	if _, ok := wholeDays(ev); !ok {
		return nil, "DURATION is not of whole days"
	}
	for _, it := range ev.Items {
		if it.Prop == nil || !isTime(it.Prop.Name()) {
			continue
		}
		switch m, ok := c.moment(it.Prop); {
		case !ok:
			return nil, it.Prop.Name() + " is not one date"
		case m.Form == ical.Date:
		case m.Form == ical.UTC || m.clock() != 0:
			return nil, it.Prop.Name() + " is not a midnight of its zone"
		default:
			all = append(all, it.Prop)
		}
	}
	return all, ""
}

// wholeDays returns the DURATION of an event in days (RFC 5545 §3.8.2.5 allows
// nothing else beside a date); ok is false where it is of another length.
func wholeDays(ev *ical.Component) (days int, ok bool) {
	l := ev.First("DURATION")
	if l == nil {
		return 0, true
	}
	d, ok := ical.ParseDuration(strings.TrimSpace(l.Value()))
	days = d.Days + int(d.Clock/(24*time.Hour))
	return days, ok && !d.Negative && d.Clock%(24*time.Hour) == 0 && days > 0
}

func inDays(ev *ical.Component) {
	if days, ok := wholeDays(ev); ok && days > 0 {
		ev.First("DURATION").SetValue(ical.Duration{Days: days}.String())
	}
}

func toDates(c *Object, all []*ical.Line) {
	for _, l := range all {
		if m, ok := c.moment(l); ok {
			write(l, ical.DateTime{Wall: m.Wall, Form: ical.Date}, "")
		}
	}
}
