package remedy

import (
	"strings"
	"testing"
)

func TestDates(t *testing.T) {
	const start, day = "DTSTART:20260302T090000Z", "DTSTART;VALUE=DATE:20260302"
	lines := func(l ...string) string { return zoned(nil, l...) }
	berlin := func(l ...string) string { return zoned(vtimezone("Europe/Berlin", "+0100", "+0200"), l...) }
	const local = "DTSTART;TZID=Europe/Berlin:20260302T100000"
	tests := map[string][]row{
		"date-with-z": {
			{name: "date", in: lines("DTSTART;VALUE=DATE:20260302Z"), want: lines(day), found: 1},
			{name: "list", in: lines("EXDATE;VALUE=DATE:20260302,20260303Z"), want: lines("EXDATE;VALUE=DATE:20260302,20260303"), found: 1},
			{name: "time", in: lines(start)},
		},
		"date-no-value": {
			{name: "date", in: lines("DTSTART:20260302"), want: lines(day), found: 1},
			{name: "with a zone", in: lines("DTSTART;TZID=X:20260302"), want: lines(day), found: 1},
			{name: "list", in: lines("EXDATE:20260302,20260303"), want: lines("EXDATE;VALUE=DATE:20260302,20260303"), found: 1},
			{name: "both ends", in: lines("DTSTART:20260302", "DTEND:20260303"), want: lines(day, "DTEND;VALUE=DATE:20260303"), found: 2},
			{name: "the other end is a time", in: lines("DTSTART;VALUE=DATE-TIME:20260302", "DTEND:20260303T100000Z"), found: 1, note: "DTEND is a time"},
			{name: "mixed list", in: lines("EXDATE:20260302,20260303T000000")},
			{name: "good", in: lines(day)},
			{name: "time", in: lines(start)},
		},
		"dtend-missing": {
			{name: "utc", in: lines(start), found: 1, note: "only Exchange"},
			{name: "utc, for Exchange", in: lines(start), want: lines(start, "DTEND:20260302T090000Z"), found: 1, with: with(forProfile(Exchange))},
			{name: "date", in: lines(day), want: lines(day, "DTEND;VALUE=DATE:20260303"), found: 1},
			{name: "zone", in: berlin(local), want: berlin(local, "DTEND;TZID=Europe/Berlin:20260302T100000"), found: 1, with: with(forProfile(Exchange2003))},
			{name: "duration", in: lines(start, "DURATION:PT1H")},
			{name: "cancel", in: strings.Replace(lines(start), "REQUEST", "CANCEL", 1)},
			{name: "exception",
				in:    lines(start, "DTEND:20260302T093000Z", "END:VEVENT", "BEGIN:VEVENT", "UID:1", "RECURRENCE-ID:20260303T090000Z", "DTSTART:20260303T110000Z"),
				want:  lines(start, "DTEND:20260302T093000Z", "END:VEVENT", "BEGIN:VEVENT", "UID:1", "RECURRENCE-ID:20260303T090000Z", "DTSTART:20260303T110000Z", "DTEND:20260303T113000Z"),
				found: 1},
			{name: "exception of a series with DURATION", found: 1, note: "length",
				in: lines(start, "DURATION:PT1H", "END:VEVENT", "BEGIN:VEVENT", "UID:1", "RECURRENCE-ID:20260303T090000Z", "DTSTART:20260303T110000Z")},
			{name: "no start", in: lines("SUMMARY:x")},
		},
		"dtend-and-duration": {
			{name: "both", in: lines(start, "DTEND:20260302T100000Z", "DURATION:PT2H"), want: lines(start, "DTEND:20260302T100000Z"), found: 1},
			{name: "a task", in: todo(lines(start, "DUE:20260302T100000Z", "DURATION:PT2H")), want: todo(lines(start, "DUE:20260302T100000Z")), found: 1},
			{name: "unreadable end", in: lines(start, "DTEND:x", "DURATION:PT2H")},
			{name: "one", in: lines(start, "DURATION:PT2H")},
		},
		"dtend-equal-date": {
			{name: "equal", in: lines(day, "DTEND;VALUE=DATE:20260302"), want: lines(day, "DTEND;VALUE=DATE:20260303"), found: 1},
			{name: "longer", in: lines(day, "DTEND;VALUE=DATE:20260303")},
			{name: "times", in: lines(start, "DTEND:20260302T090000Z")},
		},
	}
	const flag = "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE"
	tests["allday-midnight"] = []row{
		{name: "zone", in: berlin("DTSTART;TZID=Europe/Berlin:20260302T000000", "DTEND;TZID=Europe/Berlin:20260303T000000", "EXDATE;TZID=Europe/Berlin:20260309T000000", flag),
			want: berlin("DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260303", "EXDATE;VALUE=DATE:20260309", flag), found: 1},
		{name: "not midnight", in: berlin("DTSTART;TZID=Europe/Berlin:20260302T000000", "DTEND;TZID=Europe/Berlin:20260303T010000", flag), found: 1, note: "not a midnight"},
		{name: "utc", in: lines("DTSTART:20260302T000000Z", flag), found: 1, note: "not a midnight"},
		{name: "its length in hours", in: berlin("DTSTART;TZID=Europe/Berlin:20260302T000000", "DURATION:PT48H", flag), want: berlin("DTSTART;VALUE=DATE:20260302", "DURATION:P2D", flag), found: 1},
		{name: "no whole days", in: berlin("DTSTART;TZID=Europe/Berlin:20260302T000000", "DURATION:PT23H", flag), found: 1, note: "whole days"},
		{name: "no flag", in: berlin("DTSTART;TZID=Europe/Berlin:20260302T000000", "DTEND;TZID=Europe/Berlin:20260303T000000")},
		{name: "dates already", in: lines(day, flag)},
	}
	for id, rows := range tests {
		t.Run(id, func(t *testing.T) { table(t, id, rows) })
	}
}

func TestRecurrence(t *testing.T) {
	const start, day = "DTSTART:20260302T090000Z", "DTSTART;VALUE=DATE:20260302"
	lines := func(l ...string) string { return zoned(nil, l...) }
	berlin := func(l ...string) string { return zoned(vtimezone("Europe/Berlin", "+0100", "+0200"), l...) }
	const local = "DTSTART;TZID=Europe/Berlin:20260302T100000"
	until := func(head, before, after string) (in, want string) {
		return berlin(head, "RRULE:FREQ=DAILY;UNTIL="+before), berlin(head, "RRULE:FREQ=DAILY;UNTIL="+after)
	}
	untilRow := func(name, head, before, after string) row {
		in, want := until(head, before, after)
		return row{name: name, in: in, want: want, found: 1}
	}
	tests := map[string][]row{
		"rrule-spaces": {
			{name: "vCalendar", in: strings.Replace(lines(start, "RRULE:W1 WE #5"), "VERSION:2.0", "VERSION:1.0", 1)},
			{name: "list", in: lines(start, "RRULE:FREQ=WEEKLY;BYDAY=MO, TU"), want: lines(start, "RRULE:FREQ=WEEKLY;BYDAY=MO,TU"), found: 1},
			{name: "nth", in: lines(start, "RRULE:FREQ=MONTHLY;BYDAY=2 TU"), want: lines(start, "RRULE:FREQ=MONTHLY;BYDAY=2TU"), found: 1},
			{name: "time zone", in: zoned([]string{"BEGIN:VTIMEZONE", "TZID:x", "BEGIN:STANDARD", "RRULE:FREQ=YEARLY; BYMONTH=1", "END:STANDARD", "END:VTIMEZONE"}), want: zoned([]string{"BEGIN:VTIMEZONE", "TZID:x", "BEGIN:STANDARD", "RRULE:FREQ=YEARLY;BYMONTH=1", "END:STANDARD", "END:VTIMEZONE"}), found: 1},
			{name: "good", in: lines(start, "RRULE:FREQ=WEEKLY")},
		},
		"rrule-empty": {
			{name: "empty", in: lines(start, "RRULE:"), want: lines(start), found: 1},
			{name: "semicolon at the end", in: lines(start, "RRULE:FREQ=DAILY;;COUNT=2;"), want: lines(start, "RRULE:FREQ=DAILY;COUNT=2"), found: 1},
			{name: "good", in: lines(start, "RRULE:FREQ=DAILY")},
		},
		"rrule-until-count": {
			{name: "both", in: lines(start, "RRULE:FREQ=DAILY;UNTIL=20270101T000000Z;COUNT=3"), want: lines(start, "RRULE:FREQ=DAILY;COUNT=3"), found: 1},
			{name: "one", in: lines(start, "RRULE:FREQ=DAILY;COUNT=3")},
		},
		"rrule-until-type": {
			untilRow("date in a zone", local, "20260330", "20260330T080000Z"),
			untilRow("local time in a zone", local, "20260330T120000", "20260330T100000Z"),
			untilRow("date in utc", start, "20260330", "20260330T090000Z"),
			untilRow("local time in utc", start, "20260330T120000", "20260330T120000Z"),
			untilRow("date without a zone", "DTSTART:20260302T100000", "20260330", "20260330T100000"),
			untilRow("utc midnight in Berlin for a day", day, "20260329T220000Z", "20260330"),
			untilRow("local time for a day", day, "20260330T000000", "20260330"),
			untilRow("the end of the day where occurrences have hours of their own", local, "20260330;BYHOUR=8,20", "20260330T215959Z;BYHOUR=8,20"),
			{name: "floating start", in: berlin("DTSTART:20260302T100000", "RRULE:FREQ=DAILY;UNTIL=20260330T000000Z"), found: 1, note: "has no zone"},
			{name: "unknown zone", in: lines("DTSTART;TZID=Mine:20260302T100000", "RRULE:FREQ=DAILY;UNTIL=20260330"), found: 1, note: "not known"},
			{name: "a day that is not certain", in: lines(day, "RRULE:FREQ=DAILY;UNTIL=20260329T220000Z"), found: 1, note: "not known"},
			{name: "good", in: berlin(local, "RRULE:FREQ=DAILY;UNTIL=20260330T080000Z")},
			{name: "good day", in: berlin(day, "RRULE:FREQ=DAILY;UNTIL=20260330")},
		},
		"exdate-multi": {
			{name: "two", in: berlin(local, "EXDATE;TZID=Europe/Berlin:20260303T100000,20260304T100000", "SUMMARY:x"), want: berlin(local, "EXDATE;TZID=Europe/Berlin:20260303T100000", "EXDATE;TZID=Europe/Berlin:20260304T100000", "SUMMARY:x"), found: 1},
			{name: "one", in: berlin(local, "EXDATE;TZID=Europe/Berlin:20260303T100000")},
			{name: "too many", in: lines(start, "EXDATE:20260303T100000Z"+strings.Repeat(",20260303T100000Z", 1000)), found: 1, note: "more than"},
			{name: "only for Apple", in: berlin(local, "EXDATE;TZID=Europe/Berlin:20260303T100000,20260304T100000"), with: with(func(c *Object) {
				c.Allow = func(r *Remedy) bool { return r.Includes(Exchange) || r.Includes(Standard) }
			}), found: 1},
		},
		"exdate-floating": {
			{name: "floating", in: berlin(local, "EXDATE:20260303T100000"), want: berlin(local, "EXDATE;TZID=Europe/Berlin:20260303T100000"), found: 1},
			{name: "floating start", in: lines("DTSTART:20260302T100000", "EXDATE:20260303T100000")},
			{name: "utc", in: berlin(local, "EXDATE:20260303T090000Z")},
			{name: "a list", in: berlin(local, "EXDATE:20260303T100000,20260304T100000"), want: berlin(local, "EXDATE;TZID=Europe/Berlin:20260303T100000,20260304T100000"), found: 1},
			{name: "a list, some in UTC", in: berlin(local, "EXDATE:20260303T100000,20260304T090000Z"), want: berlin(local, "EXDATE;TZID=Europe/Berlin:20260303T100000,20260304T100000"), found: 1},
			{name: "a list, one in an hour that is there twice", in: berlin(local, "EXDATE:20260303T100000,20261025T013000Z"), found: 1, note: "twice"},
			{name: "a list, one unreadable", in: berlin(local, "EXDATE:20260303T100000,x")},
			{name: "a list of days", in: berlin(local, "EXDATE:20260303,20260304")},
		},
		"exdate-zone": {
			{name: "a list", in: berlin(local, "EXDATE:20260330T080000Z,20260301T090000Z"), want: berlin(local, "EXDATE;TZID=Europe/Berlin:20260330T100000,20260301T100000"), found: 1},
			{name: "a list, some in UTC", in: berlin(local, "EXDATE;TZID=Europe/Berlin:20260330T100000,20260301T090000Z"), want: berlin(local, "EXDATE;TZID=Europe/Berlin:20260330T100000,20260301T100000"), found: 1},
			{name: "a list, one in an hour that is there twice", in: berlin(local, "EXDATE:20260330T080000Z,20261025T013000Z"), found: 1, note: "twice"},
			{name: "utc", in: berlin(local, "EXDATE:20260330T080000Z"), want: berlin(local, "EXDATE;TZID=Europe/Berlin:20260330T100000"), found: 1},
			{name: "another zone", in: berlin(local, "EXDATE;TZID=Asia/Tokyo:20260330T170000"), want: berlin(local, "EXDATE;TZID=Europe/Berlin:20260330T100000"), found: 1},
			{name: "start in utc", in: berlin(start, "EXDATE;TZID=Europe/Berlin:20260330T100000"), want: berlin(start, "EXDATE:20260330T080000Z"), found: 1},
			{name: "the second of two hours", in: berlin(local, "EXDATE:20261025T013000Z"), found: 1, note: "twice"},
			{name: "unknown zone", in: lines("DTSTART;TZID=Mine:20260302T100000", "EXDATE:20260330T080000Z"), found: 1, note: "not known"},
			{name: "good", in: berlin(local, "EXDATE;TZID=Europe/Berlin:20260330T100000")},
		},
	}
	for id, rows := range tests {
		t.Run(id, func(t *testing.T) { table(t, id, rows) })
	}
}

func TestRecurrenceIDTime(t *testing.T) {
	zones := append(vtimezone("Europe/Berlin", "+0100", "+0200"), american("America/Chicago", false)...)
	both := func(start string, id ...string) string {
		in := zoned(zones, append([]string{start, "RRULE:FREQ=DAILY", "END:VEVENT", "BEGIN:VEVENT", "UID:1"}, id...)...)
		return strings.Replace(in, "-//Test//Test//EN", "Microsoft Exchange Server 2007", 1)
	}
	weekly := func(text string) string { return strings.Replace(text, "DAILY", "WEEKLY", 1) }
	lines := func(l ...string) string { return zoned(nil, l...) }
	other := func(text string) string { return strings.Replace(text, "Microsoft", "Other", 1) }
	const local, day, utc = "DTSTART;TZID=Europe/Berlin:20260302T140000", "DTSTART;VALUE=DATE:20260302", "DTSTART:20260302T130000Z"
	tests := map[string][]row{
		"rid-midnight": {
			{name: "midnight", in: both(local, "RECURRENCE-ID;TZID=Europe/Berlin:20260303T000000"), want: both(local, "RECURRENCE-ID;TZID=Europe/Berlin:20260303T140000"), found: 1},
			{name: "midnight in no zone", in: both(local, "RECURRENCE-ID:20260303T000000"), want: both(local, "RECURRENCE-ID;TZID=Europe/Berlin:20260303T140000"), found: 1},
			{name: "utc", in: both(local, "RECURRENCE-ID:20260303T000000Z")},
			{name: "series in utc", in: both(utc, "RECURRENCE-ID;TZID=Europe/Berlin:20260303T000000"), found: 1, note: "not certain"},
			{name: "series at midnight", in: both("DTSTART;TZID=Europe/Berlin:20260302T000000", "RECURRENCE-ID;TZID=Europe/Berlin:20260303T000000")},
			{name: "all day", in: both(day, "RECURRENCE-ID;TZID=Europe/Berlin:20260303T000000")},
			{name: "not from Microsoft", in: other(both(local, "RECURRENCE-ID;TZID=Europe/Berlin:20260303T000000")), want: other(both(local, "RECURRENCE-ID;TZID=Europe/Berlin:20260303T140000")), found: 1},
			{name: "not from Microsoft, several times a day", in: other(strings.Replace(both(local, "RECURRENCE-ID;TZID=Europe/Berlin:20260303T000000"), "DAILY", "HOURLY", 1))},
			{name: "midnight elsewhere is an instant", in: both(local, "RECURRENCE-ID;TZID=America/Chicago:20260303T000000")},
			{name: "no series", in: event("UID:1", "RECURRENCE-ID:20260303T000000")},
		},
		"rid-type": {
			{name: "local time for a day", in: both(day, "RECURRENCE-ID;TZID=Europe/Berlin:20260303T000000"), want: both(day, "RECURRENCE-ID;VALUE=DATE:20260303"), found: 1},
			{name: "utc, which of two zones", in: both(day, "RECURRENCE-ID:20260302T230000Z"), found: 1, note: "not known"},
			{name: "utc, one zone",
				in:    zoned(vtimezone("Europe/Berlin", "+0100", "+0200"), day, "END:VEVENT", "BEGIN:VEVENT", "UID:1", "RECURRENCE-ID:20260302T230000Z"),
				want:  zoned(vtimezone("Europe/Berlin", "+0100", "+0200"), day, "END:VEVENT", "BEGIN:VEVENT", "UID:1", "RECURRENCE-ID;VALUE=DATE:20260303"),
				found: 1},
			{name: "a day for a time", in: both(local, "RECURRENCE-ID;VALUE=DATE:20260303"), want: both(local, "RECURRENCE-ID;TZID=Europe/Berlin:20260303T140000"), found: 1},
			{name: "a day for a time in UTC, every day", in: both(utc, "RECURRENCE-ID;VALUE=DATE:20260303"), found: 1, note: "not certain"},
			{name: "a day for a time in UTC, every week", in: weekly(both(utc, "RECURRENCE-ID;VALUE=DATE:20260309")), want: weekly(both(utc, "RECURRENCE-ID:20260309T130000Z")), found: 1},
			{name: "good", in: both(day, "RECURRENCE-ID;VALUE=DATE:20260303")},
		},
		"rid-floating": {
			{name: "floating", in: both(local, "RECURRENCE-ID:20260303T140000"), want: both(local, "RECURRENCE-ID;TZID=Europe/Berlin:20260303T140000"), found: 1},
			{name: "a task", in: todo(both(local, "RECURRENCE-ID:20260303T140000")), want: todo(both(local, "RECURRENCE-ID;TZID=Europe/Berlin:20260303T140000")), found: 1},
			{name: "the digits of UTC", in: both(local, "RECURRENCE-ID:20260303T130000"), found: 1, note: "no occurrence"},
			{name: "floating series", in: both("DTSTART:20260302T140000", "RECURRENCE-ID:20260303T140000")},
			{name: "series in utc", in: both(utc, "RECURRENCE-ID:20260303T130000")},
			{name: "no series", in: event("UID:1", "RECURRENCE-ID:20260303T140000")},
			{name: "alone", in: eventOf("CANCEL", "UID:1", local, "RECURRENCE-ID:20260302T140000"), want: eventOf("CANCEL", "UID:1", local, "RECURRENCE-ID;TZID=Europe/Berlin:20260302T140000"), found: 1},
			{name: "alone and moved", in: event("UID:1", local, "RECURRENCE-ID:20260303T090000"), want: event("UID:1", local, "RECURRENCE-ID;TZID=Europe/Berlin:20260303T090000"), found: 1},
			{name: "alone in two zones", in: event("UID:1", local, "DTEND;TZID=America/New_York:20260302T090000", "RECURRENCE-ID:20260302T140000"), found: 1, note: "not in the message"},
			{name: "alone in utc", in: event("UID:1", utc, "RECURRENCE-ID:20260302T130000"), want: event("UID:1", utc, "RECURRENCE-ID:20260302T130000Z"), found: 1},
			{name: "alone in utc and moved", in: event("UID:1", utc, "RECURRENCE-ID:20260302T140000"), found: 1, note: "not in the message"},
			{name: "alone and floating", in: event("UID:1", "DTSTART:20260302T140000", "RECURRENCE-ID:20260302T140000")},
			{name: "a lone task", in: todo(event("UID:1", local, "RECURRENCE-ID:20260302T140000")), want: todo(event("UID:1", local, "RECURRENCE-ID;TZID=Europe/Berlin:20260302T140000")), found: 1},
		},
		"zulu-like-start": {
			{name: "UTC in a floating series", in: both("DTSTART:20260302T140000", "RECURRENCE-ID:20260303T140000Z"), want: both("DTSTART:20260302T140000", "RECURRENCE-ID:20260303T140000"), found: 1},
			{name: "floating in UTC", in: both(utc, "RECURRENCE-ID:20260303T130000"), want: both(utc, "RECURRENCE-ID:20260303T130000Z"), found: 1},
			{name: "another time of day", in: both("DTSTART:20260302T140000", "RECURRENCE-ID:20260303T120000Z"), found: 1, note: "times of day differ"},
			{name: "list", in: lines("DTSTART:20260302T140000", "EXDATE:20260303T140000Z,20260304T140000Z"), want: lines("DTSTART:20260302T140000", "EXDATE:20260303T140000,20260304T140000"), found: 1},
			{name: "half a list", in: lines("DTSTART:20260302T140000", "EXDATE:20260303T140000Z,20260304T140000"), want: lines("DTSTART:20260302T140000", "EXDATE:20260303T140000,20260304T140000"), found: 1},
			{name: "RDATE", in: lines(utc, "RDATE:20260303T130000"), want: lines(utc, "RDATE:20260303T130000Z"), found: 1},
			{name: "in a zone", in: both(local, "RECURRENCE-ID:20260303T130000Z")},
			{name: "good", in: both(utc, "RECURRENCE-ID:20260303T130000Z")},
		},
		"exception-rrule": {
			{name: "beside its series", in: both(local, "RECURRENCE-ID;TZID=Europe/Berlin:20260303T140000\r\nRRULE:FREQ=DAILY\r\nEXDATE:20260304T130000Z"), want: both(local, "RECURRENCE-ID;TZID=Europe/Berlin:20260303T140000"), found: 2},
			{name: "alone", in: event("UID:1", "RECURRENCE-ID:20260303T140000Z", "RRULE:FREQ=DAILY"), want: event("UID:1", "RECURRENCE-ID:20260303T140000Z"), found: 1},
			{name: "a task", in: todo(event("UID:1", "RECURRENCE-ID:20260303T140000Z", "RDATE:20260304T140000Z")), want: todo(event("UID:1", "RECURRENCE-ID:20260303T140000Z")), found: 1},
			{name: "a range", in: event("UID:1", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260303T140000Z", "RRULE:FREQ=DAILY")},
			{name: "none", in: both(local, "RECURRENCE-ID;TZID=Europe/Berlin:20260303T140000")},
		},
		"exception-cancelled": {
			{name: "cancelled", in: both(local, "RECURRENCE-ID;TZID=Europe/Berlin:20260303T140000\r\nSTATUS:CANCELLED"), want: strings.Replace(zoned(zones, local, "RRULE:FREQ=DAILY", "EXDATE;TZID=Europe/Berlin:20260303T140000"), "-//Test//Test//EN", "Microsoft Exchange Server 2007", 1), found: 1},
			{name: "excluded already", in: both(local+"\r\nEXDATE;TZID=Europe/Berlin:20260303T140000", "RECURRENCE-ID;TZID=Europe/Berlin:20260303T140000\r\nSTATUS:CANCELLED"), want: strings.Replace(zoned(zones, local, "EXDATE;TZID=Europe/Berlin:20260303T140000", "RRULE:FREQ=DAILY"), "-//Test//Test//EN", "Microsoft Exchange Server 2007", 1), found: 1},
			{name: "all day", in: both(day, "RECURRENCE-ID;VALUE=DATE:20260303\r\nSTATUS:CANCELLED"), want: strings.Replace(zoned(zones, day, "RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20260303"), "-//Test//Test//EN", "Microsoft Exchange Server 2007", 1), found: 1},
			{name: "a range", in: both(local, "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20260303T140000\r\nSTATUS:CANCELLED"), found: 1, note: "more than one"},
			{name: "another form", in: both(local, "RECURRENCE-ID:20260303T130000Z\r\nSTATUS:CANCELLED"), found: 1, note: "not certain which occurrence"},
			{name: "all of it", in: both(local+"\r\nSTATUS:CANCELLED", "RECURRENCE-ID;TZID=Europe/Berlin:20260303T140000\r\nSTATUS:CANCELLED")},
			{name: "confirmed", in: both(local, "RECURRENCE-ID;TZID=Europe/Berlin:20260303T140000\r\nSTATUS:CONFIRMED")},
		},
		"rid-zone": {
			{name: "utc", in: both(local, "RECURRENCE-ID:20260330T120000Z"), want: both(local, "RECURRENCE-ID;TZID=Europe/Berlin:20260330T140000"), found: 1},
			{name: "another zone", in: both(local, "RECURRENCE-ID;TZID=America/Chicago:20260330T070000"), want: both(local, "RECURRENCE-ID;TZID=Europe/Berlin:20260330T140000"), found: 1},
			{name: "series in utc", in: both(utc, "RECURRENCE-ID;TZID=Europe/Berlin:20260303T140000"), want: both(utc, "RECURRENCE-ID:20260303T130000Z"), found: 1},
			{name: "unknown zone", in: both("DTSTART;TZID=Mine:20260302T140000", "RECURRENCE-ID:20260303T130000Z"), found: 1, note: "not known"},
			{name: "start and end, too", in: both(local, "RECURRENCE-ID:20260330T120000Z", "DTSTART:20260330T130000Z", "DTEND;TZID=America/Chicago:20260330T090000"),
				want: both(local, "RECURRENCE-ID;TZID=Europe/Berlin:20260330T140000", "DTSTART;TZID=Europe/Berlin:20260330T150000", "DTEND;TZID=Europe/Berlin:20260330T160000"), found: 3},
			{name: "only the start", in: both(local, "RECURRENCE-ID;TZID=Europe/Berlin:20260330T140000", "DTSTART:20260330T130000Z"),
				want: both(local, "RECURRENCE-ID;TZID=Europe/Berlin:20260330T140000", "DTSTART;TZID=Europe/Berlin:20260330T150000"), found: 1},
			{name: "series in utc, all in a zone", in: both(utc, "RECURRENCE-ID;TZID=Europe/Berlin:20260303T140000", "DTSTART;TZID=Europe/Berlin:20260303T150000"), want: both(utc, "RECURRENCE-ID:20260303T130000Z", "DTSTART:20260303T140000Z"), found: 2},
			{name: "all or none: an hour that is there twice", in: both(local, "RECURRENCE-ID:20260330T120000Z", "DTSTART:20261025T013000Z"), found: 1, note: "all times of the exception stay"},
			{name: "all or none: an unknown zone", in: both(local, "RECURRENCE-ID:20260330T120000Z", "DTSTART;TZID=Mine:20260330T130000"), found: 1, note: "all times of the exception stay"},
			{name: "all or none: a floating start", in: both(local, "RECURRENCE-ID:20260330T120000Z", "DTSTART:20260330T130000"), found: 1, note: "all times of the exception stay"},
			{name: "an exception of days", in: both(local, "RECURRENCE-ID:20260330T120000Z", "DTSTART;VALUE=DATE:20260331"), want: both(local, "RECURRENCE-ID;TZID=Europe/Berlin:20260330T140000", "DTSTART;VALUE=DATE:20260331"), found: 1},
			{name: "good", in: both(local, "RECURRENCE-ID;TZID=Europe/Berlin:20260303T140000")},
		},
		"rid-domino-utc": {
			{name: "zone", in: both(local, "RECURRENCE-ID;TZID=Europe/Berlin:20260330T140000"), want: both(local, "RECURRENCE-ID:20260330T120000Z"), found: 1},
			{name: "without its series", in: zoned(zones, "RECURRENCE-ID;TZID=Europe/Berlin:20260330T140000"), want: zoned(zones, "RECURRENCE-ID:20260330T120000Z"), found: 1},
			{name: "utc", in: both(local, "RECURRENCE-ID:20260330T120000Z")},
			{name: "date", in: both(day, "RECURRENCE-ID;VALUE=DATE:20260303")},
			{name: "unknown zone", in: both(local, "RECURRENCE-ID;TZID=Mine:20260330T140000")},
		},
	}
	for id, rows := range tests {
		t.Run(id, func(t *testing.T) { table(t, id, rows) })
	}
}

// todo makes a task of the event of a calendar.
func todo(calendar string) string { return strings.ReplaceAll(calendar, "VEVENT", "VTODO") }
