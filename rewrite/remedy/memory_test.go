package remedy

import (
	"strings"
	"testing"
	"time"
)

// remembers is a Memory of one meeting.
type remembers struct {
	uid     string
	past    Past
	raised  bool
	invited string // the UID that Invited finds
	asked   int
}

func (m *remembers) Meeting(uid string) (Past, bool) {
	m.asked++
	return m.past, uid == m.uid
}

func (m *remembers) Raised(uid string) bool { return m.raised && uid == m.uid }

func (m *remembers) Invited(attendee, organizer, summary string, start time.Time) (string, bool) {
	return m.invited, attendee == "ben@partner.example" && organizer == "anna@example.com" && start.Equal(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
}

// weekly is a series that is remembered, in Berlin from 10:00 on.
const weekly = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Europe/Berlin:20260302T100000\r\nDTEND;TZID=Europe/Berlin:20260302T110000\r\n" +
	"RRULE:FREQ=WEEKLY\r\nSUMMARY:Budget\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

const aGOID = goidPrefix + "00000000" + "00000000C0B1A2938475C6010000000000000000100000005D6E7F8091A2B3C4D5E6F708192A3B4C"

func TestMemory(t *testing.T) {
	know := func(list ...Revision) func(*Object) {
		return func(c *Object) {
			c.Memory = &remembers{uid: "1", past: Past{Revisions: list, Invitation: []byte(weekly)}}
		}
	}
	raised := func(list ...Revision) func(*Object) {
		return func(c *Object) { c.Memory = &remembers{uid: "1", past: Past{Revisions: list}, raised: true} }
	}
	mailed := func(id, date string) func(*Object) {
		return func(c *Object) { c.Mail.MessageID = id; c.Mail.Date, _ = time.Parse(time.RFC3339, date) }
	}
	invited := Revision{MessageID: "<1@x>", Method: "REQUEST", Stamp: "20260301T080000Z", StampSent: "20260301T080000Z"}
	updated := Revision{MessageID: "<2@x>", Method: "REQUEST", Number: 3, SeqSent: 3, Stamp: "20260301T090000Z", StampSent: "20260301T090000Z"}
	later := "DTSTAMP:20260301T100000Z"
	cancel := func(seq string) string { return eventOf("CANCEL", "UID:1", later, "SEQUENCE:"+seq) }
	sent := Revision{MessageID: "<3@x>", Method: "CANCEL", SeqSent: 1, Stamp: "20260301T100000Z", StampSent: "20260301T100000Z"}
	date := func(seq, rid string) string {
		return outlook(eventOf("CANCEL", "UID:1", later, "SEQUENCE:"+seq, "RECURRENCE-ID:"+rid))
	}
	google := func(in string) string {
		return strings.Replace(in, "-//Test//Test//EN", "-//Google Inc//Google Calendar 70.9054//EN", 1)
	}
	copied := func(seq, stamp string) string { return event("UID:1", "SEQUENCE:"+seq, "DTSTAMP:"+stamp) }
	series := func(c *Object) {
		c.Memory = &remembers{uid: aGOID, past: Past{Invitation: []byte(strings.Replace(weekly, "UID:1", "UID:"+aGOID, 1))}}
	}
	instance := strings.Replace(aGOID, goidNoDate, "07EA0309", 1) // 9 March 2026
	for id, rows := range map[string][]row{
		"seq-not-raised-cancel": {
			{name: "the number of the invitation", in: cancel("0"), want: cancel("1"), found: 1, with: with(know(invited))},
			{name: "that of an update", in: cancel("0"), want: cancel("4"), found: 1, with: with(know(invited, updated))},
			{name: "high enough", in: cancel("4"), with: with(know(invited, updated))},
			{name: "the same again", in: cancel("0"), want: cancel("1"), found: 1, with: with(know(invited, sent))},
			{name: "the same, with its Message-ID", in: cancel("0"), want: cancel("4"), found: 1, with: with(know(invited, updated, Revision{MessageID: "<7@x>", Method: "CANCEL", SeqSent: 4}), mailed("<7@x>", ""))},
			{name: "late", in: cancel("0"), found: 1, note: "late copy", with: with(know(invited, Revision{Method: "REQUEST", Number: 1, SeqSent: 1, Stamp: "20260301T110000Z"}))},
			{name: "another occurrence", in: cancel("0"), found: 1, note: "higher SEQUENCE", with: with(know(Revision{Occurrence: "20260309", Method: "REQUEST", SeqSent: 7}))},
			{name: "unknown", in: eventOf("CANCEL", "UID:2", "SEQUENCE:0"), found: 1, note: "higher SEQUENCE", with: with(know(invited))},
		},
		"seq-cancel-equal": {
			{name: "that of the series", in: date("3", "20260302T080000Z"), want: date("4", "20260302T080000Z"), found: 1, with: with(know(updated))},
			{name: "of another zone", in: outlook(eventOf("CANCEL", "UID:1", later, "SEQUENCE:3", "RECURRENCE-ID;TZID=Europe/Berlin:20260302T090000")),
				want: outlook(eventOf("CANCEL", "UID:1", later, "SEQUENCE:6", "RECURRENCE-ID;TZID=Europe/Berlin:20260302T090000")), found: 1,
				with: with(know(updated, Revision{Occurrence: "20260302T080000Z", Method: "REQUEST", Number: 3, SeqSent: 5, Stamp: "20260301T093000Z"}))},
			{name: "above it", in: date("4", "20260302T080000Z"), with: with(know(updated))},
		},
		"seq-google-behind": {
			{name: "behind", in: google(event("UID:1", later, "SEQUENCE:1")), want: google(event("UID:1", later, "SEQUENCE:3")), found: 1, with: with(know(invited, updated))},
			{name: "equal", in: google(event("UID:1", later, "SEQUENCE:3")), with: with(know(updated))},
			{name: "older", in: google(event("UID:1", "DTSTAMP:20260301T083000Z", "SEQUENCE:1")), found: 1, note: "late copy", with: with(know(updated))},
			{name: "another program", in: event("UID:1", later, "SEQUENCE:1"), with: with(know(updated))},
			{name: "a number that was raised", in: event("UID:1", "DTSTAMP:20260301T110000Z", "SEQUENCE:0"), want: event("UID:1", "DTSTAMP:20260301T110000Z", "SEQUENCE:1"), found: 1, with: with(raised(invited, sent))},
			{name: "nothing remembered", in: google(event("UID:1", later, "SEQUENCE:1"))},
		},
		"seq-exception-low": {
			{name: "the series is remembered", in: event("UID:1", later, "SEQUENCE:0", "RECURRENCE-ID:20260302T080000Z"), want: event("UID:1", later, "SEQUENCE:3", "RECURRENCE-ID:20260302T080000Z"), found: 1, with: with(know(updated))},
			{name: "older than it", in: event("UID:1", "DTSTAMP:20260301T083000Z", "SEQUENCE:0", "RECURRENCE-ID:20260302T080000Z"), with: with(know(updated))},
		},
		"dtstamp-copied": {
			{name: "of the invitation", in: copied("1", "20260301T080000Z"), want: copied("1", "20260301T093000Z"), found: 1, with: with(know(invited), mailed("<9@x>", "2026-03-01T09:30:00Z"))},
			{name: "the same number, too", in: copied("0", "20260301T080000Z"), want: copied("0", "20260301T093000Z"), found: 1, with: with(know(invited), mailed("<9@x>", "2026-03-01T09:30:00Z"))},
			{name: "the invitation again", in: copied("0", "20260301T080000Z"), with: with(know(invited), mailed("<1@x>", "2026-03-01T09:30:00Z"))},
			{name: "the update again", in: copied("1", "20260301T080000Z"), want: copied("1", "20260301T093000Z"), found: 1,
				with: with(know(invited, Revision{MessageID: "<9@x>", Method: "REQUEST", Number: 1, SeqSent: 1, Stamp: "20260301T080000Z", StampSent: "20260301T093000Z"}), mailed("<9@x>", "2026-03-01T09:30:00Z"))},
			{name: "late", in: copied("0", "20260301T080000Z"), found: 1, note: "late copy", with: with(know(updated), mailed("<9@x>", "2026-03-01T09:30:00Z"))},
			{name: "its own", in: copied("1", "20260301T092000Z"), with: with(know(invited), mailed("<9@x>", "2026-03-01T09:30:00Z"))},
		},
		"dtstamp-critical": {
			{name: "sent again", in: event("UID:1", "DTSTAMP:20260301T080000Z", "X-MICROSOFT-CDO-OWNER-CRITICAL-CHANGE:20260301T080000Z", "LAST-MODIFIED:20260305T080000Z"),
				want:  event("UID:1", "DTSTAMP:20260302T080000Z", "X-MICROSOFT-CDO-OWNER-CRITICAL-CHANGE:20260301T080000Z", "LAST-MODIFIED:20260305T080000Z"),
				found: 1, with: with(know(invited), mailed("<9@x>", "2026-03-02T08:00:00Z"))},
		},
		"rid-missing": {
			{name: "the series is remembered", in: eventOf("CANCEL", "UID:"+instance), want: eventOf("CANCEL", "UID:"+instance, "RECURRENCE-ID:20260309T090000Z"), found: 1, with: with(series)},
			{name: "no such day", in: eventOf("CANCEL", "UID:"+strings.Replace(instance, "07EA0309", "07EA030A", 1)), found: 1, note: "once on that day", with: with(series)},
			{name: "no date at all", in: eventOf("CANCEL", "UID:"+strings.Replace(instance, "07EA0309", "07EA0D09", 1)), found: 1, note: "the time of the occurrence", with: with(series)},
			{name: "unknown", in: eventOf("CANCEL", "UID:"+instance), found: 1, note: "the time of the occurrence", with: with(know(invited))},
		},
		"rid-midnight": {
			{name: "the series is remembered", in: outlook(eventOf("CANCEL", "UID:1", "RECURRENCE-ID;TZID=Europe/Berlin:20260309T000000")), want: outlook(eventOf("CANCEL", "UID:1", "RECURRENCE-ID:20260309T090000Z")), found: 1, with: with(know(invited))},
			{name: "no such day", in: outlook(eventOf("CANCEL", "UID:1", "RECURRENCE-ID:20260310T000000")), found: 1, note: "once on that day", with: with(know(invited))},
			{name: "another zone", in: outlook(eventOf("CANCEL", "UID:1", "RECURRENCE-ID;TZID=Asia/Tokyo:20260309T000000")), with: with(know(invited))},
			{name: "nothing remembered", in: outlook(eventOf("CANCEL", "UID:1", "RECURRENCE-ID:20260309T000000"))},
		},
		"cancel-no-dtstart": {
			{name: "by its UID", in: eventOf("CANCEL", "UID:1"), want: eventOf("CANCEL", "UID:1", "DTSTART:20260302T090000Z", "DTEND:20260302T100000Z", "SUMMARY:Budget"), found: 1, with: with(know(invited))},
			{name: "a summary of its own", in: eventOf("CANCEL", "UID:1", "SUMMARY:x"), want: eventOf("CANCEL", "UID:1", "SUMMARY:x", "DTSTART:20260302T090000Z", "DTEND:20260302T100000Z"), found: 1, with: with(know(invited))},
			{name: "a start", in: eventOf("CANCEL", "UID:1", "DTSTART:20260302T090000Z"), with: with(know(invited))},
			{name: "unknown", in: eventOf("CANCEL", "UID:2"), with: with(know(invited))},
		},
		"reply-rrule": {
			{name: "the series is remembered", in: eventOf("REPLY", "UID:1", "DTSTART:20260302T090000Z"), want: eventOf("REPLY", "UID:1", "DTSTART:20260302T090000Z", "RRULE:FREQ=WEEKLY"), found: 1, with: with(know(invited))},
			{name: "another start", in: eventOf("REPLY", "UID:1", "DTSTART:20260303T090000Z"), found: 1, note: "its start", with: with(know(invited))},
			{name: "one occurrence", in: eventOf("REPLY", "UID:1", "RECURRENCE-ID:20260309T090000Z", "DTSTART:20260309T090000Z"), with: with(know(invited))},
			{name: "a rule of its own", in: eventOf("REPLY", "UID:1", "DTSTART:20260302T090000Z", "RRULE:FREQ=DAILY"), with: with(know(invited))},
			{name: "no start", in: eventOf("REPLY", "UID:1"), with: with(know(invited))},
			{name: "unknown", in: eventOf("REPLY", "UID:2", "DTSTART:20260302T090000Z"), with: with(know(invited))},
			{name: "nothing remembered", in: eventOf("REPLY", "UID:1", "DTSTART:20260302T090000Z")},
		},
		"dtend-missing": {
			{name: "the series is remembered", in: eventOf("CANCEL", "UID:1", "DTSTART:20260302T090000Z"), want: eventOf("CANCEL", "UID:1", "DTSTART:20260302T090000Z", "DTEND:20260302T100000Z"), found: 1, with: with(know(invited))},
			{name: "one of its occurrences", in: eventOf("CANCEL", "UID:1", "RECURRENCE-ID:20260309T090000Z", "DTSTART:20260309T090000Z"),
				want: eventOf("CANCEL", "UID:1", "RECURRENCE-ID:20260309T090000Z", "DTSTART:20260309T090000Z", "DTEND:20260309T100000Z"), found: 1, with: with(know(invited))},
			{name: "a day", in: eventOf("CANCEL", "UID:1", "DTSTART;VALUE=DATE:20260302"), with: with(know(invited))},
			{name: "an end", in: eventOf("CANCEL", "UID:1", "DTSTART:20260302T090000Z", "DTEND:20260302T093000Z"), with: with(know(invited))},
			{name: "a duration", in: eventOf("CANCEL", "UID:1", "DTSTART:20260302T090000Z", "DURATION:PT30M"), with: with(know(invited))},
			{name: "unknown", in: eventOf("CANCEL", "UID:2", "DTSTART:20260302T090000Z"), with: with(know(invited))},
			{name: "nothing remembered", in: eventOf("CANCEL", "UID:1", "DTSTART:20260302T090000Z")},
		},
		"uid-domino-map": {
			{name: "a UID of its own", in: domino("UID:D"), want: domino("UID:1"), found: 1, with: with(answers)},
			{name: "another start", in: strings.Replace(domino("UID:D"), "T080000Z", "T083000Z", 1), with: with(answers)},
			{name: "known", in: domino("UID:1"), with: with(answers)},
			{name: "another program", in: strings.Replace(domino("UID:D"), "Lotus Development Corporation//NONSGML Notes", "Other//", 1), with: with(answers)},
		},
	} {
		t.Run(id, func(t *testing.T) { table(t, id, rows) })
	}
}

func domino(uid string) string {
	return strings.Replace(eventOf("REPLY", uid, "DTSTART:20260302T080000Z", "ORGANIZER:mailto:Anna@example.com", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:Ben@partner.example"),
		"-//Test//Test//EN", "-//Lotus Development Corporation//NONSGML Notes 8.5//EN_S", 1)
}

func answers(c *Object) {
	c.Direction = Inbound
	c.Memory = &remembers{uid: "1", invited: "1"}
}

// A mail without such a remedy costs no look-up.
func TestMemoryIsNotAsked(t *testing.T) {
	for _, in := range []string{
		event("UID:1", "SEQUENCE:2", "DTSTAMP:20260301T080000Z", "DTSTART:20260302T080000Z"),
		eventOf("REPLY", "UID:1", "DTSTART:20260302T080000Z", "ATTENDEE:mailto:ben@partner.example"),
		outlook(event("UID:1", "SEQUENCE:2", "DTSTART:20260302T080000Z", "RRULE:FREQ=DAILY")),
	} {
		m := &remembers{uid: "1"}
		c := newCase(t, Find("seq-cdo"), in)
		c.Memory, c.Allow = m, func(r *Remedy) bool { return !r.OptIn }
		c.Mail.Date, _ = time.Parse(time.RFC3339, "2026-03-01T08:01:00Z")
		for _, r := range All() {
			if r.Stage == Calendar {
				c.Do(r)
			}
		}
		if m.asked > 0 {
			t.Errorf("%d look-ups for\n%s", m.asked, in)
		}
	}
}
