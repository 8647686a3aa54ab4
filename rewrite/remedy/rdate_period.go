package remedy

import (
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// rdatePeriod writes periods as starts where each takes as long as the meeting.
//
// QUIRK(domino): rdate-period. Notes lists the dates of a series as periods.
func rdatePeriod() *Remedy {
	return &Remedy{
		ID:       "rdate-period",
		Summary:  "write RDATE periods as starts where they last as long as the meeting",
		Why:      "Lotus Notes writes additional dates as periods. Parsers that support only times ignore them or refuse the meeting.",
		Source:   "kcalendarcore testRDate; libcalendaring multiple-rdate.ics; RFC 5545 §3.8.5.2",
		Profiles: []Profile{Standard},
		Looks:    []string{"RDATE"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				for _, it := range ev.Items {
					l := named(it, "RDATE")
					if l == nil || quoteOpen(l) || !strings.EqualFold(l.ParamValue("VALUE"), "PERIOD") && !strings.Contains(l.Value(), "/") {
						continue
					}
					f := found(Warning, ev, "RDATE", l.Text(), "")
					starts, why := periodStarts(c, ev, l)
					if why != "" {
						c.leave(f, why)
						continue
					}
					if f.After = starts; c.Found(f) {
						l.SetValue(starts)
						l.DelParam("VALUE")
					}
				}
			}
		},
	}
}

// periodStarts returns the list of starts, or says why the periods must stay.
func periodStarts(c *Object, ev *ical.Component, l *ical.Line) (list, why string) {
	start, ok := c.moment(ev.First("DTSTART"))
	length, known := lengthOf(c, ev, start)
	if !ok || !known {
		return "", "the length of the meeting is not known"
	}
	var starts []string
	for v := range strings.SplitSeq(l.Value(), ",") {
		from, to, ok := strings.Cut(strings.TrimSpace(v), "/")
		begin, ok2 := c.momentOf(from, l.ParamValue("TZID"))
		if !ok || !ok2 || begin.Form == ical.Date {
			return "", "not all of its values are periods"
		}
		if took, ok := periodLength(c, begin, to, l.ParamValue("TZID")); !ok || took != length {
			return "", "not all periods are as long as the meeting, and a start alone does not show that"
		}
		starts = append(starts, begin.String())
	}
	return strings.Join(starts, ","), ""
}

func periodLength(c *Object, begin moment, to, tzid string) (time.Duration, bool) {
	if d, ok := ical.ParseDuration(to); ok {
		return plainLength(d)
	}
	end, ok := c.momentOf(to, tzid)
	return between(begin, end, ok)
}

// lengthOf returns how long a meeting takes.
func lengthOf(c *Object, ev *ical.Component, start moment) (time.Duration, bool) {
	if d, ok := ical.ParseDuration(ev.Value("DURATION")); ok && !ev.Has("DTEND") {
		return plainLength(d)
	}
	end, ok := c.moment(ev.First("DTEND"))
	return between(start, end, ok)
}

// plainLength is a duration that is the same on every day.
func plainLength(d ical.Duration) (time.Duration, bool) {
	return d.Clock, d.Days == 0 && !d.Negative
}

func between(begin, end moment, ok bool) (time.Duration, bool) {
	switch {
	case !ok || begin.Form == ical.Date || end.Form == ical.Date:
		return 0, false
	case begin.known && end.known:
		return end.instant.Sub(begin.instant), true
	}
	return end.Wall.Sub(begin.Wall), begin.sameZone(end)
}
