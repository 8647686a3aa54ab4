package rewrite

import (
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/notice"
	"github.com/reconvene/reconvene/rewrite/remedy"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// maxDates is how many dates of a series a notice lists.
const maxDates = 10

// mainItem is the component that a notice tells of: the series, else the first.
func mainItem(c *remedy.Case) *ical.Component {
	items := c.Items()
	for _, it := range items {
		if !it.Has("RECURRENCE-ID") {
			return it
		}
	}
	return items[0]
}

func facetsOf(c *remedy.Case, it *ical.Component) facets { return facets{c: c, comp: it} }

// readBody is the text that a calendar brings along.
func readBody(it *ical.Component) string { return ical.UnescapeText(it.Value("DESCRIPTION")) }

// facts are those that the calendar knows, and who to ask.
func (f facets) facts(m remedy.Mail) notice.Facts {
	out := notice.Facts{
		Kind:    f.kind(m.Subject),
		OneDate: f.comp.Has("RECURRENCE-ID"),
		Summary: ical.UnescapeText(f.comp.Value("SUMMARY")),
		Where:   ical.UnescapeText(f.comp.Value("LOCATION")),
		Host:    host(f.comp.First("ORGANIZER")),
	}
	if len(m.From) > 0 {
		out.Sender = notice.Person{Name: m.From[0].Name, Address: m.From[0].Address}
	}
	if strings.TrimSpace(out.Summary) == "" {
		out.Summary = m.Subject
	}
	if out.Host == (notice.Person{}) {
		out.Host = out.Sender
	}
	if strings.EqualFold(out.Host.Address, out.Sender.Address) {
		out.Sender = out.Host
	}
	out.When = f.when()
	out.Affected = f.affected()
	out.Dates, out.More = f.dates()
	return out
}

// kind is what the calendar does, in the light of the subject: Exchange says
// there what it does not say in the calendar.
func (f facets) kind(subject string) notice.Kind {
	switch f.c.Method() {
	case "REQUEST", "PUBLISH", "ADD":
		status := strings.ToUpper(strings.TrimSpace(f.comp.Value("STATUS")))
		prefix := notice.PrefixKind(subject)
		switch {
		case status == "CANCELLED" || prefix == notice.Cancellation:
			return notice.Cancellation
		case readNumber(f.comp, "SEQUENCE") != "0" || prefix == notice.Update:
			return notice.Update
		}
		return notice.Invitation
	case "CANCEL":
		return notice.Cancellation
	case "COUNTER":
		return notice.Counter
	case "REPLY":
		if l := f.comp.First("ATTENDEE"); l != nil {
			switch strings.ToUpper(l.ParamValue("PARTSTAT")) {
			case "ACCEPTED":
				return notice.Accepted
			case "TENTATIVE":
				return notice.Tentative
			case "DECLINED":
				return notice.Declined
			}
		}
	}
	return notice.Other
}

func host(l *ical.Line) notice.Person {
	if l == nil {
		return notice.Person{}
	}
	p := notice.Person{Name: strings.TrimSpace(l.ParamValue("CN"))}
	if _, err := mail.ParseAddress(address(l.Value())); err == nil {
		p.Address = address(l.Value())
	}
	if strings.EqualFold(p.Name, p.Address) {
		p.Name = ""
	}
	return p
}

// when is the start and the end, in the zone of the organizer and in UTC.
// Which zone the attendee is in nobody has told us.
func (f facets) when() []notice.Time {
	start := f.moment("DTSTART")
	if !start.set || start.raw != "" {
		return nil
	}
	end := f.end(start)
	return f.clocks(start, end)
}

// end is the last moment, or the last day, of a component that starts then.
func (f facets) end(start moment) moment {
	for _, name := range []string{"DTEND", "DUE"} {
		if m := f.moment(name); m.set && m.raw == "" {
			return m
		}
	}
	d, ok := ical.ParseDuration(strings.TrimSpace(f.comp.Value("DURATION")))
	if !ok || d.Negative {
		return moment{}
	}
	m := start
	m.wall = start.wall.AddDate(0, 0, d.Days).Add(d.Clock)
	m.instant = start.instant.AddDate(0, 0, d.Days).Add(d.Clock)
	return m
}

// clocks writes a time on the organizer's clock and in UTC.
func (f facets) clocks(start, end moment) []notice.Time {
	if start.date {
		t := notice.Time{Start: start.wall, Days: true}
		if end.set && end.date && end.wall.After(start.wall) {
			t.End = end.wall.AddDate(0, 0, -1) // DTEND is the day after
		}
		return []notice.Time{t}
	}
	if !start.known {
		return []notice.Time{{Start: start.wall, End: end.wall}}
	}
	utc := notice.Time{Start: start.instant, Zone: "UTC"}
	if end.set && end.known {
		utc.End = end.instant
	}
	tzid := f.comp.First("DTSTART").ParamValue("TZID")
	if tzid == "" {
		return []notice.Time{utc}
	}
	local := f.onClock(tzid, utc)
	if local.Offset == "UTC" {
		return []notice.Time{local}
	}
	return []notice.Time{local, utc}
}

// onClock writes a time in UTC on the clock of a zone.
func (f facets) onClock(tzid string, utc notice.Time) notice.Time {
	rules := f.c.Zones.Rules(tzid)
	t := notice.Time{Start: rules.Wall(utc.Start), Zone: zone.Normalize(tzid)}
	if !utc.End.IsZero() {
		t.End = rules.Wall(utc.End)
	}
	if name, ok := zone.Lookup(tzid, zone.Hints{}); ok {
		t.Zone = name
	}
	t.Offset = offsetName(t.Start.Sub(utc.Start))
	return t
}

// offsetName writes an offset for people: "UTC+01:00".
func offsetName(d time.Duration) string {
	if d == 0 {
		return "UTC"
	}
	sign := '+'
	if d < 0 {
		sign, d = '\u2212', -d
	}
	return fmt.Sprintf("UTC%c%02d:%02d", sign, int(d.Hours()), int(d.Minutes())%60)
}

// affected is the occurrence that RECURRENCE-ID names, when the meeting has
// been moved away from there.
func (f facets) affected() *notice.Time {
	id, start := f.moment("RECURRENCE-ID"), f.moment("DTSTART")
	if !id.set || id.raw != "" || start.set && sameMoment(id, start) || id.known && start.known && id.instant.Equal(start.instant) {
		return nil
	}
	if id.date || !id.known {
		return &notice.Time{Start: id.wall, Days: id.date}
	}
	t := notice.Time{Start: id.instant, Zone: "UTC"}
	if l := f.comp.First("DTSTART"); l != nil && l.ParamValue("TZID") != "" && start.known {
		t = f.onClock(l.ParamValue("TZID"), t)
	}
	return &t
}

// dates are the first occurrences of a series, each on the organizer's clock.
func (f facets) dates() (dates []notice.Time, more bool) {
	if !f.comp.Has("RRULE") && !f.comp.Has("RDATE") {
		return nil, false
	}
	start := f.moment("DTSTART")
	if start.date {
		return f.days()
	}
	o, ok := f.occurrences()
	if !ok {
		return nil, false
	}
	length := time.Duration(0)
	if end := f.end(start); end.set && end.known {
		length = end.instant.Sub(start.instant)
	}
	for i, at := range o.at {
		if i == maxDates {
			return dates, true
		}
		t := notice.Time{Start: at.UTC(), Zone: "UTC"}
		if length > 0 {
			t.End = t.Start.Add(length)
		}
		if tzid := f.comp.First("DTSTART").ParamValue("TZID"); tzid != "" {
			t = f.onClock(tzid, t)
		}
		dates = append(dates, t)
	}
	return dates, !o.complete
}

// days are the first days of a series of whole days.
func (f facets) days() (dates []notice.Time, more bool) {
	s := f.series(true)
	if s.rule != "" {
		return nil, false
	}
	cut := map[time.Time]bool{}
	for _, m := range s.cut {
		cut[m.wall] = true
	}
	for _, m := range s.times {
		switch {
		case !m.date || cut[m.wall]:
		case len(dates) == maxDates:
			return dates, true
		default:
			cut[m.wall] = true // each once
			dates = append(dates, notice.Time{Start: m.wall, Days: true})
		}
	}
	return dates, false
}
