package rewrite

import (
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/guard"
	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/notice"
	"github.com/reconvene/reconvene/rewrite/remedy"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// maxDates is how many dates of a series a notice lists.
const maxDates = 10

// mainItem returns the component that a notice describes: the series, else the
// first.
func mainItem(c *remedy.Object) *ical.Component {
	items := c.Items()
	for _, it := range items {
		if !it.Has("RECURRENCE-ID") {
			return it
		}
	}
	return items[0]
}

// readBody returns the text in a calendar.
func readBody(it *ical.Component) string { return ical.UnescapeText(it.Value("DESCRIPTION")) }

// facts returns those of the calendar, and whom to ask.
func (f view) facts(m remedy.Mail) notice.Facts {
	out := notice.Facts{
		Kind:    f.kind(m.Subject),
		OneDate: f.Component.Has("RECURRENCE-ID"),
		Summary: ical.UnescapeText(f.Component.Value("SUMMARY")),
		Where:   ical.UnescapeText(f.Component.Value("LOCATION")),
		Host:    host(f.Component.First("ORGANIZER")),
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

// kind returns the purpose of the calendar. It also uses the subject, where Exchange
// writes what it does not write in the calendar.
func (f view) kind(subject string) notice.Kind {
	switch f.Object.Method() {
	case "REQUEST", "PUBLISH", "ADD":
		status := strings.ToUpper(strings.TrimSpace(f.Component.Value("STATUS")))
		prefix := notice.PrefixKind(subject)
		switch {
		case status == "CANCELLED" || prefix == notice.Cancellation:
			return notice.Cancellation
		case guard.ReadNumber(f.Component, "SEQUENCE") != "0" || prefix == notice.Update:
			return notice.Update
		}
		return notice.Invitation
	case "CANCEL":
		return notice.Cancellation
	case "COUNTER":
		return notice.Counter
	case "REPLY":
		if l := f.Component.First("ATTENDEE"); l != nil {
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
	if _, err := mail.ParseAddress(guard.PlainAddress(l.Value())); err == nil {
		p.Address = guard.PlainAddress(l.Value())
	}
	if strings.EqualFold(p.Name, p.Address) {
		p.Name = ""
	}
	return p
}

// when is the start and the end, in the zone of the organizer and in UTC.
// The zone of the attendee is not known.
func (f view) when() []notice.Time {
	start := f.Moment("DTSTART")
	if !start.Set || start.Raw != "" {
		return nil
	}
	end := f.end(start)
	return f.clocks(start, end)
}

// end is the last moment, or the last day, of a component that starts then.
func (f view) end(start guard.Moment) guard.Moment {
	for _, name := range []string{"DTEND", "DUE"} {
		if m := f.Moment(name); m.Set && m.Raw == "" {
			return m
		}
	}
	d, ok := ical.ParseDuration(strings.TrimSpace(f.Component.Value("DURATION")))
	if !ok || d.Negative {
		return guard.Moment{}
	}
	m := start
	m.Wall = start.Wall.AddDate(0, 0, d.Days).Add(d.Clock)
	m.Instant = start.Instant.AddDate(0, 0, d.Days).Add(d.Clock)
	return m
}

// clocks writes a time on the organizer's clock and in UTC.
func (f view) clocks(start, end guard.Moment) []notice.Time {
	if start.Date {
		t := notice.Time{Start: start.Wall, Days: true}
		if end.Set && end.Date && end.Wall.After(start.Wall) {
			t.End = end.Wall.AddDate(0, 0, -1) // DTEND is the day after
		}
		return []notice.Time{t}
	}
	if !start.Known {
		return []notice.Time{{Start: start.Wall, End: end.Wall}}
	}
	utc := notice.Time{Start: start.Instant, Zone: "UTC"}
	if end.Set && end.Known {
		utc.End = end.Instant
	}
	tzid := f.Component.First("DTSTART").ParamValue("TZID")
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
func (f view) onClock(tzid string, utc notice.Time) notice.Time {
	rules := f.Object.Zones.Rules(tzid)
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
func (f view) affected() *notice.Time {
	id, start := f.Moment("RECURRENCE-ID"), f.Moment("DTSTART")
	if !id.Set || id.Raw != "" || start.Set && guard.SameMoment(id, start) || id.Known && start.Known && id.Instant.Equal(start.Instant) {
		return nil
	}
	if id.Date || !id.Known {
		return &notice.Time{Start: id.Wall, Days: id.Date}
	}
	t := notice.Time{Start: id.Instant, Zone: "UTC"}
	if l := f.Component.First("DTSTART"); l != nil && l.ParamValue("TZID") != "" && start.Known {
		t = f.onClock(l.ParamValue("TZID"), t)
	}
	return &t
}

// dates are the first occurrences of a series, each on the organizer's clock.
func (f view) dates() (dates []notice.Time, more bool) {
	if !f.Component.Has("RRULE") && !f.Component.Has("RDATE") {
		return nil, false
	}
	start := f.Moment("DTSTART")
	if start.Date {
		return f.days()
	}
	o, ok := f.Occurrences()
	if !ok {
		return nil, false
	}
	length := time.Duration(0)
	if end := f.end(start); end.Set && end.Known {
		length = end.Instant.Sub(start.Instant)
	}
	for i, at := range o.At {
		if i == maxDates {
			return dates, true
		}
		t := notice.Time{Start: at.UTC(), Zone: "UTC"}
		if length > 0 {
			t.End = t.Start.Add(length)
		}
		if tzid := f.Component.First("DTSTART").ParamValue("TZID"); tzid != "" {
			t = f.onClock(tzid, t)
		}
		dates = append(dates, t)
	}
	return dates, !o.Complete
}

// days are the first days of a series of whole days.
func (f view) days() (dates []notice.Time, more bool) {
	s := f.Series(true)
	if s.Rule != "" {
		return nil, false
	}
	cut := map[time.Time]bool{}
	for _, m := range s.Cut {
		cut[m.Wall] = true
	}
	for _, m := range s.Times {
		switch {
		case !m.Date || cut[m.Wall]:
		case len(dates) == maxDates:
			return dates, true
		default:
			cut[m.Wall] = true // each once
			dates = append(dates, notice.Time{Start: m.Wall, Days: true})
		}
	}
	return dates, false
}
