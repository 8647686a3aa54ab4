package remedy

import (
	"github.com/reconvene/reconvene/rewrite/ical"
)

// exception is an exception with the series that it belongs to, or with its own
// start where the series is not in the message.
type exception struct {
	ev      *ical.Component
	line    *ical.Line // RECURRENCE-ID
	id      moment
	start   moment     // of the series
	startAt *ical.Line // DTSTART of the series
}

// eachException calls f for the exceptions whose series is in the calendar.
func eachException(c *Object, f func(exception)) {
	for _, ev := range c.schedulable() {
		l := ev.First("RECURRENCE-ID")
		id, ok := c.moment(l)
		if !ok {
			continue
		}
		master := c.master(ev)
		if master == nil {
			continue
		}
		startAt := master.First("DTSTART")
		if start, ok := c.moment(startAt); ok {
			f(exception{ev: ev, line: l, id: id, start: start, startAt: startAt})
		}
	}
}

// eachLoneException calls f for the exceptions whose series is not in the
// calendar, with their own start.
func eachLoneException(c *Object, f func(exception)) {
	for _, ev := range c.schedulable() {
		l, startAt := ev.First("RECURRENCE-ID"), ev.First("DTSTART")
		id, ok := c.moment(l)
		if !ok || c.master(ev) != nil {
			continue
		}
		if start, ok := c.moment(startAt); ok {
			f(exception{ev: ev, line: l, id: id, start: start, startAt: startAt})
		}
	}
}

// replaceID asks for the new RECURRENCE-ID of an exception and writes it.
func replaceID(c *Object, x exception, after ical.DateTime, tzid string) {
	if c.Found(found(Error, x.ev, "RECURRENCE-ID", show(x.id.DateTime, x.id.tzid), show(after, tzid))) {
		write(x.line, after, tzid)
	}
}

// ridMidnight gives a RECURRENCE-ID at midnight the time of day of its series.
//
// QUIRK(outlook2007): rid-midnight. A UTC midnight is left alone: it can be
// seven in the evening in New York.
func ridMidnight() *Remedy {
	return &Remedy{
		ID:       "rid-midnight",
		Summary:  "give a RECURRENCE-ID at midnight the time of its series",
		Why:      "Outlook 2007 identifies an occurrence by its day and writes midnight as the time. Receivers find no such occurrence, and ignore the change or add a second meeting.",
		Source:   "Zimbra bugs 61159 and 62042; RFC 5545 §3.8.4.4",
		Profiles: []Profile{Standard},
		Facets:   FacetRecurrence,
		Looks:    []string{"RECURRENCE-ID"},
		Run: func(c *Object) {
			eachException(c, func(x exception) {
				if x.id.Form != ical.Local || x.id.clock() != 0 || x.start.Form == ical.Date || x.start.clock() == 0 {
					return
				}
				if x.id.tzid != "" && x.start.Form == ical.Local && !x.id.sameZone(x.start) || !c.fromMicrosoft() && !oncePerDay(c.master(x.ev)) {
					return // an instant that may well be an occurrence
				}
				day := x.id
				if x.start.Form == ical.UTC {
					c.leave(found(Error, x.ev, "RECURRENCE-ID", x.id.String(), ""), "the series is in UTC: the day of the occurrence is not certain")
					return
				}
				day.Wall = day.Wall.Add(x.start.clock())
				replaceID(c, x, day.DateTime, x.start.tzid)
			})
			midnightsAlone(c)
		},
	}
}

// midnightsAlone does the same for exceptions by Exchange and Outlook whose series
// is not in the calendar, where it is remembered.
func midnightsAlone(c *Object) {
	if c.Memory == nil || !c.fromMicrosoft() {
		return
	}
	for _, ev := range c.schedulable() {
		l := ev.First("RECURRENCE-ID")
		id, ok := c.moment(l)
		if !ok || id.Form != ical.Local || id.clock() != 0 || c.master(ev) != nil {
			continue
		}
		was, series := invitation(c, ev)
		if series == nil {
			continue
		}
		start, ok := was.moment(series.First("DTSTART"))
		if !ok || start.Form == ical.Date || start.clock() == 0 || start.Form == ical.Local && id.tzid != "" && !id.sameZone(start) {
			continue
		}
		at, why := occurrenceOn(was, series, id.Wall)
		if f := found(Error, ev, "RECURRENCE-ID", show(id.DateTime, id.tzid), at.String()); why != "" {
			c.leave(f, why)
		} else if c.Found(f) {
			write(l, at, "")
		}
	}
}

// ridType gives a RECURRENCE-ID the type of the DTSTART of its series
// (RFC 5545 §3.8.4.4).
func ridType() *Remedy {
	return &Remedy{
		ID:       "rid-type",
		Summary:  "give RECURRENCE-ID the type of DTSTART, a date or a time",
		Why:      "If the change of one day of an all-day series has a time, or the reverse, it matches no occurrence.",
		Source:   "Zimbra d712f070f3; SOGo 39632239f; RFC 5545 §3.8.4.4",
		Profiles: []Profile{Standard},
		Facets:   FacetRecurrence,
		Looks:    []string{"RECURRENCE-ID"},
		Run: func(c *Object) {
			eachException(c, func(x exception) {
				switch {
				case x.start.Form == ical.Date && x.id.Form != ical.Date:
					day, ok := dayOf(c, x.id)
					if !ok {
						c.leave(found(Error, x.ev, "RECURRENCE-ID", x.id.String(), ""), "the day depends on a zone that is not known")
						return
					}
					replaceID(c, x, ical.DateTime{Wall: day, Form: ical.Date}, "")
				case x.start.Form != ical.Date && x.id.Form == ical.Date:
					after, why := onDay(c, c.master(x.ev), x.start, x.id.Wall)
					if why != "" {
						c.leave(found(Error, x.ev, "RECURRENCE-ID", x.id.String(), ""), why)
						return
					}
					replaceID(c, x, after, x.startAt.ParamValue("TZID"))
				}
			})
		},
	}
}

// ridZone writes the times of an exception in the zone of its series: the same
// instants. All of them or none: Exchange keeps one zone for an exception
// (MS-OXCICAL 2.1.3.1.1.20.20), and importers written after it refuse a series
// whose exception has two, or read one of the times an hour off.
func ridZone() *Remedy {
	return &Remedy{
		ID:       "rid-zone",
		Summary:  "write RECURRENCE-ID, start and end of an exception in the zone of the series",
		Why:      "Exchange and iCloud name an occurrence in another zone than the series, or in UTC. Servers built on sabre ignore such a change; others show both meetings. Importers that keep one zone for an exception refuse two.",
		Source:   "sabre vobject issue 358; ical.js PR 99; gromox E-2707; MS-OXCICAL RECURRENCE-ID",
		Profiles: []Profile{Standard},
		Except:   []Profile{Domino}, // see rid-domino-utc
		Looks:    []string{"RECURRENCE-ID"},
		Run: func(c *Object) {
			eachException(c, func(x exception) {
				if x.id.Form != ical.Date && x.start.Form != ical.Date && x.id.known {
					moveTimes(c, x)
				}
			})
		},
	}
}

// rewritten is a property with a date-time in another zone.
type rewritten struct {
	line          *ical.Line
	before, after moment
}

// moveTimes writes the times of an exception in the zone of its series, or says
// why not.
func moveTimes(c *Object, x exception) {
	var all []rewritten
	for _, name := range [...]string{"RECURRENCE-ID", "DTSTART", "DTEND", "DUE"} {
		l := x.ev.First(name)
		m, ok := c.moment(l)
		if l == nil || ok && (m.Form == ical.Date || m.sameZone(x.start)) {
			continue
		}
		after, also := like(c, x.start, m.instant)
		if !ok || !m.known || !also {
			c.leave(found(Warning, x.ev, name, showLine(l), ""), "this time or the zone of the series is not known, or the zone has this hour twice: all times of the exception stay")
			return
		}
		all = append(all, rewritten{l, m, moment{DateTime: after}})
	}
	for _, r := range all {
		if c.Found(found(Error, x.ev, r.line.Name(), show(r.before.DateTime, r.before.tzid), show(r.after.DateTime, x.start.tzid))) {
			write(r.line, r.after.DateTime, x.start.tzid)
		}
	}
}

// ridDominoUTC writes every RECURRENCE-ID in UTC.
//
// QUIRK(domino): rid-domino-utc. Notes identifies occurrences by a UTC time.
func ridDominoUTC() *Remedy {
	return &Remedy{
		ID:       "rid-domino-utc",
		Summary:  "write RECURRENCE-ID in UTC",
		Why:      "Notes identifies an occurrence by its time in UTC; with another form it reports error 4808 or 4814 or does nothing.",
		Source:   "NotesCalendarEntry, recurid; calconnect interoperability reports",
		Profiles: []Profile{Domino},
		Looks:    []string{"RECURRENCE-ID"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				l := ev.First("RECURRENCE-ID")
				if m, ok := c.moment(l); ok && m.Form == ical.Local && m.known {
					replaceID(c, exception{ev: ev, line: l, id: m}, ical.DateTime{Wall: m.instant.UTC(), Form: ical.UTC}, "")
				}
			}
		},
	}
}
