package rewrite

import (
	"slices"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/remedy"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// timeProperties say when.
var timeProperties = []string{"DTSTART", "DTEND", "DUE", "DURATION", "RRULE", "EXRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "FREEBUSY"}

// compareTimes compares when a component takes place: as instants with
// durations, so that a zone may get another name but no meeting another time.
func compareTimes(a, b facets, changed changes) remedy.Facet {
	if a.sameZones && !slices.ContainsFunc(timeProperties, changed.has) {
		return 0 // the usual case, and the cheap one
	}
	if a.c.Zones == nil {
		a.c.ResetZones()
	}
	if sameDigits(a, b) {
		return 0 // the next one: a zone got another name
	}
	var diff remedy.Facet
	if !sameMoment(a.moment("RECURRENCE-ID"), b.moment("RECURRENCE-ID")) {
		diff |= remedy.FacetRecurrence
	}
	if a.moment("DTSTART").form() != b.moment("DTSTART").form() {
		diff |= remedy.FacetAllDay
	}
	if !sameMoment(a.moment("DTSTART"), b.moment("DTSTART")) || a.span() != b.span() ||
		!sameMoment(a.moment("DUE"), b.moment("DUE")) || !sameFurther(a, b) ||
		readBusy(a.comp) != readBusy(b.comp) {
		diff |= remedy.FacetOccurrences
	}
	return diff
}

// readBusy is the times of a VFREEBUSY with what they are (RFC 5545 §3.2.9).
func readBusy(c *ical.Component) string {
	var all []string
	for _, l := range c.Lines("FREEBUSY") {
		all = append(all, strings.ToUpper(l.ParamValue("FBTYPE"))+"|"+strings.TrimSpace(l.Value()))
	}
	return strings.Join(all, "\n")
}

// sameFurther compares the occurrences behind the first. Rules that are the same
// words for the same start on the same clock need not be expanded.
func sameFurther(a, b facets) bool {
	expand := !sameLines(a.comp, b.comp, "RRULE") || !sameStart(a, b)
	return sameSeries(a.series(expand), b.series(expand)) || sameOccurrences(a, b)
}

// sameStart says whether two states start with the same digits on the same
// clock, whatever it is called.
func sameStart(a, b facets) bool {
	x, y := a.comp.First("DTSTART"), b.comp.First("DTSTART")
	return x != nil && y != nil && x.Value() == y.Value() && a.clock(x) == b.clock(y)
}

// clock is the rules that a date-time is meant in; nil for UTC, for floating
// times and where nobody knows.
func (f facets) clock(l *ical.Line) zone.Rules { return f.c.Zones.Rules(l.ParamValue("TZID")) }

// sameOccurrences says whether two states have the same occurrences although
// they describe them in another way: a rule instead of a list of dates.
func sameOccurrences(a, b facets) bool {
	x, ok := a.occurrences()
	y, also := b.occurrences()
	return ok && also && x.equal(y)
}

// sameDigits says whether two states have the same properties with times, each
// with the same digits on the same clock, whatever it is called, in one order.
func sameDigits(a, b facets) bool {
	for i, j := 0, 0; ; {
		x, y := nextTime(a.comp, &i), nextTime(b.comp, &j)
		if x == nil || y == nil {
			return x == y
		}
		if x.Name() != y.Name() || x.Value() != y.Value() || !sameParams(x, y) || a.clock(x) != b.clock(y) {
			return false
		}
	}
}

// nextTime is nextLine for timeProperties.
func nextTime(c *ical.Component, i *int) *ical.Line {
	for {
		l := nextLine(c, "", i)
		if l == nil || slices.Contains(timeProperties, l.Name()) {
			return l
		}
	}
}

// sameParams says whether two lines have the same parameters, TZID excepted.
func sameParams(a, b *ical.Line) bool {
	return a == b || slices.EqualFunc(a.Params(), b.Params(), func(p, q ical.Param) bool {
		return p.Name == q.Name && (p.Name == "TZID" || p.Raw() == q.Raw())
	})
}

// sameZones says whether two calendars have the same VTIMEZONEs in the same
// words.
func sameZones(a, b *ical.Component) bool {
	if a == nil || b == nil {
		return a == b
	}
	x, y := a.Children("VTIMEZONE"), b.Children("VTIMEZONE")
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if !sameTree(x[i], y[i]) {
			return false
		}
	}
	return true
}

// sameTree says whether two components have the same lines and sub-components.
// It recurses; ical.Limits bounds the depth.
func sameTree(a, b *ical.Component) bool {
	if a.Name != b.Name || len(a.Items) != len(b.Items) {
		return false
	}
	for i, it := range a.Items {
		other := b.Items[i]
		switch {
		case it.Sub != nil:
			if other.Sub == nil || !sameTree(it.Sub, other.Sub) {
				return false
			}
		case other.Prop == nil || it.Prop != other.Prop && it.Prop.Text() != other.Prop.Text():
			return false
		}
	}
	return true
}

// moment is a point in time as far as it is known.
type moment struct {
	set     bool
	date    bool
	known   bool // the instant is
	instant time.Time
	wall    time.Time
	raw     string // what is written, when it cannot be read
	more    string // RANGE of a RECURRENCE-ID, the length of a PERIOD
}

func (m moment) form() bool { return m.set && m.date }

func (f facets) moment(name string) moment {
	l := f.comp.First(name)
	if l == nil {
		return moment{}
	}
	m := f.at(strings.TrimSpace(l.Value()), l.ParamValue("TZID"))
	if name == "RECURRENCE-ID" {
		m.more = strings.ToUpper(l.ParamValue("RANGE"))
	}
	return m
}

func (f facets) at(value, tzid string) moment {
	v, ok := ical.ParseDateTime(value)
	if !ok {
		return moment{set: true, raw: value}
	}
	m := moment{set: true, date: v.Form == ical.Date, wall: v.Wall}
	if f.c.Zones != nil && !m.date {
		m.instant, m.known = f.c.Zones.Instant(v, tzid)
	}
	return m
}

// sameMoment says whether b still means a. Where nobody could say what instant
// a is (no zone, an unknown one), b must show the same digits.
func sameMoment(a, b moment) bool {
	switch {
	case a.set != b.set || a.date != b.date || a.more != b.more:
		return false
	case a.raw != "" || b.raw != "":
		return a.raw == b.raw
	case a.known:
		return b.known && a.instant.Equal(b.instant)
	}
	return a.wall.Equal(b.wall)
}

// span is how long the component takes, "" when nothing says so. A task ends
// when it is due, whatever DURATION beside it says.
func (f facets) span() string {
	start, end := f.moment("DTSTART"), f.moment("DTEND")
	if !end.set && f.comp.Name == "VTODO" {
		end = f.moment("DUE")
	}
	if !end.set {
		v := strings.TrimSpace(f.comp.Value("DURATION"))
		if d, ok := ical.ParseDuration(v); ok {
			return plainLength(d)
		}
		return v
	}
	return between(start, end)
}

// between is the time from one moment to another; where one cannot be read,
// what is written of the later.
func between(start, end moment) string {
	switch {
	case start.known && end.known:
		return end.instant.Sub(start.instant).String()
	case end.raw != "":
		return end.raw
	case start.raw != "":
		return end.wall.String()
	}
	return end.wall.Sub(start.wall).String()
}

// plainLength is a duration however it is spelt.
func plainLength(d ical.Duration) string {
	length := time.Duration(d.Days)*24*time.Hour + d.Clock
	if d.Negative {
		length = -length
	}
	return length.String()
}
