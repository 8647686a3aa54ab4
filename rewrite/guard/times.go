package guard

import (
	"slices"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/remedy"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// TimeProperties are the properties that define when a component takes place.
var TimeProperties = []string{"DTSTART", "DTEND", "DUE", "DURATION", "RRULE", "EXRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "FREEBUSY"}

// compareTimes compares when a component takes place: as instants with
// durations, so that a zone may get another name but no meeting another time.
func compareTimes(a, b View, changed changes) remedy.Facet {
	if a.sameZones && !slices.ContainsFunc(TimeProperties, changed.has) {
		return 0 // the usual case, and the cheap one
	}
	if a.Object.Zones == nil {
		a.Object.ResetZones()
	}
	if sameDigits(a, b) {
		return 0 // the next one: a zone got another name
	}
	var diff remedy.Facet
	if !SameMoment(a.Moment("RECURRENCE-ID"), b.Moment("RECURRENCE-ID")) {
		diff |= remedy.FacetRecurrence
	}
	if a.Moment("DTSTART").form() != b.Moment("DTSTART").form() {
		diff |= remedy.FacetAllDay
	}
	if !SameMoment(a.Moment("DTSTART"), b.Moment("DTSTART")) || a.Span() != b.Span() ||
		!SameMoment(a.Moment("DUE"), b.Moment("DUE")) || !sameFurther(a, b) ||
		readBusy(a.Component) != readBusy(b.Component) {
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

// sameFurther compares the occurrences after the first. Rules that are the same
// words for the same start on the same clock need not be expanded.
func sameFurther(a, b View) bool {
	expand := !sameLines(a.Component, b.Component, "RRULE") || !sameStart(a, b)
	return sameSeries(a.Series(expand), b.Series(expand)) || sameOccurrences(a, b)
}

// sameStart reports whether two states start with the same digits on the same
// clock, whatever it is called.
func sameStart(a, b View) bool {
	x, y := a.Component.First("DTSTART"), b.Component.First("DTSTART")
	return x != nil && y != nil && x.Value() == y.Value() && a.clock(x) == b.clock(y)
}

// clock returns the rules for a date-time; nil for UTC, for floating times and for
// unknown zones.
func (f View) clock(l *ical.Line) zone.Rules { return f.Object.Zones.Rules(l.ParamValue("TZID")) }

// sameOccurrences reports whether two states have the same occurrences although
// they describe them in another way: a rule instead of a list of dates.
func sameOccurrences(a, b View) bool {
	x, ok := a.Occurrences()
	y, also := b.Occurrences()
	return ok && also && x.Equal(y)
}

// sameDigits reports whether two states have the same properties with times, each
// with the same digits on the same clock, whatever it is called, in one order.
func sameDigits(a, b View) bool {
	for i, j := 0, 0; ; {
		x, y := nextTime(a.Component, &i), nextTime(b.Component, &j)
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
		if l == nil || slices.Contains(TimeProperties, l.Name()) {
			return l
		}
	}
}

// sameParams reports whether two lines have the same parameters, TZID excepted.
func sameParams(a, b *ical.Line) bool {
	return a == b || slices.EqualFunc(a.Params(), b.Params(), func(p, q ical.Param) bool {
		return p.Name == q.Name && (p.Name == "TZID" || p.Raw() == q.Raw())
	})
}

// sameZones reports whether two calendars have the same VTIMEZONEs in the same
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

// sameTree reports whether two components have the same lines and sub-components.
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

// Moment is a point in time, as far as it is known.
type Moment struct {
	Set     bool
	Date    bool
	Known   bool // the instant is known
	Instant time.Time
	Wall    time.Time
	Raw     string // as written, when it cannot be parsed
	more    string // RANGE of a RECURRENCE-ID, the length of a PERIOD
}

func (m Moment) form() bool { return m.Set && m.Date }

func (f View) Moment(name string) Moment {
	l := f.Component.First(name)
	if l == nil {
		return Moment{}
	}
	m := f.at(strings.TrimSpace(l.Value()), l.ParamValue("TZID"))
	if name == "RECURRENCE-ID" {
		m.more = strings.ToUpper(l.ParamValue("RANGE"))
	}
	return m
}

func (f View) at(value, tzid string) Moment {
	v, ok := ical.ParseDateTime(value)
	if !ok {
		return Moment{Set: true, Raw: value}
	}
	m := Moment{Set: true, Date: v.Form == ical.Date, Wall: v.Wall}
	if f.Object.Zones != nil && !m.Date {
		m.Instant, m.Known = f.Object.Zones.Instant(v, tzid)
	}
	return m
}

// SameMoment reports whether b still means a. When the instant of a is not known (no
// zone, an unknown one), b must have the same digits.
func SameMoment(a, b Moment) bool {
	switch {
	case a.Set != b.Set || a.Date != b.Date || a.more != b.more:
		return false
	case a.Raw != "" || b.Raw != "":
		return a.Raw == b.Raw
	case a.Known:
		return b.Known && a.Instant.Equal(b.Instant)
	}
	return a.Wall.Equal(b.Wall)
}

// Span returns the duration of the component, "" when it is not defined. For a task
// DUE takes precedence over DURATION.
func (f View) Span() string {
	start, end := f.Moment("DTSTART"), f.Moment("DTEND")
	if !end.Set && f.Component.Name == "VTODO" {
		end = f.Moment("DUE")
	}
	if !end.Set {
		v := strings.TrimSpace(f.Component.Value("DURATION"))
		if d, ok := ical.ParseDuration(v); ok {
			return plainLength(d)
		}
		return v
	}
	return between(start, end)
}

// between is the time from one moment to another; where one cannot be read,
// what is written of the later.
func between(start, end Moment) string {
	switch {
	case start.Known && end.Known:
		return end.Instant.Sub(start.Instant).String()
	case end.Raw != "":
		return end.Raw
	case start.Raw != "":
		return end.Wall.String()
	}
	return end.Wall.Sub(start.Wall).String()
}

// plainLength is a duration however it is spelt.
func plainLength(d ical.Duration) string {
	length := time.Duration(d.Days)*24*time.Hour + d.Clock
	if d.Negative {
		length = -length
	}
	return length.String()
}
