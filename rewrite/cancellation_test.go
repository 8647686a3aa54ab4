package rewrite_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite"
)

// series is an invitation to a weekly meeting in Berlin, whose third occurrence
// is on the day after the clocks changed.
const series = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\nMETHOD:REQUEST\r\n" +
	"BEGIN:VTIMEZONE\r\nTZID:Berlin\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\n" +
	"BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n" +
	"BEGIN:VTIMEZONE\r\nTZID:Unused\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n" +
	"BEGIN:VEVENT\r\nUID:week@example.com\r\nDTSTAMP:20260301T080000Z\r\nSEQUENCE:2\r\nDTSTART;TZID=Berlin:20260316T100000\r\nDTEND;TZID=Berlin:20260316T110000\r\n" +
	"RRULE:FREQ=WEEKLY;COUNT=4\r\nEXDATE;TZID=Berlin:20260323T100000\r\nSUMMARY;LANGUAGE=de:Übersicht\r\nLOCATION:Raum 1\r\nDESCRIPTION:geheim\r\n" +
	"ORGANIZER;CN=Anna:mailto:anna@example.com\r\nATTENDEE;CN=Ben;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:Ben@partner.example\r\nATTENDEE;CN=Eve:mailto:eve@notes.example\r\n" +
	"X-SECRET:1\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nDESCRIPTION:x\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

func keptOf(t *testing.T, calendar string, o rewrite.KeepOptions) rewrite.Kept {
	t.Helper()
	res, err := rewrite.Message(strings.NewReader(calendar), rewrite.Options{Now: goldenNow})
	if err != nil || len(res.Report.Meetings) != 1 {
		t.Fatalf("%v %+v", err, res.Report)
	}
	list := res.Report.Meetings[0].Sent().Keep(o)
	if len(list) != 1 {
		t.Fatalf("%d are kept", len(list))
	}
	return list[0]
}

func TestKeep(t *testing.T) {
	for _, tt := range []struct {
		name        string
		o           rewrite.KeepOptions
		with, never []string
	}{
		{"all", rewrite.KeepOptions{Texts: true, People: true}, []string{"TZID:Berlin", "RRULE:FREQ=WEEKLY", "SUMMARY", "Raum 1", "eve@notes.example"}, []string{"Unused", "geheim", "X-SECRET", "VALARM"}},
		{"no texts", rewrite.KeepOptions{People: true}, []string{"anna@example.com"}, []string{"SUMMARY", "Raum"}},
		{"no people", rewrite.KeepOptions{Texts: true}, []string{"SUMMARY"}, []string{"anna", "eve", "Ben"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := keptOf(t, series, tt.o)
			if k.UID != "week@example.com" || k.Occurrence != "" || k.Language != "de" {
				t.Errorf("%+v", k)
			}
			for _, w := range tt.with {
				if !strings.Contains(string(k.Text), w) {
					t.Errorf("lacks %q:\n%s", w, k.Text)
				}
			}
			for _, w := range tt.never {
				if strings.Contains(string(k.Text), w) {
					t.Errorf("has %q:\n%s", w, k.Text)
				}
			}
		})
	}
}

func TestCancellation(t *testing.T) {
	kept := keptOf(t, series, rewrite.KeepOptions{Texts: true, People: true})
	eve := []string{"eve@notes.example"}
	for _, tt := range []struct {
		name        string
		n           rewrite.Cancellation
		with, never []string
		bare        bool // what is missing in it gets repaired on its way
		err         error
	}{
		{name: "the series", n: rewrite.Cancellation{Kept: kept, Sequence: 3, Attendees: []string{"ben@partner.example", "eve@notes.example"}},
			with: []string{"METHOD:CANCEL", "SEQUENCE:3", "STATUS:CANCELLED", "RRULE:FREQ=WEEKLY;COUNT=4", "DTSTAMP:20260320T120000Z", "ATTENDEE;CN=Ben:mailto:Ben@partner.example",
				`To: "Ben" <ben@partner.example>,`, `From: "Anna" <anna@example.com>`, "Subject: =?utf-8?q?Abgesagt:_=C3=9Cbersicht?", "wurde abgesagt", "Content-Language: de"},
			never: []string{"RECURRENCE-ID", "PARTSTAT", "RSVP", "METHOD:REQUEST", "SEQUENCE:2"}},
		{name: "for one", n: rewrite.Cancellation{Kept: kept, Sequence: 3, Stamp: "20260319T080000Z", Attendees: eve},
			with: []string{"DTSTAMP:20260319T080000Z", "CN=Eve"}, never: []string{"Ben"}},
		{name: "an instant behind the change of clocks", n: rewrite.Cancellation{Kept: kept, Sequence: 3, Attendees: eve, Occurrence: "20260330T080000Z"},
			with:  []string{"RECURRENCE-ID;TZID=Berlin:20260330T100000", "DTSTART;TZID=Berlin:20260330T100000", "DTEND;TZID=Berlin:20260330T110000", "Alle anderen Termine"},
			never: []string{"RRULE:FREQ=WEEKLY", "EXDATE"}},
		{name: "a day", n: rewrite.Cancellation{Kept: kept, Sequence: 3, Attendees: eve, Occurrence: "20260330"}, with: []string{"RECURRENCE-ID;TZID=Berlin:20260330T100000"}},
		{name: "one that is excluded", n: rewrite.Cancellation{Kept: kept, Attendees: eve, Occurrence: "20260323"}, err: rewrite.ErrNoOccurrence},
		{name: "no occurrence", n: rewrite.Cancellation{Kept: kept, Attendees: eve, Occurrence: "20260330T100000Z"}, err: rewrite.ErrNoOccurrence},
		{name: "no organizer", n: rewrite.Cancellation{Kept: keptOf(t, series, rewrite.KeepOptions{}), Attendees: eve}, err: rewrite.ErrNoOrganizer},
		{name: "an organizer who is given", n: rewrite.Cancellation{Kept: keptOf(t, series, rewrite.KeepOptions{}), Attendees: eve, Organizer: "anna@example.com"}, bare: true,
			with: []string{"ORGANIZER:mailto:anna@example.com", "ATTENDEE:mailto:eve@notes.example"}, never: []string{"SUMMARY"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.n.Date, tt.n.Hostname = goldenNow, "smarthost.example.com"
			text, organizer, err := tt.n.Mail()
			if !errors.Is(err, tt.err) {
				t.Fatalf("%v, want %v", err, tt.err)
			}
			if err != nil {
				return
			}
			if organizer != "anna@example.com" {
				t.Errorf("organizer %q", organizer)
			}
			plain := strings.ReplaceAll(strings.ReplaceAll(string(text), "\r\n ", ""), "=\r\n", "")
			plain = strings.ReplaceAll(plain, "=3D", "=")
			for _, w := range tt.with {
				if !strings.Contains(plain, w) {
					t.Errorf("lacks %q", w)
				}
			}
			for _, w := range tt.never {
				if strings.Contains(plain, w) {
					t.Errorf("has %q", w)
				}
			}
			again, err := rewrite.Message(strings.NewReader(string(text)), rewrite.Options{Now: goldenNow.Add(time.Hour), Recipients: tt.n.Attendees, Strict: true, Conformance: true})
			if err != nil || again.Changed() != tt.bare || len(again.Report.Skipped) > 0 {
				t.Errorf("Reconvene itself repairs it: %v %+v", err, again.Report)
			}
			for _, m := range again.Report.Meetings {
				if m.Conformance != nil {
					t.Errorf("%+v", *m.Conformance)
				}
			}
			if t.Failed() {
				t.Log(string(text))
			}
		})
	}
}
