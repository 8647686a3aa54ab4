package tnef

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// productID is the PRODID of a calendar that was built from MAPI properties.
const productID = "-//Reconvene//TNEF//EN"

// Values of X-MICROSOFT-CDO-INSTTYPE ([MS-OXCICAL] §2.1.3.1.1.20.33).
const (
	kindSingle    = 0
	kindMaster    = 1
	kindException = 3
)

// event is one VEVENT.
type event struct {
	kind         int
	start, end   stamp
	recurrenceID *stamp
	rule         string
	rdates       []stamp // the occurrences after the first, where no rule can tell them
	exdates      []stamp

	summary, location, text string
	html                    []byte
	busy, intended          int64 // -1 unknown
	reminder                int64 // minutes before the start, -1 none
}

// Limits of the texts: beyond them the text of the mail, which holds the same
// words, has to do.
const (
	maxText     = 1 << 20
	maxHTML     = 32 << 10
	maxCalendar = 4 << 20
)

// texts reads what people read, and what stands for the series and its
// changed occurrences alike.
func (b *builder) texts() error {
	e := b.master
	e.summary = summary(b)
	e.location = words(b.m.Props.Named(SetAppointment, lidLocation), b.m.Props.Named(SetMeeting, lidWhere))
	text, html := b.m.Body()
	if strings.TrimSpace(b.o.Text) != "" {
		text = b.o.Text
	}
	e.text, e.html = text, html
	e.busy = integer(b.m.Props.Named(SetAppointment, lidBusyStatus), -1)
	e.intended = integer(b.m.Props.Named(SetAppointment, lidIntendedStatus), -1)
	e.reminder = -1
	if b.m.flag(SetCommon, lidReminderSet) {
		e.reminder = reminderMinutes(integer(b.m.Props.Named(SetCommon, lidReminderDelta), -1))
	}
	return nil
}

// defaultReminder is what a client writes for "my own default".
const defaultReminder = 0x5AE980E1

func reminderMinutes(n int64) int64 {
	switch {
	case n == defaultReminder:
		return 15
	case n < 0 || n > 366*dayLength:
		return -1
	}
	return n
}

// summary returns the subject of the meeting, without the localised prefix for the
// kind of message ("Accepted: ").
func summary(b *builder) string {
	p := b.m.Props
	if s := words(p.Get(pidTagNormalizedSubject)); s != "" {
		return s
	}
	topic := words(p.Get(pidTagConversationTopic))
	if s := words(p.Get(PidTagSubject)); s != "" {
		prefix, _ := p.Get(pidTagSubjectPrefix).Text()
		if rest, ok := strings.CutPrefix(s, strings.TrimSpace(prefix)); ok && prefix != "" {
			return strings.TrimSpace(rest)
		}
		return withoutPrefix(s, topic)
	}
	if s := strings.TrimSpace(b.o.Subject); s != "" {
		return withoutPrefix(s, topic)
	}
	return topic
}

// withoutPrefix gives the topic where the subject is the topic after some
// prefix.
func withoutPrefix(subject, topic string) string {
	if topic != "" && strings.HasSuffix(subject, topic) {
		return topic
	}
	return subject
}

// write makes the calendar.
func (b *builder) write() error {
	events := append([]*event{b.master}, b.overrides...)
	if n := size(b, events); n > maxCalendar {
		return fmt.Errorf("its calendar would have %d octets", n)
	}
	cal := ical.NewComponent("VCALENDAR")
	cal.Add(ical.NewLine("METHOD", b.class.method), ical.NewLine("PRODID", productID), ical.NewLine("VERSION", "2.0"))
	declared := map[string]bool{}
	for _, e := range events {
		for _, s := range []stamp{e.start, e.end} {
			if s.zone != nil && !s.date && !declared[s.zone.tzid] {
				declared[s.zone.tzid] = true
				cal.AddChild(s.zone.component)
			}
		}
	}
	common := common(b)
	for _, e := range events {
		cal.AddChild(component(b, e, common))
	}
	doc := &ical.Document{Root: &ical.Component{}}
	doc.Root.AddChild(cal)
	b.out.Calendar = doc.Bytes()
	if !utf8.Valid(b.out.Calendar) {
		return errors.New("its text is not UTF-8")
	}
	return nil
}

// size estimates the calendar, and drops the texts that would be repeated too
// often. What is long is repeated for each changed occurrence.
func size(b *builder, events []*event) int {
	n := 0
	for i, e := range events {
		if n += len(e.text) + len(e.html); len(e.text) > maxText || n > maxText && i > 0 {
			n -= len(e.text) + len(e.html)
			e.text, e.html = "", nil
			b.warn("a long text is only in the message, not in its calendar")
		}
		if len(e.html) > maxHTML {
			n, e.html = n-len(e.html), nil
		}
		n += 1000 + len(e.summary) + len(e.location) + 60*(len(e.rdates)+len(e.exdates))
		for _, a := range b.attendees {
			n += 120 + len(a.name) + len(a.address)
		}
	}
	return n
}

func component(b *builder, e *event, common []*ical.Line) *ical.Component {
	c := ical.NewComponent("VEVENT")
	add := func(name, value string) {
		if value != "" {
			c.Add(ical.NewLine(name, value))
		}
	}
	add("UID", ical.EscapeText(b.out.UID))
	if e.recurrenceID != nil {
		c.Add(e.recurrenceID.line("RECURRENCE-ID"))
	}
	add("DTSTAMP", utcText(b.dtstamp))
	c.Add(e.start.line("DTSTART"), e.end.line("DTEND"))
	add("RRULE", e.rule)
	for _, d := range e.rdates {
		c.Add(d.line("RDATE"))
	}
	for _, d := range e.exdates {
		c.Add(d.line("EXDATE"))
	}
	c.Add(common...)
	c.Add(ical.NewLine("SUMMARY", plain(e.summary))) // nullable, but required (RFC 5546 §3.2.2)
	add("LOCATION", plain(e.location))
	if b.class.partstat != "" {
		add("COMMENT", plain(e.text))
	} else {
		add("DESCRIPTION", plain(e.text))
		if len(e.html) > 0 && utf8.Valid(e.html) {
			c.Add(ical.NewLine("X-ALT-DESC", plain(string(e.html)), ical.Param{Name: "FMTTYPE", Values: []string{"text/html"}}))
		}
	}
	standing(b, e, add)
	if e.reminder >= 0 && b.class.method == "REQUEST" {
		c.AddChild(alarm(e.reminder))
	}
	return c
}

// standing writes what kind of time it is.
func standing(b *builder, e *event, add func(name, value string)) {
	switch b.class.method {
	case "REQUEST", "PUBLISH":
		add("STATUS", choose(e.intended == 1, "TENTATIVE", "CONFIRMED"))
	case "CANCEL":
		add("STATUS", "CANCELLED")
	}
	if busy := e.shown(); busy >= 0 {
		add("TRANSP", choose(busy == 0, "TRANSPARENT", "OPAQUE"))
	}
	add("X-MICROSOFT-CDO-BUSYSTATUS", busyName(e.busy))
	add("X-MICROSOFT-CDO-INTENDEDSTATUS", busyName(e.intended))
	add("X-MICROSOFT-CDO-ALLDAYEVENT", choose(e.start.date, "TRUE", "FALSE"))
	add("X-MICROSOFT-CDO-INSTTYPE", strconv.Itoa(e.kind))
}

// common writes what is the same for the series and all its occurrences, once:
// the property list is long, and the occurrences may be many.
func common(b *builder) []*ical.Line {
	lines := b.peopleLines()
	add := func(name, value string) {
		if value != "" {
			lines = append(lines, ical.NewLine(name, value))
		}
	}
	add("SEQUENCE", strconv.FormatInt(b.out.Sequence, 10))
	private := b.m.flag(SetCommon, lidPrivate)
	sensitivity := integer(b.m.Props.Get(pidTagSensitivity), int64(choose(private, 2, 0)))
	if sensitivity >= 0 && sensitivity <= 3 {
		add("CLASS", [4]string{"PUBLIC", "PRIVATE", "PRIVATE", "CONFIDENTIAL"}[sensitivity])
	}
	if importance := integer(b.m.Props.Get(pidTagImportance), 1); importance >= 0 && importance <= 2 {
		add("PRIORITY", [3]string{"9", "5", "1"}[importance])
		add("X-MICROSOFT-CDO-IMPORTANCE", strconv.FormatInt(importance, 10))
	}
	if p := b.m.Props.namedText(SetPublicStrings, "Keywords"); p != nil {
		if list, ok := p.Value.([]string); ok {
			add("CATEGORIES", categories(list))
		}
	}
	b.forExchange(add)
	return lines
}

// shown gives how the time is to be shown: what the organizer intends, for
// until the attendee answers his own status is tentative.
func (e *event) shown() int64 {
	if e.intended >= 0 {
		return e.intended
	}
	return e.busy
}

// busyNames are the values of X-MICROSOFT-CDO-BUSYSTATUS.
var busyNames = []string{"FREE", "TENTATIVE", "BUSY", "OOF", "WORKINGELSEWHERE"}

func busyName(n int64) string {
	if n < 0 || n >= int64(len(busyNames)) {
		return ""
	}
	return busyNames[n]
}

func alarm(minutes int64) *ical.Component {
	c := ical.NewComponent("VALARM")
	before := ical.Duration{Negative: minutes > 0, Clock: time.Duration(minutes) * time.Minute}
	c.Add(ical.NewLine("ACTION", "DISPLAY"), ical.NewLine("DESCRIPTION", "REMINDER"))
	c.Add(ical.NewLine("TRIGGER", before.String(), ical.Param{Name: "RELATED", Values: []string{"START"}}))
	return c
}

// maxCategories bounds the categories.
const maxCategories = 100

func categories(list []string) string {
	var out []string
	for _, s := range list[:min(len(list), maxCategories)] {
		if s = plain(strings.TrimSpace(s)); s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, ",")
}

// unprintable reports whether a character has no place in a calendar: a control
// character or one that Unicode has set aside as none.
func unprintable(r rune) bool {
	return r < ' ' || r >= 0x7f && r <= 0x9f || ical.IsNonCharacter(r)
}

// plain returns a TEXT value (RFC 5545 §3.3.11) without characters that are not
// allowed in it. A TAB becomes a space: some parsers take it for the sign of a
// folded line.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unprintable(r) && r != '\n' && r != '\r':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return ical.EscapeText(strings.TrimRight(s, "\r\n\t "))
}

func choose[T any](is bool, yes, no T) T {
	if is {
		return yes
	}
	return no
}
