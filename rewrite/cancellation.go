package rewrite

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	stdmime "mime"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/guard"
	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/notice"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// Cancellation is a CANCEL (RFC 5546 §3.2.5) for a meeting that the organizer's own
// system cannot cancel any more.
type Cancellation struct {
	Kept       Kept      // the invitation that it cancels: of the occurrence, or of the series
	Occurrence string    // only this one: an instant ("20260309T090000Z") or a day ("20260309")
	Sequence   int       // its SEQUENCE
	Stamp      string    // its DTSTAMP; "" is Date
	Organizer  string    // used if Kept has no organizer
	Attendees  []string  // the recipients
	Date       time.Time // of the mail
	Hostname   string    // that makes the Message-ID
}

// Errors of Cancellation.Mail and Kept.Find.
var (
	ErrNoOccurrence = errors.New("the meeting has no such occurrence")
	ErrNoOrganizer  = errors.New("it is not known who organizes the meeting")
)

// Mail returns the message, and the organizer's address.
func (n Cancellation) Mail() (text []byte, organizer string, err error) {
	c := &remedy.Object{Octets: n.Kept.Text}
	if err := parse(c); err != nil {
		return nil, "", err
	}
	c.ResetZones()
	if c.Cal == nil || len(c.Items()) != 1 {
		return nil, "", errKept
	}
	it := c.Items()[0]
	if n.Occurrence != "" && !it.Has("RECURRENCE-ID") {
		if err := toOccurrence(c, it, n.Occurrence); err != nil {
			return nil, "", err
		}
	}
	if organizer, err = n.setPeople(it); err != nil {
		return nil, "", err
	}
	n.setRevision(c.Cal, it)
	language := notice.Parse(n.Kept.Language)
	facts := viewOf(c, it).facts(remedy.Mail{})
	facts.Kind = notice.Cancellation
	cal := c.Doc.Bytes()
	message := multipart("alternative", textEntity("text/plain", textLines(facts.Cancelled(language))),
		textEntity("text/calendar", cal, param{"method", "CANCEL"}))
	sum := sha256.Sum256(append(cal, n.Date.UTC().String()...))
	s := &typesetter{eol: "\r\n", seed: hex.EncodeToString(sum[:12])}
	n.head(s, it, facts, language, s.seed)
	s.part(&message)
	return s.out, organizer, nil
}

// setRevision turns an invitation into a cancellation.
func (n Cancellation) setRevision(cal, it *ical.Component) {
	stamp := n.Stamp
	if stamp == "" {
		stamp = ical.DateTime{Wall: n.Date.UTC(), Form: ical.UTC}.String()
	}
	cal.First("METHOD").SetValue("CANCEL")
	it.RemoveIf(func(l *ical.Line) bool { return l.Name() == "SEQUENCE" || l.Name() == "DTSTAMP" })
	it.Add(ical.NewLine("SEQUENCE", strconv.Itoa(n.Sequence)), ical.NewLine("DTSTAMP", stamp), ical.NewLine("STATUS", "CANCELLED"))
}

// setPeople removes the attendees whom the cancellation is not for.
func (n Cancellation) setPeople(it *ical.Component) (organizer string, err error) {
	if organizer = guard.ReadAddress(it, "ORGANIZER"); organizer == "" && n.Organizer != "" {
		organizer = n.Organizer
		it.Add(ical.NewLine("ORGANIZER", "mailto:"+n.Organizer))
	}
	if _, err := mail.ParseAddress(organizer); err != nil {
		return "", ErrNoOrganizer
	}
	named := map[string]bool{}
	it.RemoveIf(func(l *ical.Line) bool {
		if l.Name() != "ATTENDEE" {
			return false
		}
		a := guard.PlainAddress(l.Value())
		if named[a] || !slices.ContainsFunc(n.Attendees, func(want string) bool { return strings.EqualFold(want, a) }) {
			return true
		}
		named[a] = true
		l.DelParams(func(p ical.Param) bool { return p.Name == "RSVP" || p.Name == "PARTSTAT" }) // nothing is to be answered
		return false
	})
	for _, a := range n.Attendees {
		if !named[strings.ToLower(a)] {
			it.Add(ical.NewLine("ATTENDEE", "mailto:"+a))
		}
	}
	return organizer, nil
}

// toOccurrence makes one occurrence of a series.
func toOccurrence(c *remedy.Object, it *ical.Component, which string) error {
	f := viewOf(c, it)
	start := it.First("DTSTART")
	d, tzid, err := f.occurrence(which)
	if err != nil {
		return err
	}
	length, known := f.length()
	it.RemoveIf(func(l *ical.Line) bool {
		switch l.Name() {
		case "RRULE", "RDATE", "EXRULE", "EXDATE", "DTEND", "DUE", "DURATION":
			return true
		}
		return false
	})
	params := start.Params()
	start.SetValue(d.String())
	it.InsertAfter(start, ical.NewLine("RECURRENCE-ID", d.String(), params...))
	if known && length > 0 {
		end := ical.DateTime{Wall: d.Wall.Add(length), Form: d.Form}
		if d.Form == ical.Local { // a day may have another length on the clock
			rules := c.Zones.Rules(tzid)
			if at, ok := c.Zones.Instant(d, tzid); ok && rules != nil {
				end.Wall = rules.Wall(at.Add(length))
			}
		}
		it.InsertAfter(start, ical.NewLine("DTEND", end.String(), params...))
	}
	return nil
}

// length is how long the component takes.
func (f view) length() (time.Duration, bool) {
	start := f.Moment("DTSTART")
	switch end := f.end(start); {
	case !end.Set || !start.Set:
		return 0, false
	case start.Known && end.Known:
		return end.Instant.Sub(start.Instant), true
	default:
		return end.Wall.Sub(start.Wall), true
	}
}

// occurrence finds one of a series, in the form of its start.
func (f view) occurrence(which string) (d ical.DateTime, tzid string, err error) {
	want, ok := ical.ParseDateTime(which)
	begin, also := ical.ParseDateTime(strings.TrimSpace(f.Component.Value("DTSTART")))
	if !ok || want.Form == ical.Local {
		return d, "", fmt.Errorf("%q is neither an instant like 20260309T090000Z nor a day like 20260309", which)
	}
	if !also || !f.Component.Has("RRULE") && !f.Component.Has("RDATE") {
		return d, "", fmt.Errorf("%w: it is no series", ErrNoOccurrence)
	}
	tzid = f.Component.First("DTSTART").ParamValue("TZID")
	s := f.Series(true)
	all := append(s.Times, f.Moment("DTSTART"))
	match := func(m guard.Moment) bool {
		if want.Form == ical.Date {
			return f.onItsClock(m, tzid).Truncate(24 * time.Hour).Equal(want.Wall)
		}
		return m.Known && m.Instant.Equal(want.Wall)
	}
	for _, m := range all {
		if match(m) && !slices.ContainsFunc(s.Cut, match) {
			return ical.DateTime{Wall: f.onItsClock(m, tzid), Form: begin.Form}, tzid, nil
		}
	}
	if s.Rule != "" {
		return d, "", fmt.Errorf("%w as far as its rule can be read", ErrNoOccurrence)
	}
	return d, "", ErrNoOccurrence
}

// onItsClock is a moment on the clock of the series.
func (f view) onItsClock(m guard.Moment, tzid string) time.Time {
	if begin := f.Moment("DTSTART"); !m.Known || tzid == "" || begin.Date {
		return m.Wall
	}
	if rules := f.Object.Zones.Rules(tzid); rules != nil {
		return rules.Wall(m.Instant)
	}
	return m.Wall
}

// head writes the header fields that are not about the content.
func (n Cancellation) head(s *typesetter, it *ical.Component, facts notice.Facts, language notice.Language, id string) {
	var to []string
	for _, l := range it.Lines("ATTENDEE") {
		to = append(to, mailbox(l))
	}
	s.lines([]string{
		"From: " + mailbox(it.First("ORGANIZER")),
		"To: " + strings.Join(to, ",\r\n\t"),
		"Subject: " + encodeWords(language.Cancelled(facts.Summary)),
		"Date: " + n.Date.Format("Mon, 02 Jan 2006 15:04:05 -0700"),
		"Message-ID: <cancel." + id + "@" + n.Hostname + ">",
		"MIME-Version: 1.0",
		"Content-Language: " + language.String(),
	})
}

// mailbox is a person as header fields name them.
func mailbox(l *ical.Line) string {
	a := mail.Address{Address: guard.PlainAddress(l.Value())}
	if name := textLines(l.ParamValue("CN")); !strings.EqualFold(string(name), a.Address) {
		a.Name = strings.Join(strings.Fields(string(name)), " ")
	}
	return a.String()
}

// encodeWords writes a text as encoded-words (RFC 2047), folded.
func encodeWords(s string) string {
	s = strings.Join(strings.Fields(string(textLines(s))), " ")
	return strings.ReplaceAll(stdmime.QEncoding.Encode("utf-8", s), "?= =?", "?=\r\n =?")
}
