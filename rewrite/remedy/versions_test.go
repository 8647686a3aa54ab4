package remedy

import (
	"strings"
	"testing"
	"time"
)

func outlook(in string) string {
	return strings.Replace(in, "-//Test//Test//EN", "-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN", 1)
}

func TestVersions(t *testing.T) {
	date := func(s string) func(*Object) {
		return func(c *Object) { c.Mail.Date, _ = time.Parse(time.RFC3339, s) }
	}
	tests := map[string][]row{
		"seq-cancel-equal": {
			{name: "an occurrence", in: outlook(eventOf("CANCEL", "UID:1", "SEQUENCE:3", "RECURRENCE-ID:20260302T080000Z")), found: 1, note: "may be that of the update"},
			{name: "a series", in: outlook(eventOf("CANCEL", "UID:1", "SEQUENCE:3"))},
			{name: "another program", in: eventOf("CANCEL", "UID:1", "SEQUENCE:3", "RECURRENCE-ID:20260302T080000Z")},
			{name: "an update", in: outlook(event("UID:1", "RECURRENCE-ID:20260302T080000Z"))},
		},
		"seq-not-raised-cancel": {
			{name: "zero", in: eventOf("CANCEL", "UID:1", "SEQUENCE:0"), found: 1, note: "higher SEQUENCE than the invitation"},
			{name: "none", in: eventOf("CANCEL", "UID:1"), found: 1, note: "higher"},
			{name: "raised", in: eventOf("CANCEL", "UID:1", "SEQUENCE:1")},
			{name: "raised by CDO", in: eventOf("CANCEL", "UID:1", "SEQUENCE:0", "X-MICROSOFT-CDO-APPT-SEQUENCE:2")},
			{name: "an occurrence", in: eventOf("CANCEL", "UID:1", "RECURRENCE-ID:20260302T080000Z")},
			{name: "an invitation", in: event("UID:1", "SEQUENCE:0")},
		},
		"dtstamp-copied": {
			{name: "old", in: event("UID:1", "SEQUENCE:1", "DTSTAMP:20260301T080000Z"), with: with(date("2026-03-04T08:00:00Z")), found: 1, note: "20260304T080000Z"},
			{name: "of the hour", in: event("UID:1", "SEQUENCE:1", "DTSTAMP:20260304T073000Z"), with: with(date("2026-03-04T08:00:00Z"))},
			{name: "first invitation", in: event("UID:1", "SEQUENCE:0", "DTSTAMP:20260301T080000Z"), with: with(date("2026-03-04T08:00:00Z"))},
			{name: "no date", in: event("UID:1", "SEQUENCE:1", "DTSTAMP:20260301T080000Z")},
		},
		"dtstamp-critical": {
			{name: "later change", in: event("DTSTAMP:20260301T080000Z", "X-MICROSOFT-CDO-OWNER-CRITICAL-CHANGE:20260301T080000Z", "LAST-MODIFIED:20260305T080000Z"), found: 1, note: "20260305T080000Z"},
			{name: "the same change", in: event("DTSTAMP:20260301T080000Z", "X-MICROSOFT-CDO-OWNER-CRITICAL-CHANGE:20260301T080000Z", "LAST-MODIFIED:20260301T080002Z")},
			{name: "stamped when sent", in: event("DTSTAMP:20260305T080000Z", "X-MICROSOFT-CDO-OWNER-CRITICAL-CHANGE:20260301T080000Z", "LAST-MODIFIED:20260307T080000Z")},
		},
		"uid-missing": {
			{name: "an invitation", in: event("DTSTART:20260302T080000Z", boss, "SUMMARY:x"), want: event("DTSTART:20260302T080000Z", boss, "SUMMARY:x", "UID:4e2e45a608633e56ffc2ce5e9cf72fa9a7e534be"), found: 1},
			{name: "a cancellation", in: eventOf("CANCEL", "DTSTART:20260302T080000Z", boss), found: 1, note: "only an invitation"},
			{name: "no organizer", in: event("DTSTART:20260302T080000Z"), found: 1, note: "no ORGANIZER"},
			{name: "two", in: calendar("METHOD:REQUEST", "BEGIN:VEVENT", "DTSTART:20260302T080000Z", boss, "END:VEVENT", "BEGIN:VEVENT", "UID:1", "END:VEVENT"), found: 1, note: "which meeting"},
			{name: "there", in: event("UID:1", "DTSTART:20260302T080000Z", boss)},
		},
	}
	for id, rows := range tests {
		t.Run(id, func(t *testing.T) { table(t, id, rows) })
	}
}

func TestRIDDuplicate(t *testing.T) {
	master := []string{"METHOD:REQUEST", "BEGIN:VEVENT", "UID:1", "DTSTART:20260302T080000Z", "RRULE:FREQ=DAILY", "END:VEVENT"}
	change := func(rid string, more ...string) []string {
		return append(append([]string{"BEGIN:VEVENT", "UID:1", rid}, more...), "END:VEVENT")
	}
	in := func(parts ...[]string) string {
		all := append([]string{}, master...)
		for _, p := range parts {
			all = append(all, p...)
		}
		return calendar(all...)
	}
	utc, berlin := "RECURRENCE-ID:20260303T080000Z", "RECURRENCE-ID;TZID=Europe/Berlin:20260303T090000"
	table(t, "rid-duplicate", []row{
		{name: "newer SEQUENCE", in: in(change(utc, "SEQUENCE:1"), change(berlin, "SEQUENCE:2")), want: in(change(berlin, "SEQUENCE:2")), found: 1},
		{name: "older SEQUENCE", in: in(change(utc, "SEQUENCE:2"), change(berlin, "SEQUENCE:1")), want: in(change(utc, "SEQUENCE:2")), found: 1},
		{name: "newer DTSTAMP", in: in(change(utc, "DTSTAMP:20260301T080000Z"), change(berlin, "DTSTAMP:20260301T080001Z")), want: in(change(berlin, "DTSTAMP:20260301T080001Z")), found: 1},
		{name: "alike", in: in(change(utc, "SUMMARY:x"), change(berlin, "SUMMARY:x")), want: in(change(utc, "SUMMARY:x")), found: 1},
		{name: "three", in: in(change(utc, "SEQUENCE:1"), change(berlin, "SEQUENCE:3"), change(utc, "SEQUENCE:2")), want: in(change(berlin, "SEQUENCE:3")), found: 2},
		{name: "no telling", in: in(change(utc, "SUMMARY:x"), change(berlin, "SUMMARY:y")), found: 1, note: "not certain which"},
		{name: "another day", in: in(change(utc), change("RECURRENCE-ID:20260304T080000Z"))},
		{name: "all that follow", in: in(change(utc, "SEQUENCE:1"), change("RECURRENCE-ID;RANGE=THISANDFUTURE:20260303T080000Z", "SEQUENCE:2"))},
	})
}
