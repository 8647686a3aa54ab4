package remedy

import (
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// datesOf is a property with a list of dates beside the start of its component.
type datesOf struct {
	ev    *ical.Component
	line  *ical.Line
	dates []moment
	start moment
}

// eachDates calls f for the EXDATEs or RDATEs of components with a start. One
// with a period, with a date that nobody can read, or with too many is left out.
func eachDates(c *Object, name string, f func(datesOf)) {
	for _, ev := range c.schedulable() {
		if !ev.Has(name) {
			continue
		}
		start, ok := c.moment(ev.First("DTSTART"))
		if !ok {
			continue
		}
		for _, it := range ev.Items {
			l := named(it, name)
			if l == nil || quoteOpen(l) || strings.Count(l.Value(), ",") >= maxExdates {
				continue
			}
			if dates, ok := readDates(c, l); ok {
				f(datesOf{ev, l, dates, start})
			}
		}
	}
}

func readDates(c *Object, l *ical.Line) (dates []moment, ok bool) {
	for v := range strings.SplitSeq(l.Value(), ",") {
		if v = strings.TrimSpace(v); v == "" {
			continue
		}
		m, ok := c.momentOf(v, l.ParamValue("TZID"))
		if !ok {
			return nil, false
		}
		dates = append(dates, m)
	}
	return dates, len(dates) > 0
}

// repairDates asks for each date of a list what it has to be, in the form and the
// zone of the start, and writes the list. A date that mend does not want to
// change must be in that form and zone already. Nothing happens where mend
// wants no change at all; where it says why it cannot, that is reported.
func repairDates(c *Object, level Level, d datesOf, mend func(moment) (after ical.DateTime, wanted bool, why string)) {
	f := found(level, d.ev, d.line.Name(), d.line.Text(), "")
	after := make([]ical.DateTime, len(d.dates))
	change, mixed := false, false
	for i, m := range d.dates {
		to, wanted, why := mend(m)
		switch {
		case why != "":
			c.leave(f, why)
			return
		case wanted:
			after[i], change = to, true
		default:
			after[i], mixed = m.DateTime, mixed || !m.sameZone(d.start)
		}
	}
	switch {
	case !change:
		return
	case mixed:
		c.leave(f, "the dates of the list have different forms, and one property can have only one")
		return
	}
	list := make([]string, len(after))
	for i, t := range after {
		list[i] = t.String()
	}
	tzid := d.start.tzid
	if f.After = strings.Join(list, ","); tzid != "" {
		f.After += " " + tzid
	}
	if c.Found(f) {
		write(d.line, after[0], tzid)
		d.line.SetValue(strings.Join(list, ","))
	}
}

// oncePerDay reports whether a series has at most one occurrence a day, all at the
// time of day of its start.
func oncePerDay(ev *ical.Component) bool {
	if ev.Has("RDATE") || !ev.Has("RRULE") {
		return false
	}
	for _, it := range ev.Items {
		l := named(it, "RRULE")
		if l == nil {
			continue
		}
		switch rulePart(l.Value(), "FREQ") {
		case "DAILY", "WEEKLY", "MONTHLY", "YEARLY":
		default:
			return false
		}
		for _, part := range [...]string{"BYHOUR", "BYMINUTE", "BYSECOND"} {
			if rulePart(l.Value(), part) != "" {
				return false
			}
		}
	}
	return true
}

// onDay returns the occurrence of a series on a day that is named without a
// time, in the form of the start. A start in UTC does not say where that day is:
// then it is certain only where one occurrence is near.
func onDay(c *Object, series *ical.Component, start moment, day time.Time) (at ical.DateTime, why string) {
	at = ical.DateTime{Wall: day.Add(start.clock()), Form: start.Form}
	if start.Form != ical.UTC {
		return at, ""
	}
	const uncertain = "the series is in UTC: it is not certain which day is meant"
	if series == nil || !oncePerDay(series) || len(series.Lines("RRULE")) != 1 {
		return at, uncertain
	}
	starts, ok := expand(series.Value("RRULE"), start.DateTime, at.Wall.AddDate(0, 0, 1))
	if !ok {
		return at, uncertain
	}
	n := 0
	for _, t := range starts {
		if !t.Before(at.Wall.AddDate(0, 0, -1)) {
			at.Wall = t
			n++
		}
	}
	if n != 1 {
		return at, uncertain
	}
	return at, ""
}

// toType gives a date of a series the type of its start.
func toType(c *Object, series *ical.Component, start, m moment) (after ical.DateTime, wanted bool, why string) {
	switch {
	case (m.Form == ical.Date) == (start.Form == ical.Date):
		return after, false, ""
	case start.Form == ical.Date:
		day, ok := dayOf(c, m)
		if !ok {
			return after, false, "the day depends on a zone that is not known"
		}
		y, mo, d := day.Date()
		return ical.DateTime{Wall: time.Date(y, mo, d, 0, 0, 0, 0, time.UTC), Form: ical.Date}, true, ""
	}
	after, why = onDay(c, series, start, m.Wall)
	return after, true, why
}
