package tnef

import (
	"strings"
	"testing"
)

func TestFromCalendarRefused(t *testing.T) {
	const event = "UID:1\nDTSTAMP:20260101T000000Z\nDTSTART:20260302T090000Z\nORGANIZER:mailto:ann@example.com\nATTENDEE:mailto:bob@example.net\n"
	calendar := func(method string, events ...string) string {
		text := "BEGIN:VCALENDAR\nMETHOD:" + method + "\n"
		for _, e := range events {
			text += "BEGIN:VEVENT\n" + e + "END:VEVENT\n"
		}
		return text + "END:VCALENDAR\n"
	}
	for _, tc := range []struct{ name, text, want string }{
		{"nothing", "", "no VCALENDAR"},
		{"no event", calendar("REQUEST"), "0 occurrences"},
		{"two events", calendar("REQUEST", event, event), "more than one event"},
		{"two occurrences", calendar("REQUEST", event+"RECURRENCE-ID:20260302T090000Z\n", event+"RECURRENCE-ID:20260303T090000Z\n"), "2 occurrences"},
		{"no organizer", calendar("REQUEST", strings.Replace(event, "ORGANIZER", "X-ORGANIZER", 1)), "ORGANIZER"},
		{"an attendee of another kind", calendar("REQUEST", event+"ATTENDEE:urn:uuid:1\n"), "mail address"},
		{"another method", calendar("REFRESH", event), "REFRESH"},
		{"an answer that says nothing", calendar("REPLY", event), "no message class"},
		{"floating time", calendar("REQUEST", strings.Replace(event, "090000Z", "090000", 1)), "time zone"},
		{"a zone nobody knows", calendar("REQUEST", strings.Replace(event, "DTSTART:20260302T090000Z", "DTSTART;TZID=Nowhere:20260302T090000", 1)), "time zone"},
		{"dates beside a rule", calendar("REQUEST", event+"RRULE:FREQ=DAILY\nRDATE:20260302T100000Z\n"), "RDATE"},
		{"every hour", calendar("REQUEST", event+"RRULE:FREQ=HOURLY\n"), "HOURLY"},
		{"by hour", calendar("REQUEST", event+"RRULE:FREQ=DAILY;BYHOUR=9,12\n"), "BYHOUR"},
		{"a start beside the rule", calendar("REQUEST", event+"RRULE:FREQ=WEEKLY;BYDAY=TU\n"), "does not start"},
		{"a week of the year", calendar("REQUEST", event+"RRULE:FREQ=YEARLY;BYDAY=10MO\n"), "whole year"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := FromCalendar([]byte(tc.text), Outer{})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v does not say %q", err, tc.want)
			}
		})
	}
	if _, err := FromCalendar([]byte(calendar("REQUEST", event)), Outer{}); err != nil {
		t.Errorf("the event that the others are made of: %v", err)
	}
}
