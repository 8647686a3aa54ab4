package rewrite

import (
	"slices"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/guard"
	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// utcForm writes every time in UTC (RFC 5545 §3.3.5, form 2) and takes the time
// zones out. Days stay days. A series keeps its rule where that gives the same
// instants in UTC; else its occurrences are listed, if it has an end and not
// too many of them; else there is no such form.
var utcForm = builder{name: "utc", edit: toUTC}

// maxListed bounds the RDATEs that take the place of a rule: a year of days.
const maxListed = 366

// maxSeries bounds the rules that are expanded for one calendar.
const maxSeries = 100

func toUTC(c *remedy.Object) (why string) {
	items := c.Items()
	was := make([]guard.Occurrences, len(items))
	series := 0
	for i, it := range items {
		f := viewOf(c, it)
		if why := f.beyondUTC(); why != "" {
			return why
		}
		if it.Has("RRULE") && !f.Moment("DTSTART").Date {
			if series++; series > maxSeries {
				return "more series in one calendar than can be expanded"
			}
			var ok bool
			if was[i], ok = f.Occurrences(); !ok {
				return "the series cannot be expanded"
			}
		}
	}
	for _, it := range items {
		viewOf(c, it).convert()
	}
	dropZoned(c)
	c.ResetZones()
	for i, it := range items {
		f := viewOf(c, it)
		if !it.Has("RRULE") || f.Moment("DTSTART").Date {
			continue
		}
		if now, ok := f.Occurrences(); ok && now.Equal(was[i]) {
			continue
		}
		if why := listOccurrences(it, was[i]); why != "" {
			return why
		}
	}
	return ""
}

// beyondUTC returns why a component cannot be written in UTC.
func (f view) beyondUTC() (why string) {
	for _, name := range guard.TimeProperties {
		for _, l := range f.Component.Lines(name) {
			switch name {
			case "RRULE", "EXRULE", "DURATION", "FREEBUSY":
				continue
			}
			for _, v := range strings.Split(l.Value(), ",") {
				for _, end := range strings.Split(v, "/") {
					if why := f.whyNoInstant(name, strings.TrimSpace(end), l); why != "" {
						return why
					}
				}
			}
		}
	}
	start := f.Moment("DTSTART")
	if d, ok := ical.ParseDuration(strings.TrimSpace(f.Component.Value("DURATION"))); ok && d.Days != 0 && start.Set && !start.Date {
		return "its DURATION counts days, whose length differs when the clocks change"
	}
	if f.Component.Has("EXRULE") && !start.Date {
		return "EXRULE cannot be written in UTC"
	}
	return ""
}

// whyNoInstant returns why a value has no instant; "" when it has one, or needs none
// (dates, durations).
func (f view) whyNoInstant(name, value string, l *ical.Line) (why string) {
	v, ok := ical.ParseDateTime(value)
	switch {
	case !ok:
		if _, isDuration := ical.ParseDuration(value); isDuration || value == "" {
			return ""
		}
		return name + " cannot be read"
	case v.Form == ical.Date:
		return ""
	}
	tzid := l.ParamValue("TZID")
	if _, known := f.Object.Zones.Instant(v, tzid); known {
		return ""
	}
	if tzid == "" {
		return name + " is local time without a time zone"
	}
	return name + " is in an unknown time zone"
}

// convert writes the times of a component in UTC. beyondUTC must have returned "".
func (f view) convert() {
	f.convertRules() // as long as DTSTART says in which zone
	for _, name := range guard.TimeProperties {
		for _, l := range f.Component.Lines(name) {
			switch name {
			case "RRULE", "EXRULE", "DURATION", "FREEBUSY":
				continue
			}
			f.convertLine(l)
		}
	}
}

func (f view) convertLine(l *ical.Line) {
	tzid := l.ParamValue("TZID")
	values := strings.Split(l.Value(), ",")
	for i, v := range values {
		ends := strings.Split(v, "/")
		for k, end := range ends {
			ends[k] = f.inUTC(strings.TrimSpace(end), tzid)
		}
		values[i] = strings.Join(ends, "/")
	}
	l.SetValue(strings.Join(values, ","))
	l.DelParam("TZID")
}

// inUTC writes a local time in UTC and leaves everything else as it is.
func (f view) inUTC(value, tzid string) string {
	v, ok := ical.ParseDateTime(value)
	if !ok || v.Form != ical.Local {
		return value
	}
	instant, known := f.Object.Zones.Instant(v, tzid)
	if !known {
		return value
	}
	return ical.DateTime{Wall: instant, Form: ical.UTC}.String()
}

// convertRules writes the UNTIL of rules in UTC, which RFC 5545 §3.3.10 requires
// with a DTSTART in UTC.
func (f view) convertRules() {
	start := f.Component.First("DTSTART")
	if m := f.Moment("DTSTART"); !m.Set || m.Date {
		return
	}
	tzid := start.ParamValue("TZID")
	for _, l := range f.Component.Lines("RRULE") {
		parts := strings.Split(l.Value(), ";")
		i := slices.IndexFunc(parts, func(p string) bool {
			return len(p) > 6 && strings.EqualFold(p[:6], "UNTIL=")
		})
		if i < 0 {
			continue
		}
		v, ok := ical.ParseDateTime(strings.TrimSpace(parts[i][6:]))
		if !ok || v.Form == ical.UTC {
			continue
		}
		if v.Form == ical.Date { // it includes the whole day
			v = ical.DateTime{Wall: v.Wall.Add(24*time.Hour - time.Second), Form: ical.Local}
		}
		if tzid == "" {
			v.Form = ical.UTC // DTSTART is in UTC already
		}
		parts[i] = "UNTIL=" + f.inUTC(v.String(), tzid)
		l.SetValue(strings.Join(parts, ";"))
	}
}

// listOccurrences writes a series as its occurrences (RFC 5545 §3.8.5.2).
// DTSTART is the first of them and not listed again.
func listOccurrences(it *ical.Component, o guard.Occurrences) (why string) {
	start, ok := ical.ParseDateTime(strings.TrimSpace(it.Value("DTSTART")))
	switch {
	case !o.Complete:
		return "the series continues across changes of daylight saving time, which no rule in UTC can follow, and is too long to be listed"
	case len(o.At) > maxListed:
		return "the series crosses a change of daylight saving time, which no rule in UTC can follow, and has too many occurrences to be listed"
	case !ok || len(o.At) == 0 || !o.At[0].Equal(start.Wall):
		return "the series crosses a change of daylight saving time, and its first occurrence is excluded"
	}
	values := make([]string, 0, len(o.At))
	for _, t := range o.At[1:] {
		values = append(values, ical.DateTime{Wall: t.UTC(), Form: ical.UTC}.String())
	}
	it.RemoveIf(func(l *ical.Line) bool {
		return l.Name() == "RRULE" || l.Name() == "RDATE" || l.Name() == "EXDATE"
	})
	if len(values) > 0 {
		it.Add(ical.NewLine("RDATE", strings.Join(values, ",")))
	}
	return ""
}
