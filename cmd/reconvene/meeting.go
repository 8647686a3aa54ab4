package main

import (
	"net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// event is one component of a meeting as a person wants to see it. It is also
// the JSON form of inspect, so names and meanings are stable.
type event struct {
	Kind        string     `json:"kind"` // VEVENT, VTODO, …
	UID         string     `json:"uid"`
	Summary     string     `json:"summary,omitempty"`
	Location    string     `json:"location,omitempty"`
	Status      string     `json:"status,omitempty"`
	Sequence    string     `json:"sequence,omitempty"`      // as written
	CDOSequence string     `json:"cdo_sequence,omitempty"`  // X-MICROSOFT-CDO-APPT-SEQUENCE
	Stamp       *moment    `json:"stamp,omitempty"`         // DTSTAMP
	Start       *moment    `json:"start,omitempty"`         // DTSTART
	End         *moment    `json:"end,omitempty"`           // DTEND or DUE
	Duration    string     `json:"duration,omitempty"`      // as written
	Occurrence  *moment    `json:"recurrence_id,omitempty"` // RECURRENCE-ID
	Rules       []string   `json:"rules,omitempty"`         // RRULE as written
	Recurrence  []string   `json:"recurrence,omitempty"`    // the rules in words
	Excluded    []moment   `json:"excluded,omitempty"`      // EXDATE
	Added       []moment   `json:"added,omitempty"`         // RDATE
	Organizer   *person    `json:"organizer,omitempty"`
	Attendees   []attendee `json:"attendees"`
	Year1601    []string   `json:"year_1601,omitempty"` // signs of KB 938650
}

// moment is a date or a time: as it is written, in its own zone, and in UTC.
type moment struct {
	Written string `json:"written"`
	Local   string `json:"local,omitempty"`  // 2026-03-19T14:00:00, or a date
	Zone    string `json:"zone,omitempty"`   // TZID, "UTC", or "" for a floating time
	Offset  string `json:"offset,omitempty"` // -07:00
	UTC     string `json:"utc,omitempty"`    // 2026-03-19T21:00:00Z; "" when it is not known
	Date    bool   `json:"date,omitempty"`   // a whole day

	wall time.Time
	at   time.Time // zero when not known
}

type person struct {
	Name    string `json:"name,omitempty"`
	Address string `json:"address"`
	SentBy  string `json:"sent_by,omitempty"`
}

type attendee struct {
	person
	Role      string  `json:"role,omitempty"`
	Kind      string  `json:"kind,omitempty"` // CUTYPE when it is not an individual
	Answer    string  `json:"partstat,omitempty"`
	Tracking  *int    `json:"track_status,omitempty"` // PR_RECIPIENT_TRACKSTATUS that Outlook keeps for it
	RSVP      bool    `json:"rsvp"`
	Replied   *moment `json:"replied,omitempty"`   // X-REPLYTIME
	Year1601  bool    `json:"year_1601,omitempty"` // the sign of KB 938650
	Delegated string  `json:"delegated,omitempty"` // to whom, or from whom
	Comment   string  `json:"more_info,omitempty"`
}

// readEvents reads the components of a calendar.
func readEvents(cal *ical.Component) []event {
	zones := zone.NewSet(cal)
	var out []event
	for _, c := range cal.Children("") {
		switch c.Name {
		case "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY":
			out = append(out, readEvent(c, zones))
		}
	}
	return out
}

func readEvent(c *ical.Component, zones *zone.Set) event {
	text := func(name string) string { return ical.UnescapeText(c.Value(name)) }
	ev := event{
		Kind: c.Name, UID: c.Value("UID"), Summary: text("SUMMARY"), Location: text("LOCATION"), Status: c.Value("STATUS"),
		Sequence: c.Value("SEQUENCE"), CDOSequence: c.Value("X-MICROSOFT-CDO-APPT-SEQUENCE"), Duration: c.Value("DURATION"),
		Stamp: readMoment(c.First("DTSTAMP"), zones), Start: readMoment(c.First("DTSTART"), zones), End: readMoment(c.First("DTEND"), zones),
		Occurrence: readMoment(c.First("RECURRENCE-ID"), zones),
		Attendees:  []attendee{},
	}
	if ev.End == nil {
		ev.End = readMoment(c.First("DUE"), zones)
	}
	for _, l := range c.Lines("RRULE") {
		ev.Rules = append(ev.Rules, l.Value())
		ev.Recurrence = append(ev.Recurrence, ruleWords(l.Value()))
	}
	ev.Excluded = readMoments(c.Lines("EXDATE"), zones)
	ev.Added = readMoments(c.Lines("RDATE"), zones)
	if l := c.First("ORGANIZER"); l != nil {
		p := readPerson(l)
		ev.Organizer = &p
	}
	for _, l := range c.Lines("ATTENDEE") {
		ev.Attendees = append(ev.Attendees, readAttendee(l, ev.Organizer, zones))
	}
	ev.Year1601 = signs1601(c, ev.Attendees)
	return ev
}

// maxMoments bounds the excluded and the added dates that are shown.
const maxMoments = 200

func readMoments(lines []*ical.Line, zones *zone.Set) []moment {
	var out []moment
	for _, l := range lines {
		for _, v := range strings.Split(l.Value(), ",") {
			if len(out) == maxMoments {
				return out
			}
			out = append(out, newMoment(strings.TrimSpace(v), l.ParamValue("TZID"), zones))
		}
	}
	return out
}

func readMoment(l *ical.Line, zones *zone.Set) *moment {
	if l == nil {
		return nil
	}
	m := newMoment(l.Value(), l.ParamValue("TZID"), zones)
	return &m
}

// newMoment reads a date, a date-time or the beginning of a period.
func newMoment(written, tzid string, zones *zone.Set) moment {
	m := moment{Written: written}
	begin, _, _ := strings.Cut(written, "/")
	d, ok := ical.ParseDateTime(begin)
	if !ok {
		return m
	}
	m.wall = d.Wall
	switch d.Form {
	case ical.Date:
		m.Date, m.Local = true, d.Wall.Format("2006-01-02")
		return m
	case ical.UTC:
		m.Zone, m.Offset = "UTC", "+00:00"
		m.at = d.Wall
	default:
		m.Zone = tzid
		if at, ok := zones.Instant(d, tzid); ok {
			m.at = at
			m.Offset = offsetText(d.Wall.Sub(at))
		}
	}
	m.Local = d.Wall.Format("2006-01-02T15:04:05")
	if !m.at.IsZero() {
		m.UTC = m.at.UTC().Format("2006-01-02T15:04:05Z")
	}
	return m
}

func offsetText(d time.Duration) string {
	sign := '+'
	if d < 0 {
		sign, d = '-', -d
	}
	text := string(sign) + time.Time{}.Add(d).Format("15:04")
	if d%time.Minute != 0 {
		text += time.Time{}.Add(d).Format(":05")
	}
	return text
}

func readPerson(l *ical.Line) person {
	return person{Name: ical.DecodeParam(l.ParamValue("CN")), Address: bareAddress(l.Value()), SentBy: bareAddress(l.ParamValue("SENT-BY"))}
}

// bareAddress takes "mailto:" off a calendar user address.
func bareAddress(uri string) string {
	if len(uri) >= 7 && strings.EqualFold(uri[:7], "mailto:") {
		return uri[7:]
	}
	return uri
}

func readAttendee(l *ical.Line, organizer *person, zones *zone.Set) attendee {
	a := attendee{
		person: readPerson(l),
		Role:   l.ParamValue("ROLE"),
		Answer: strings.ToUpper(l.ParamValue("PARTSTAT")),
		RSVP:   strings.EqualFold(l.ParamValue("RSVP"), "TRUE"),
	}
	if kind := strings.ToUpper(l.ParamValue("CUTYPE")); kind != "INDIVIDUAL" {
		a.Kind = kind
	}
	if to := l.ParamValue("DELEGATED-TO"); to != "" {
		a.Delegated = "to " + bareAddress(to)
	} else if from := l.ParamValue("DELEGATED-FROM"); from != "" {
		a.Delegated = "from " + bareAddress(from)
	}
	if v := l.ParamValue("X-REPLYTIME"); v != "" {
		m := newMoment(v, "", zones)
		a.Replied, a.Year1601 = &m, year1601(v)
	}
	if n, ok := trackStatus(a, organizer); ok {
		a.Tracking = &n
	}
	return a
}

// trackStatus is the number that Outlook and Exchange keep for an attendee in
// PR_RECIPIENT_TRACKSTATUS: 0 none, 1 organized, 2 tentative, 3 accepted, 4
// declined, 5 not responded.
func trackStatus(a attendee, organizer *person) (int, bool) {
	if organizer != nil && strings.EqualFold(a.Address, organizer.Address) {
		return 1, true
	}
	n, ok := map[string]int{"": 0, "TENTATIVE": 2, "ACCEPTED": 3, "DECLINED": 4, "NEEDS-ACTION": 5}[a.Answer]
	return n, ok
}

// year1601 reports whether a date is the zero of Windows time, 1 January 1601.
func year1601(v string) bool { return strings.HasPrefix(v, "1601") }

// signs1601 looks for the signs of KB 938650: the track-status time of an
// attendee is 1 January 1601, and Exchange 2003 can send no further update or
// cancellation of the meeting.
func signs1601(c *ical.Component, attendees []attendee) []string {
	var signs []string
	for _, a := range attendees {
		if a.Year1601 {
			signs = append(signs, "the reply time of "+a.Address+" is 1 January 1601")
		}
	}
	for _, name := range []string{"X-MICROSOFT-CDO-REPLYTIME", "X-MICROSOFT-CDO-ATTENDEE-CRITICAL-CHANGE", "X-MICROSOFT-CDO-OWNER-CRITICAL-CHANGE"} {
		if year1601(c.Value(name)) {
			signs = append(signs, name+" is 1 January 1601")
		}
	}
	return signs
}

// mailHead is what the header of a message around the calendar contains.
type mailHead struct {
	Subject string `json:"subject,omitempty"`
	From    string `json:"from,omitempty"`
	To      string `json:"to,omitempty"`
	Date    string `json:"date,omitempty"`
}

// wholeNumber reads SEQUENCE, 0 when it is none.
func wholeNumber(s string) int {
	n, _ := strconv.Atoi(strings.TrimSpace(s))
	return n
}

// addressList decodes an address field; what cannot be parsed stays as it is.
func addressList(field string) string {
	list, err := mail.ParseAddressList(field)
	if err != nil {
		return field
	}
	var out []string
	for _, a := range list {
		if a.Name == "" {
			out = append(out, a.Address)
		} else {
			out = append(out, a.Name+" <"+a.Address+">")
		}
	}
	return strings.Join(out, ", ")
}
