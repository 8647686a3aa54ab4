package tnef

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// Patterns of series, each with a day on which it starts.
var roundPatterns = []struct{ day, rule string }{
	{"20260302", ""},
	{"20260302", "FREQ=DAILY;INTERVAL=1"},
	{"20260302", "FREQ=DAILY;INTERVAL=3;COUNT=20"},
	{"20260302", "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;COUNT=30"},
	{"20260302", "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,WE,FR;UNTIL=20261030T235959Z"},
	{"20260302", "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;UNTIL=21990101T235959Z"},
	{"20260301", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU;WKST=MO;COUNT=25"},
	{"20260301", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU;WKST=SU;COUNT=25"},
	{"20260303", "FREQ=WEEKLY"},
	{"20260315", "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=15;COUNT=14"},
	{"20260331", "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=14"},
	{"20260330", "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1;COUNT=30"},
	{"20260329", "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=28,29;BYSETPOS=-1;COUNT=30"},
	{"20260311", "FREQ=MONTHLY;INTERVAL=2;BYDAY=2WE;COUNT=12"},
	{"20260327", "FREQ=MONTHLY;BYDAY=-1FR"},
	{"20260331", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=24"},
	{"20260302", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1;UNTIL=20280401T000000Z"},
	{"20260704", "FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=4;COUNT=9"},
	{"20260228", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1;COUNT=9"},
	{"20261126", "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=9"},
	{"20260525", "FREQ=YEARLY;INTERVAL=2;BYMONTH=5;BYDAY=-1MO"},
}

const customRules = `BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:19701025T033000
TZOFFSETFROM:+0230
TZOFFSETTO:+0130
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700405T013000
TZOFFSETFROM:+0130
TZOFFSETTO:+0230
RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=4
END:DAYLIGHT
END:VTIMEZONE
`

var roundZones = []string{"Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "UTC", "Pacific/Auckland", "America/St_Johns", "Customized Time Zone"}

// Kinds of meetings: what is changed in the series, and what is told of it.
var roundKinds = []string{"REQUEST", "REQUEST exdate", "REQUEST moved", "REQUEST changed", "REQUEST days", "REQUEST days exdate",
	"REQUEST days moved", "CANCEL", "CANCEL one", "CANCEL days one", "REQUEST one", "REPLY ACCEPTED", "REPLY one DECLINED", "REPLY TENTATIVE", "COUNTER"}

// sample writes a meeting of one kind.
type sample struct {
	kind, tzid, day, rule string
	n                     int
	lines                 []string
}

func (s *sample) has(word string) bool { return slices.Contains(strings.Fields(s.kind), word) }

func (s *sample) at(name, day, clock string) string {
	switch {
	case s.has("days"):
		return name + ";VALUE=DATE:" + day
	case s.tzid == "UTC":
		return name + ":" + day + "T" + clock + "Z"
	}
	return name + ";TZID=" + s.tzid + ":" + day + "T" + clock
}

func (s *sample) add(lines ...string) { s.lines = append(s.lines, lines...) }

func (s *sample) event(id, day, from, to, summary, more string) {
	s.add("BEGIN:VEVENT", fmt.Sprintf("UID:%08d-\\,\\;-ü@example.com", s.n), "DTSTAMP:20260201T101112Z")
	if id != "" {
		s.add(s.at("RECURRENCE-ID", id, "093000"))
	}
	end := day
	if s.has("days") {
		end = addDays(day, 2)
	}
	s.add(s.at("DTSTART", day, from), s.at("DTEND", end, to), fmt.Sprintf("SEQUENCE:%d", s.n%5))
	s.add(`ORGANIZER;CN="Lee, Ann":mailto:ann@example.com`)
	switch {
	case s.has("REPLY") || s.has("COUNTER"):
		partstat := strings.Fields(s.kind + " TENTATIVE")[choose(s.has("one"), 2, 1)]
		s.add("ATTENDEE;CN=Bob;PARTSTAT=" + partstat + ":mailto:bob@example.net")
		s.add("COMMENT:I\\, Bob\\; can.\\nReally.")
	default:
		partstat := choose(s.has("REQUEST"), ";PARTSTAT=NEEDS-ACTION;RSVP=TRUE", "")
		s.add(`ATTENDEE;CN="Böb";ROLE=REQ-PARTICIPANT` + partstat + ":mailto:bob@example.net")
		s.add("ATTENDEE;ROLE=OPT-PARTICIPANT" + partstat + ":mailto:cy@example.org")
		s.add("ATTENDEE;CN=Room 1;CUTYPE=RESOURCE;ROLE=NON-PARTICIPANT" + partstat + ":mailto:room1@example.com")
		s.add("DESCRIPTION:Read §1\\,\\n— and more of " + summary)
	}
	s.add("SUMMARY:"+summary, "LOCATION:Straße 1\\, Köln\\; "+summary)
	if more != "" {
		s.add(more)
	}
	s.add("END:VEVENT")
}

func addDays(day string, n int) string {
	t, _ := time.Parse("20060102", day)
	return t.AddDate(0, 0, n).Format("20060102")
}

// text writes the calendar; ok is false where the kind asks for a series and
// there is none, or the other way round.
func (s *sample) text(t testing.TB) (text []byte, ok bool) {
	if s.rule == "" && (s.has("one") || s.has("exdate") || s.has("moved") || s.has("changed")) {
		return nil, false
	}
	day, _ := time.Parse("20060102", s.day)
	s.add("BEGIN:VCALENDAR", "PRODID:-//Example//EN", "VERSION:2.0", "METHOD:"+strings.Fields(s.kind)[0])
	if s.tzid == "Customized Time Zone" {
		s.add(strings.TrimSpace(customRules))
	} else if s.tzid != "UTC" {
		d := &ical.Document{Root: &ical.Component{}}
		d.Root.AddChild(zone.Generate(s.tzid, day, day.AddDate(12, 0, 0)))
		s.add(strings.TrimSpace(strings.ReplaceAll(string(d.Bytes()), "\r", "")))
	}
	// the second and third occurrence, which some kinds leave out or change
	var next []string
	if s.rule != "" {
		opt, err := rrule.StrToROption(s.rule)
		if err != nil {
			t.Fatal(err)
		}
		opt.Dtstart, opt.Until = day, time.Time{}
		if opt.Count == 0 {
			opt.Count = 5
		}
		r, err := rrule.NewRRule(*opt)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range r.All() {
			next = append(next, d.Format("20060102"))
		}
	}
	s.write(next)
	s.add("END:VCALENDAR", "")
	return []byte(strings.ReplaceAll(strings.Join(s.lines, "\n"), "\n", "\r\n")), true
}

func (s *sample) write(next []string) {
	switch {
	case s.has("one"):
		s.event(next[1], next[1], "093000", "101500", "Jour fixe", "")
		return
	case s.has("CANCEL"), s.has("REPLY"):
		s.event("", s.day, "093000", "101500", "Jour fixe", "")
		return
	case s.has("COUNTER"):
		s.event("", s.day, "113000", "121500", "Jour fixe", "X-MS-OLK-ORIGINALSTART:20260302T083000Z\nX-MS-OLK-ORIGINALEND:20260302T091500Z")
		return
	}
	var more []string
	if s.rule != "" {
		rule := s.rule
		if i := strings.Index(rule, "UNTIL="); i >= 0 && s.has("days") {
			rule = rule[:i+14]
		}
		more = append(more, "RRULE:"+rule)
	}
	if s.has("exdate") {
		more = append(more, s.at("EXDATE", next[1], "093000"), s.at("EXDATE", next[3], "093000"))
	}
	s.event("", s.day, "093000", "101500", "Jour fixe", strings.Join(more, "\n"))
	if s.has("moved") {
		s.event(next[2], addDays(next[2], 1), "140000", "150000", "Jour fixe", "")
	}
	if s.has("changed") {
		s.event(next[1], next[1], "093000", "110000", "Jour fixe — spécial", "TRANSP:TRANSPARENT")
		s.event(next[3], addDays(next[3], -1), "233000", "235900", "Nachtsitzung", "")
	}
}

// TestRoundTrip sends meetings of every kind through MAPI and back.
func TestRoundTrip(t *testing.T) {
	n := 0
	for i, p := range roundPatterns {
		for j, kind := range roundKinds {
			s := &sample{kind: kind, tzid: roundZones[(i+j)%len(roundZones)], day: p.day, rule: p.rule, n: n}
			text, ok := s.text(t)
			if !ok {
				continue
			}
			n++
			t.Run(fmt.Sprintf("%s %s %s", kind, p.rule, s.tzid), func(t *testing.T) { roundTrip(t, text) })
		}
	}
	if n < 200 {
		t.Errorf("only %d meetings", n)
	}
}

func roundTrip(t *testing.T, text []byte) {
	packed, err := FromCalendar(text, Outer{})
	if err != nil {
		t.Fatalf("pack: %v\n%s", err, text)
	}
	m, err := Read(Write(packed), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.Meeting(Outer{})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	want, have := describe(t, text), describe(t, got.Calendar)
	if want != have {
		t.Errorf("want\n%s\nhave\n%s\nof\n%s\nbuilt\n%s", want, have, text, got.Calendar)
	}
	if bytes.Contains(got.Calendar, []byte(customZone)) && !bytes.Contains(text, []byte(customZone)) {
		t.Errorf("its time zone has lost its name:\n%s", got.Calendar)
	}
	if len(got.Warnings) > 0 {
		t.Errorf("warnings %q", got.Warnings)
	}
}

// describe returns what a calendar means: method, people, texts, and its first
// occurrences as instants. It expands series with a library that the package
// does not use.
func describe(t *testing.T, text []byte) string {
	t.Helper()
	doc, err := ical.Parse(text, ical.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	cal := doc.Calendars()[0]
	zones := zone.NewSet(cal)
	var out []string
	overridden := map[string]bool{}
	series := false
	for _, e := range cal.Children("VEVENT") {
		if l := e.First("RECURRENCE-ID"); l != nil {
			overridden[instantText(t, zones, l, l.Value())] = true
		}
		series = series || e.Has("RRULE")
	}
	for _, e := range cal.Children("VEVENT") {
		what := []string{cal.Value("METHOD")}
		for _, name := range []string{"UID", "SEQUENCE", "DTSTAMP", "SUMMARY", "LOCATION", "DESCRIPTION", "COMMENT", "X-MS-OLK-ORIGINALSTART", "X-MS-OLK-ORIGINALEND"} {
			what = append(what, e.Value(name))
		}
		what = append(what, fmt.Sprint(strings.EqualFold(e.Value("TRANSP"), "TRANSPARENT") || cal.Value("METHOD") == "CANCEL"))
		var people []string
		for _, l := range append(e.Lines("ORGANIZER"), e.Lines("ATTENDEE")...) {
			people = append(people, fmt.Sprint(l.Name(), l.Value(), l.ParamValue("CN"), l.ParamValue("ROLE"), l.ParamValue("CUTYPE"), l.ParamValue("PARTSTAT"), l.ParamValue("RSVP")))
		}
		slices.Sort(people)
		for _, times := range occurrences(t, zones, e, overridden, series) {
			out = append(out, times+" "+strings.Join(what, "|")+" "+strings.Join(people, " "))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// occurrences gives the first occurrences of a component.
func occurrences(t *testing.T, zones *zone.Set, e *ical.Component, overridden map[string]bool, series bool) []string {
	start, end := e.First("DTSTART"), e.First("DTEND")
	if !e.Has("RRULE") {
		id := ""
		if l := e.First("RECURRENCE-ID"); l != nil {
			id = instantText(t, zones, l, l.Value())
		}
		return []string{id + " " + instantText(t, zones, start, start.Value()) + " " + instantText(t, zones, end, end.Value())}
	}
	first, _ := ical.ParseDateTime(start.Value())
	last, _ := ical.ParseDateTime(end.Value())
	rule, until, _ := strings.Cut(e.Value("RRULE"), "UNTIL=")
	if until != "" {
		var rest string
		until, rest, _ = strings.Cut(until, ";")
		rule += rest
	}
	opt, err := rrule.StrToROption(strings.TrimSuffix(rule, ";"))
	if err != nil {
		t.Fatal(err)
	}
	opt.Dtstart = first.Wall
	r, err := rrule.NewRRule(*opt)
	if err != nil {
		t.Fatal(err)
	}
	gone := map[string]bool{}
	for _, l := range e.Lines("EXDATE") {
		for _, v := range strings.Split(l.Value(), ",") {
			gone[instantText(t, zones, l, v)] = true
		}
	}
	var out []string
	next := r.Iterator()
	for len(out) < 90 {
		wall, ok := next()
		if !ok {
			break
		}
		at := instantText(t, zones, start, ical.DateTime{Wall: wall, Form: first.Form}.String())
		if until != "" && at > until && at[:8] > until[:8] {
			break
		}
		if until != "" && len(until) > 8 && at > until {
			break
		}
		stop := ical.DateTime{Wall: wall.Add(last.Wall.Sub(first.Wall)), Form: last.Form}.String()
		if !gone[at] && !overridden[at] {
			out = append(out, at+" "+instantText(t, zones, end, stop))
		}
	}
	return out
}

// instantText writes the instant of a value, or the date.
func instantText(t *testing.T, zones *zone.Set, l *ical.Line, value string) string {
	t.Helper()
	d, ok := ical.ParseDateTime(value)
	if !ok {
		t.Fatalf("%s is no time", value)
	}
	if d.Form == ical.Date {
		return value
	}
	at, ok := zones.Instant(d, l.ParamValue("TZID"))
	if !ok {
		t.Fatalf("%s has no zone", l.Text())
	}
	return utcText(at)
}

func BenchmarkMeeting(b *testing.B) {
	s := &sample{kind: "REQUEST changed", tzid: "Europe/Berlin", day: "20260302", rule: "FREQ=WEEKLY;BYDAY=MO"}
	text, _ := s.text(b)
	m, err := FromCalendar(text, Outer{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Meeting(Outer{}); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzMeeting builds meetings of streams that are damaged in any way: what
// comes out is a calendar, or nothing.
func FuzzMeeting(f *testing.F) {
	for i, kind := range roundKinds {
		p := roundPatterns[1+i%(len(roundPatterns)-1)]
		s := &sample{kind: kind, tzid: roundZones[i%len(roundZones)], day: p.day, rule: p.rule}
		text, _ := s.text(f)
		m, err := FromCalendar(text, Outer{})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(Write(m))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Read(b, Limits{Size: 1 << 20})
		if err != nil {
			return
		}
		got, err := m.Meeting(outer)
		if err != nil {
			return
		}
		doc, err := ical.Parse(got.Calendar, ical.Limits{})
		if err != nil || doc.Faults() != 0 || len(doc.Calendars()) != 1 {
			t.Fatalf("%v, faults %b\n%s", err, doc.Faults(), got.Calendar)
		}
		for _, e := range doc.Calendars()[0].Children("VEVENT") {
			for _, name := range []string{"UID", "DTSTAMP", "DTSTART", "ORGANIZER"} {
				if n := len(e.Lines(name)); n != 1 || e.Value(name) == "" {
					t.Fatalf("%d %s in\n%s", n, name, got.Calendar)
				}
			}
		}
	})
}
