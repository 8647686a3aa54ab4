package tnef

import (
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
)

// ErrNoMeeting reports that the class of a message is not that of a meeting.
var ErrNoMeeting = errors.New("not a meeting")

// Outer is the header and text of the message around a stream. A stream of Outlook
// has no subject, no organizer and no addresses of its own, so that a meeting is
// built from both. A zero field means that the message has no such value.
type Outer struct {
	From, Sender *mail.Address
	To, Cc       []*mail.Address
	Date         time.Time
	Subject      string
	Text         string // the text/plain of the message; it takes precedence over that of the stream
}

// Meeting is a meeting that was rebuilt from a stream.
type Meeting struct {
	Method   string // REQUEST, CANCEL, REPLY, COUNTER or PUBLISH
	Calendar []byte // the iCalendar text: UTF-8, CRLF, folded

	UID      string
	Sequence int64
	Start    time.Time // an instant; with AllDay midnight of the day in time.UTC
	End      time.Time // as Start; zero when the stream has none
	AllDay   bool
	Series   bool      // Calendar has a recurrence rule, or lists the occurrences
	Listed   bool      // it lists them: no rule describes them
	Replaces time.Time // the start that RECURRENCE-ID names, as Start; zero for the whole meeting

	Warnings []string // values of the stream that could not be used
}

// Meeting builds the iCalendar text of a meeting. The error wraps
// ErrNoMeeting for other messages; any other error says why this meeting
// cannot be expressed exactly in iCalendar.
func (m *Message) Meeting(o Outer) (*Meeting, error) {
	class, ok := m.class()
	if !ok {
		if len(m.Class) >= 15 && strings.EqualFold(m.Class[:15], "IPM.TaskRequest") {
			return nil, fmt.Errorf("%w: %s, tasks are not rebuilt", ErrNoMeeting, m.Class)
		}
		return nil, fmt.Errorf("%w: its class is %q", ErrNoMeeting, m.Class)
	}
	b := &builder{m: m, o: o, class: class, master: &event{}, out: &Meeting{Method: class.method}}
	if err := build(b); err != nil {
		return nil, fmt.Errorf("%s of a meeting: %w", class.method, err)
	}
	return b.out, nil
}

// builder collects what the calendar is written from.
type builder struct {
	m     *Message
	o     Outer
	class meetingClass
	out   *Meeting

	exception bool      // the message is about one occurrence
	goidDay   time.Time // the day of it, zero when the id names none
	dtstamp   time.Time
	original  [2]time.Time // start and end to which a COUNTER proposes others

	organizer person
	sentBy    string
	attendees []attendee
	seen      map[string]bool

	zone      *eventZone
	recur     *recurrence
	master    *event
	overrides []*event
	changed   map[int64]*Message // attached for changed occurrences, by the start they had
}

func build(b *builder) error {
	for _, step := range []func() error{b.identity, b.revision, b.people, b.texts, b.times, b.write} {
		if err := step(); err != nil {
			return err
		}
	}
	out, e := b.out, b.master
	out.Start, out.End, out.AllDay, out.Series = e.start.instant(), e.end.instant(), e.start.date, e.kind == kindMaster
	if e.recurrenceID != nil {
		out.Replaces = e.recurrenceID.instant()
	}
	return nil
}

func (b *builder) warn(s string) {
	if len(b.out.Warnings) < 20 && !slices.Contains(b.out.Warnings, s) {
		b.out.Warnings = append(b.out.Warnings, s)
	}
}

// identity finds the UID, and whether the message is about one occurrence.
func (b *builder) identity() error {
	clean, _ := b.m.Props.Named(SetMeeting, lidCleanGlobalID).Bytes()
	full, _ := b.m.Props.Named(SetMeeting, lidGlobalID).Bytes()
	uid, _, ok := uidOf(clean)
	other, day, okFull := uidOf(full)
	if !ok {
		uid, ok = other, okFull
	}
	if !ok {
		uid = words(b.m.Props.namedText(SetPublicStrings, "urn:schemas:calendar:uid"))
		ok = printable(uid)
	}
	if !ok {
		return errors.New("it has no global object id")
	}
	b.out.UID, b.goidDay = uid, day
	b.exception = b.m.flag(SetMeeting, lidIsException) || !day.IsZero()
	return nil
}

// revision finds SEQUENCE and DTSTAMP. DTSTAMP is the time of the change that
// is reported, not of the report: together they order the messages of a meeting
// (RFC 5546 §2.1.5).
func (b *builder) revision() error {
	n := integer(b.m.Props.Named(SetAppointment, lidSequence), 0)
	if n < 0 {
		b.warn(fmt.Sprintf("the sequence number is %d", n))
		n = 0
	}
	b.out.Sequence = n
	change := uint32(lidOwnerChange)
	if b.class.partstat != "" {
		change = lidAttendeeChange
	}
	t, ok := moment(b.m.Props.Named(SetMeeting, change))
	if !ok && !b.o.Date.IsZero() {
		t, ok = b.o.Date.UTC(), true
	}
	if !ok {
		t, ok = moment(b.m.Props.Get(pidTagSubmitTime), b.m.Props.Get(pidTagLastModified))
	}
	if !ok {
		return errors.New("it does not state when it was written")
	}
	b.dtstamp = t
	return nil
}
