package remedy

import "testing"

// What is known of one property, component or method holds for its siblings.
func TestSiblingsOfDates(t *testing.T) {
	const utc, day, local = "DTSTART:20260302T090000Z", "DTSTART;VALUE=DATE:20260302", "DTSTART;TZID=Europe/Berlin:20260302T100000"
	lines := func(l ...string) string { return zoned(nil, l...) }
	berlin := func(l ...string) string { return zoned(vtimezone("Europe/Berlin", "+0100", "+0200"), l...) }
	const weekly, daily = "RRULE:FREQ=WEEKLY;COUNT=5", "RRULE:FREQ=DAILY"
	types := func(name string) []row {
		return []row{
			{name: "date in a zone", in: berlin(local, weekly, name+";VALUE=DATE:20260309"), want: berlin(local, weekly, name+";TZID=Europe/Berlin:20260309T100000"), found: 1},
			{name: "list of dates", in: berlin(local, weekly, name+";VALUE=DATE:20260309,20260316"), want: berlin(local, weekly, name+";TZID=Europe/Berlin:20260309T100000,20260316T100000"), found: 1},
			{name: "half a list", in: berlin(local, weekly, name+";TZID=Europe/Berlin:20260309,20260316T100000"), want: berlin(local, weekly, name+";TZID=Europe/Berlin:20260309T100000,20260316T100000"), found: 1},
			{name: "list in two zones", in: berlin(local, weekly, name+":20260309,20260316T090000Z"), found: 1, note: "different forms"},
			{name: "date without a zone", in: lines("DTSTART:20260302T100000", weekly, name+";VALUE=DATE:20260309"), want: lines("DTSTART:20260302T100000", weekly, name+":20260309T100000"), found: 1},
			{name: "time on a day", in: berlin(day, weekly, name+";TZID=Europe/Berlin:20260309T000000"), want: berlin(day, weekly, name+";VALUE=DATE:20260309"), found: 1},
			{name: "UTC on a day in the only zone", in: berlin(day, weekly, name+":20260308T230000Z"), want: berlin(day, weekly, name+";VALUE=DATE:20260309"), found: 1},
			{name: "UTC on a day in no zone", in: lines(day, weekly, name+":20260308T230000Z"), found: 1, note: "not known"},
			{name: "a task", in: todo(berlin(local, weekly, name+";VALUE=DATE:20260309")), want: todo(berlin(local, weekly, name+";TZID=Europe/Berlin:20260309T100000")), found: 1},
			{name: "unreadable", in: berlin(local, weekly, name+":20260230")},
			{name: "good", in: berlin(local, weekly, name+";TZID=Europe/Berlin:20260309T100000")},
			{name: "good day", in: berlin(day, weekly, name+";VALUE=DATE:20260309")},
		}
	}
	tests := map[string][]row{
		"exdate-type": append(types("EXDATE"),
			row{name: "date in UTC, every week", in: lines(utc, weekly, "EXDATE;VALUE=DATE:20260309"), want: lines(utc, weekly, "EXDATE:20260309T090000Z"), found: 1},
			row{name: "date in UTC, every day", in: lines(utc, daily, "EXDATE;VALUE=DATE:20260309"), found: 1, note: "not certain"},
		),
		"rdate-type": append(types("RDATE"), row{name: "date in UTC", in: lines(utc, weekly, "RDATE;VALUE=DATE:20260309"), found: 1, note: "not certain"}),
		"exdate-midnight": {
			{name: "in the zone", in: berlin(local, weekly, "EXDATE;TZID=Europe/Berlin:20260309T000000"), want: berlin(local, weekly, "EXDATE;TZID=Europe/Berlin:20260309T100000"), found: 1},
			{name: "in no zone", in: berlin(local, weekly, "EXDATE:20260309T000000"), want: berlin(local, weekly, "EXDATE;TZID=Europe/Berlin:20260309T100000"), found: 1},
			{name: "list", in: berlin(local, weekly, "EXDATE;TZID=Europe/Berlin:20260309T000000,20260316T100000"), want: berlin(local, weekly, "EXDATE;TZID=Europe/Berlin:20260309T100000,20260316T100000"), found: 1},
			{name: "in UTC", in: berlin(local, weekly, "EXDATE:20260309T000000Z")},
			{name: "in another zone", in: berlin(local, weekly, "EXDATE;TZID=Asia/Tokyo:20260309T000000")},
			{name: "several a day", in: berlin(local, "RRULE:FREQ=DAILY;BYHOUR=0,10", "EXDATE;TZID=Europe/Berlin:20260309T000000")},
			{name: "further dates", in: berlin(local, weekly, "RDATE;TZID=Europe/Berlin:20260309T000000", "EXDATE;TZID=Europe/Berlin:20260309T000000")},
			{name: "series at midnight", in: berlin("DTSTART;TZID=Europe/Berlin:20260302T000000", weekly, "EXDATE;TZID=Europe/Berlin:20260309T000000")},
		},
		"rdate-floating": {
			{name: "floating", in: berlin(local, "RDATE:20260309T120000"), want: berlin(local, "RDATE;TZID=Europe/Berlin:20260309T120000"), found: 1},
			{name: "list", in: berlin(local, "RDATE:20260309T120000,20260310T120000"), want: berlin(local, "RDATE;TZID=Europe/Berlin:20260309T120000,20260310T120000"), found: 1},
			{name: "floating start", in: lines("DTSTART:20260302T100000", "RDATE:20260309T120000")},
			{name: "period", in: berlin(local, "RDATE;VALUE=PERIOD:20260309T120000/PT1H")},
		},
		"rdate-zone": {
			{name: "UTC", in: berlin(local, "RDATE:20260330T080000Z"), want: berlin(local, "RDATE;TZID=Europe/Berlin:20260330T100000"), found: 1},
			{name: "list in another zone", in: berlin(local, "RDATE;TZID=Asia/Tokyo:20260330T170000,20260331T170000"), want: berlin(local, "RDATE;TZID=Europe/Berlin:20260330T100000,20260331T100000"), found: 1},
			{name: "the second of two hours", in: berlin(local, "RDATE:20261025T013000Z"), found: 1, note: "twice"},
			{name: "start in UTC", in: berlin(utc, "RDATE;TZID=Europe/Berlin:20260330T100000")},
			{name: "good", in: berlin(local, "RDATE;TZID=Europe/Berlin:20260330T100000")},
		},
	}
	for id, rows := range tests {
		t.Run(id, func(t *testing.T) { table(t, id, rows) })
	}
}

func TestSeriesTwice(t *testing.T) {
	two := func(a, b string) string {
		return event("UID:1", "SUMMARY:x", a, "END:VEVENT", "BEGIN:VEVENT", "UID:1", "SUMMARY:x", b)
	}
	table(t, "series-twice", []row{
		{name: "the same", in: two("SEQUENCE:1", "SEQUENCE:1"), want: event("UID:1", "SUMMARY:x", "SEQUENCE:1"), found: 1},
		{name: "the second is newer", in: two("SEQUENCE:1", "SEQUENCE:2"), want: event("UID:1", "SUMMARY:x", "SEQUENCE:2"), found: 1},
		{name: "the first is newer", in: two("SEQUENCE:2", "SEQUENCE:1"), want: event("UID:1", "SUMMARY:x", "SEQUENCE:2"), found: 1},
		{name: "tasks", in: todo(two("SEQUENCE:1", "SEQUENCE:1")), want: todo(event("UID:1", "SUMMARY:x", "SEQUENCE:1")), found: 1},
		{name: "they differ", in: two("LOCATION:a", "LOCATION:b"), found: 1, note: "not certain which"},
		{name: "an event and a task", in: event("UID:1", "END:VEVENT", "BEGIN:VTODO", "UID:1", "END:VTODO", "BEGIN:VEVENT", "UID:2")},
		{name: "an exception", in: two("SEQUENCE:1", "RECURRENCE-ID:20260302T100000Z")},
		{name: "two meetings with one identity", in: two("DTSTART:20260302T100000Z\r\nDTSTAMP:20260301T100000Z", "DTSTART:20260309T100000Z\r\nDTSTAMP:20260301T110000Z"), found: 1, note: "two meetings"},
		{name: "moved with a higher revision", in: two("DTSTART:20260302T100000Z", "DTSTART:20260309T100000Z\r\nSEQUENCE:1"), want: event("UID:1", "SUMMARY:x", "DTSTART:20260309T100000Z", "SEQUENCE:1"), found: 1},
		{name: "a reply", in: eventOf("REPLY", "UID:1", "END:VEVENT", "BEGIN:VEVENT", "UID:1")},
	})
}

func TestTZBehind(t *testing.T) {
	const zone, meeting = "BEGIN:VTIMEZONE\r\nTZID:A\r\nEND:VTIMEZONE", "BEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT"
	table(t, "tz-behind", []row{
		{name: "behind", in: calendar(meeting, zone), want: calendar(zone, meeting), found: 1},
		{name: "one of two", in: calendar(zone, meeting, "BEGIN:VTIMEZONE\r\nTZID:B\r\nEND:VTIMEZONE"), want: calendar(zone, "BEGIN:VTIMEZONE\r\nTZID:B\r\nEND:VTIMEZONE", meeting), found: 1},
		{name: "a rule that no day fits", in: calendar(meeting, "BEGIN:VTIMEZONE", "TZID:A", "BEGIN:DAYLIGHT", "RRULE:FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=15,16,17,18,19,20,21;BYDAY=1SU", "END:DAYLIGHT", "END:VTIMEZONE"), found: 1, note: "without end"},
		{name: "in front", in: calendar(zone, meeting)},
		{name: "alone", in: calendar(zone)},
	})
}

func TestPublishInvites(t *testing.T) {
	const anna, bob = "ORGANIZER:mailto:anna@x.example", "ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:bob@y.example"
	mail := with(from("anna@x.example"), to("bob@y.example"))
	publish := eventOf("PUBLISH", anna, bob)
	table(t, "publish-invites", []row{
		{name: "asks", in: publish, want: eventOf("REQUEST", anna, bob), found: 1, with: mail},
		{name: "somebody else's", in: publish, found: 1, note: "organizer", with: with(from("carl@x.example"), to("bob@y.example"))},
		{name: "to others, too", in: publish, found: 1, note: "not every recipient", with: with(from("anna@x.example"), to("bob@y.example", "eve@y.example"))},
		{name: "no mail", in: publish, found: 1, note: "organizer"},
		{name: "answered", in: eventOf("PUBLISH", anna, "ATTENDEE;PARTSTAT=ACCEPTED;RSVP=TRUE:mailto:bob@y.example"), with: mail},
		{name: "not asked", in: eventOf("PUBLISH", anna, "ATTENDEE:mailto:bob@y.example"), with: mail},
		{name: "no organizer", in: eventOf("PUBLISH", bob), with: mail},
		{name: "a request", in: eventOf("REQUEST", anna, bob), with: mail},
	})
}
