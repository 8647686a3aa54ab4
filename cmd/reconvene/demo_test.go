package main

import (
	"strings"
	"testing"
	"time"
)

// What the readers refuse is the point of the demonstration, so each of their
// rules must be able to say no, and yes.
func TestReaderRules(t *testing.T) {
	const head = "Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\n"
	cal := func(lines ...string) string {
		base := []string{"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "METHOD:REQUEST", "BEGIN:VEVENT", "UID:1", "DTSTAMP:20260101T000000Z"}
		return head + strings.Join(append(append(base, lines...), "END:VEVENT", "END:VCALENDAR", ""), "\r\n")
	}
	good := cal("DTSTART:20260301T090000Z", "SUMMARY:Grüße", "CLASS:PUBLIC", "ORGANIZER:mailto:a@example.com")
	tests := []struct {
		name string
		rule func(incoming) error
		bad  string
	}{
		{"zone without VTIMEZONE", zonesDeclared, cal("DTSTART;TZID=Europe/Paris:20260301T090000")},
		{"zone unknown to IANA", zonesKnown, cal("DTSTART;TZID=Eastern:20260301T090000")},
		{"empty CLASS", noEmptyValues, cal("DTSTART:20260301T090000Z", "CLASS:")},
		{"alarm in a cancellation", iTIP, strings.ReplaceAll(cal("DTSTART:20260301T090000Z", "BEGIN:VALARM", "ACTION:DISPLAY", "END:VALARM"), "REQUEST", "CANCEL")},
		{"no charset", charsetDeclared, strings.Replace(good, "; charset=utf-8", "", 1)},
		{"scheme", schemeLowerCase, cal("ORGANIZER:MAILTO:a@example.com")},
		{"1601", noAncientDates, cal("X-MICROSOFT-CDO-REPLYTIME:16010101T000000Z")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bad, err := readIncoming([]byte(tt.bad))
			if err != nil {
				t.Fatal(err)
			}
			if tt.rule(bad) == nil {
				t.Error("takes what it has to refuse")
			}
			fine, err := readIncoming([]byte(good))
			if err != nil {
				t.Fatal(err)
			}
			if err := tt.rule(fine); err != nil {
				t.Errorf("refuses a good one: %v", err)
			}
		})
	}
}

func TestCheckStory(t *testing.T) {
	mails := demoMails(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	tell := func() (act, act) {
		var plain, repaired act
		for i := range mails {
			plain.results = append(plain.results, []outcome{{Reader: "r", Accepted: i == 0}})
			repaired.results = append(repaired.results, []outcome{{Reader: "r", Accepted: true}})
			repaired.arrived = append(repaired.arrived, append([]byte("Received: x\r\n"), mails[i].text...))
		}
		plain.end = []outcome{{Reader: "r", Words: "meeting"}}
		repaired.end = []outcome{{Reader: "r", Accepted: true, Words: "cancelled"}}
		return plain, repaired
	}
	plain, repaired := tell()
	if err := checkStory(mails, plain, repaired); err != nil {
		t.Fatalf("the story as promised: %v", err)
	}
	tests := []struct {
		name  string
		spoil func(plain, repaired *act)
	}{
		{"invitation lost", func(p, _ *act) { p.results[0][0].Accepted = false }},
		{"update taken without the relay", func(p, _ *act) { p.results[1][0].Accepted = true }},
		{"cancellation dropped behind the relay", func(_, r *act) { r.results[2][0].Accepted = false }},
		{"still in the calendar", func(_, r *act) { r.end[0].Accepted = false }},
		{"text altered", func(_, r *act) {
			r.arrived[1] = []byte(strings.Replace(string(r.arrived[1]), "See the calendar", "See it", 1))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			plain, repaired := tell()
			tt.spoil(&plain, &repaired)
			if checkStory(mails, plain, repaired) == nil {
				t.Error("a spoilt story counts as told")
			}
		})
	}
}

// The mails of the demonstration must be good enough for a real calendar
// library to read, whatever day it is.
func TestDemoMails(t *testing.T) {
	for _, m := range demoMails(time.Date(2026, 12, 30, 23, 59, 0, 0, time.UTC)) {
		in, err := readIncoming(m.text)
		if err != nil {
			t.Errorf("%s: %v", m.title, err)
			continue
		}
		if when, err := startOf(in.event); err != nil || !strings.HasPrefix(when, "Thu 14 Jan") {
			t.Errorf("%s: %s, %v", m.title, when, err)
		}
	}
}
