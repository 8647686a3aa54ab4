package remedy

import (
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// moment is the date or date-time of one property.
type moment struct {
	ical.DateTime
	tzid    string // "" for none
	instant time.Time
	known   bool // instant is
}

// moment reads a property that holds one date; ok is false when it does not.
func (c *Object) moment(l *ical.Line) (m moment, ok bool) {
	if l == nil || quoteOpen(l) {
		return moment{}, false
	}
	return c.momentOf(l.Value(), l.ParamValue("TZID"))
}

func (c *Object) momentOf(value, tzid string) (m moment, ok bool) {
	m.DateTime, ok = ical.ParseDateTime(strings.TrimSpace(value))
	if !ok {
		return moment{}, false
	}
	if m.Form == ical.Local {
		m.tzid = tzid
	}
	m.instant, m.known = c.Zones.Instant(m.DateTime, m.tzid)
	return m, true
}

func (m moment) isDay() bool { return m.Form == ical.Date }

// clock returns the time of day.
func (m moment) clock() time.Duration {
	h, min, s := m.Wall.Clock()
	return time.Duration(h)*time.Hour + time.Duration(min)*time.Minute + time.Duration(s)*time.Second
}

// sameZone reports whether two moments are written in the same zone.
func (m moment) sameZone(other moment) bool {
	return m.Form == other.Form && (m.tzid == other.tzid || zone.Normalize(m.tzid) == zone.Normalize(other.tzid))
}

// like writes an instant in the form and the zone of m. ok is false when m has
// none, or when the hour is there twice and the other one would be read.
func like(c *Object, m moment, instant time.Time) (ical.DateTime, bool) {
	switch {
	case m.Form == ical.UTC:
		return ical.DateTime{Wall: instant.UTC(), Form: ical.UTC}, true
	case m.Form == ical.Date || !m.known:
		return ical.DateTime{}, false
	}
	d := ical.DateTime{Wall: c.Zones.Rules(m.tzid).Wall(instant), Form: ical.Local}
	back, ok := c.Zones.Instant(d, m.tzid)
	return d, ok && back.Equal(instant)
}

// write gives the property the value and the zone.
func write(l *ical.Line, d ical.DateTime, tzid string) {
	l.SetValue(d.String())
	if d.Form == ical.Date {
		l.SetParam("VALUE", "DATE")
	} else {
		l.DelParam("VALUE")
	}
	if d.Form == ical.Local && tzid != "" {
		l.SetParam("TZID", tzid)
	} else {
		l.DelParam("TZID")
	}
}

// writeAll is write for a list of date-times of one form.
func writeAll(l *ical.Line, list []ical.DateTime, tzid string) {
	write(l, list[0], tzid)
	l.SetValue(joinDates(list))
}

func joinDates(list []ical.DateTime) string {
	all := make([]string, len(list))
	for i, d := range list {
		all[i] = d.String()
	}
	return strings.Join(all, ",")
}

// showAll is what writeAll makes of a property, for a finding.
func showAll(list []ical.DateTime, tzid string) string {
	if list[0].Form == ical.Local && tzid != "" {
		return joinDates(list) + " " + tzid
	}
	return joinDates(list)
}

// showLine is a property with dates as show has it.
func showLine(l *ical.Line) string {
	if tzid := l.ParamValue("TZID"); tzid != "" && !strings.HasSuffix(l.Value(), "Z") {
		return l.Value() + " " + tzid
	}
	return l.Value()
}

// show is what write makes of a property, for a finding.
func show(d ical.DateTime, tzid string) string {
	if d.Form == ical.Local && tzid != "" {
		return d.String() + " " + tzid
	}
	return d.String()
}

// dayOf returns the day that an instant is meant for where the calendar's only
// time zone is; a midnight in UTC is taken for its own day when there is none.
func dayOf(c *Object, m moment) (time.Time, bool) {
	switch {
	case m.Form == ical.Local:
		return m.Wall, true
	case m.Form == ical.UTC && len(c.Zones.All()) == 1 && c.Zones.All()[0].Rules != nil:
		return c.Zones.All()[0].Rules.Wall(m.instant), true
	}
	return m.Wall, m.clock() == 0
}
