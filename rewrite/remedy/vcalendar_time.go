package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// vcalTimes is what the times of one event of a vCalendar go by.
type vcalTimes struct {
	start  ical.DateTime // as it will be written
	wall   ical.DateTime // as it stands there
	known  bool          // there is a start
	series bool
}

// times reads the start of an event and reports whether it is one of a series that
// keeps its local time through a change of the clock, which UTC does not.
func (v *vcal) times(ev *ical.Component) (e vcalTimes) {
	e.series = ev.Has("RRULE") || ev.Has("RDATE")
	l := ev.First("DTSTART")
	if l == nil {
		return e
	}
	if e.wall, e.known = ical.ParseDateTime(strings.TrimSpace(l.Value())); !e.known {
		v.not("DTSTART is not a date")
		return e
	}
	e.start = v.instant("DTSTART", e.wall)
	switch {
	case !e.series || e.start.Form != ical.UTC || !v.zone.known:
	case len(v.zone.summers) > 0:
		v.not("it is a series, and it does not contain when the clocks change in later years")
	case e.start.Wall.Add(v.zone.standard).Day() != e.start.Wall.Day():
		v.not("it is a series whose days differ in UTC")
	}
	return e
}

func (v *vcal) instant(name string, t ical.DateTime) ical.DateTime {
	out, ok := v.zone.utc(t)
	if !ok {
		v.not(clip(name) + " is a local time, and DAYLIGHT does not give its offset")
	}
	return out
}

// time writes a date, a time or a list of them.
func (v *vcal) time(p *vcalPlan, l vcalLine, e vcalTimes) {
	v.known(l, "VALUE")
	name := l.name
	if name == "DCREATED" {
		name = "CREATED"
	}
	var out []string
	form := ical.UTC
	separator := strings.NewReplacer(",", ";")
	for s := range strings.SplitSeq(separator.Replace(l.value), ";") {
		t, ok := ical.ParseDateTime(strings.TrimSpace(s))
		if !ok {
			v.not(clip(name) + " is not a date")
			return
		}
		t = v.instant(name, t)
		if len(out) > 0 && t.Form != form {
			v.not(clip(name) + " mixes dates and times")
		}
		form = t.Form
		out = append(out, t.String())
	}
	switch list := name == "EXDATE" || name == "RDATE"; {
	case !list && len(out) > 1:
		v.not(clip(name) + " is a list")
	case (list || name == "DTEND" || name == "DUE") && e.known && form != e.start.Form:
		v.not(clip(name) + " is of another type than DTSTART")
	case form == ical.Date && (name == "DTEND" || name == "DUE"):
		v.not(clip(name) + " is a day, and it is not certain whether it is the last one")
	case form == ical.Date && !list && name != "DTSTART":
		v.not(clip(name) + " has no time")
	}
	line := ical.NewLine(name, strings.Join(out, ","))
	if form == ical.Date {
		line.SetParam("VALUE", "DATE")
	}
	p.add(line)
}
