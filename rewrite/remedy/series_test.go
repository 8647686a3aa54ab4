package remedy

import (
	"testing"
)

// rule returns an invitation to a series.
func rule(value string, more ...string) string {
	return event(append([]string{"UID:1", "DTSTART:20260303T080000Z", "DTEND:20260303T090000Z", "RRULE:" + value}, more...)...)
}

func TestSeriesReports(t *testing.T) {
	domino, e2003, e2007 := with(forProfile(Domino)), with(forProfile(Exchange2003)), with(forProfile(Exchange2007))
	limits := []row{
		{name: "cdo alone", in: rule("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=4")},
		{name: "first weekday", in: rule("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1")},
		{name: "last day", in: rule("FREQ=MONTHLY;BYMONTHDAY=-1")},
		{name: "weekly on two days", in: rule("FREQ=WEEKLY;BYDAY=TU,TH;INTERVAL=99")},
		{name: "for Google", in: rule("FREQ=YEARLY;BYWEEKNO=20"), with: with(forProfile(Google))},
		{name: "rule of exceptions", in: rule("FREQ=DAILY", "EXRULE:FREQ=WEEKLY"), found: 1, note: "rule of exceptions"},
	}
	for value, note := range map[string]string{
		"FREQ=HOURLY": "more than once a day", "FREQ=YEARLY;BYYEARDAY=3": "BYYEARDAY", "FREQ=YEARLY;BYWEEKNO=20": "BYWEEKNO",
		"FREQ=MONTHLY;BYMONTHDAY=1,15": "several values of BYMONTHDAY", "FREQ=YEARLY;BYMONTH=1,7": "several values of BYMONTH",
		"FREQ=MONTHLY;BYDAY=1TU,3TU": "several nth", "FREQ=MONTHLY;BYDAY=TU;BYSETPOS=5": "number 5", "FREQ=MONTHLY;BYDAY=5TU": "number 5",
		"FREQ=MONTHLY;BYDAY=-2TU": "number -2", "FREQ=DAILY;INTERVAL=1000": "above 999", "FREQ=WEEKLY;INTERVAL=100": "above 99",
		"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13": "certain day", "FREQ=MONTHLY;BYDAY=TU": "every such weekday", "FREQ=MONTHLY;BYMONTHDAY=-2": "from the end",
		"FREQ=MONTHLY;BYDAY=TU;BYSETPOS=1,3": "several values of BYSETPOS", "FREQ=DAILY;BYMONTH=1": "BYMONTH with FREQ=DAILY",
		"FREQ=DAILY;INTERVAL=2;BYDAY=MO": "BYDAY with FREQ=DAILY", "FREQ=DAILY;BYSETPOS=1;BYDAY=MO": "BYSETPOS with FREQ=DAILY",
		"FREQ=WEEKLY;BYMONTH=6;BYDAY=MO": "BYMONTH with FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=1": "BYSETPOS with FREQ=WEEKLY",
		"FREQ=WEEKLY;BYDAY=2MO": "counts weekdays", "FREQ=DAILY;COUNT=1000": "999 occurrences", "FREQ=MONTHLY;BYMONTH=6;BYMONTHDAY=1": "BYMONTH with FREQ=MONTHLY",
		"FREQ=YEARLY;BYDAY=20MO": "a whole year", "FREQ=YEARLY;INTERVAL=9": "above 8", "FREQ=MONTHLY;BYMONTHDAY=30;BYSETPOS=1": "BYSETPOS without BYDAY",
	} {
		limits = append(limits, row{name: value, in: rule(value), found: 1, note: note, with: with(forProfile(Exchange))})
	}
	tests := map[string][]row{
		"rrule-mapi-limits": limits,
		"rrule-daily-byday": {
			{name: "weekdays", in: rule("FREQ=DAILY;INTERVAL=1;COUNT=20;BYDAY=MO,TU,WE,TH,FR"), want: rule("FREQ=WEEKLY;INTERVAL=1;COUNT=20;BYDAY=MO,TU,WE,TH,FR"), found: 1},
			{name: "no interval", in: rule("FREQ=DAILY;BYDAY=SA;UNTIL=20270101T000000Z"), want: rule("FREQ=WEEKLY;BYDAY=SA;UNTIL=20270101T000000Z"), found: 1},
			{name: "each other day", in: rule("FREQ=DAILY;INTERVAL=2;BYDAY=MO")},
			{name: "of a month", in: rule("FREQ=DAILY;BYDAY=MO;BYMONTH=1")},
			{name: "with a number", in: rule("FREQ=DAILY;BYDAY=1MO")},
			{name: "all days", in: rule("FREQ=DAILY")},
			{name: "weekly", in: rule("FREQ=WEEKLY;BYDAY=MO")},
		},
		"rrule-day-or-last": {
			{name: "30", in: rule("FREQ=MONTHLY;COUNT=9;BYMONTHDAY=28,29,30;BYSETPOS=-1"), want: rule("FREQ=MONTHLY;COUNT=9;BYMONTHDAY=30"), found: 1},
			{name: "29", in: rule("FREQ=MONTHLY;BYMONTHDAY=28,29;BYSETPOS=-1"), want: rule("FREQ=MONTHLY;BYMONTHDAY=29"), found: 1},
			{name: "31", in: rule("FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"), want: rule("FREQ=MONTHLY;BYMONTHDAY=-1"), found: 1},
			{name: "the first of them", in: rule("FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=1")},
			{name: "other days", in: rule("FREQ=MONTHLY;BYMONTHDAY=1,30;BYSETPOS=-1")},
			{name: "on a weekday", in: rule("FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYDAY=MO;BYSETPOS=-1")},
		},
		"rrule-last-day": {
			{name: "30", in: event("UID:1", "DTSTART:20260330T080000Z", "RRULE:FREQ=MONTHLY;BYMONTHDAY=30"), found: 1, note: "February 2027", with: with(forProfile(Exchange))},
			{name: "31", in: event("UID:1", "DTSTART:20260331T080000Z", "RRULE:FREQ=MONTHLY;BYMONTHDAY=31"), found: 1, note: "April 2026", with: with(forProfile(Exchange2007))},
			{name: "by the start", in: event("UID:1", "DTSTART:20260331T080000Z", "RRULE:FREQ=MONTHLY"), found: 1, note: "April 2026", with: with(forProfile(OutlookMac))},
			{name: "29", in: event("UID:1", "DTSTART:20240129T080000Z", "RRULE:FREQ=MONTHLY;BYMONTHDAY=29"), found: 1, note: "February 2025", with: with(forProfile(Exchange))},
			{name: "29 February", in: event("UID:1", "DTSTART:20240229T080000Z", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"), found: 1, note: "February 2025", with: with(forProfile(Exchange))},
			{name: "29 February in leap years", in: event("UID:1", "DTSTART:20240229T080000Z", "RRULE:FREQ=YEARLY;INTERVAL=4;COUNT=5;BYMONTH=2;BYMONTHDAY=29"), with: with(forProfile(Exchange))},
			{name: "ends before", in: event("UID:1", "DTSTART:20260330T080000Z", "RRULE:FREQ=MONTHLY;COUNT=3;BYMONTHDAY=30"), with: with(forProfile(Exchange))},
			{name: "until before", in: event("UID:1", "DTSTART:20260330T080000Z", "RRULE:FREQ=MONTHLY;UNTIL=20261230T080000Z;BYMONTHDAY=30"), with: with(forProfile(Exchange))},
			{name: "long months only", in: event("UID:1", "DTSTART:20260331T080000Z", "RRULE:FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=3"), with: with(forProfile(Exchange))},
			{name: "28", in: event("UID:1", "DTSTART:20260328T080000Z", "RRULE:FREQ=MONTHLY;BYMONTHDAY=28"), with: with(forProfile(Exchange))},
			{name: "the last day", in: event("UID:1", "DTSTART:20260331T080000Z", "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1"), with: with(forProfile(Exchange))},
			{name: "for others", in: event("UID:1", "DTSTART:20260330T080000Z", "RRULE:FREQ=MONTHLY;BYMONTHDAY=30")},
		},
		"yearly-last-day": {
			{name: "february", in: rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"), found: 1, note: "28 February", with: with(forProfile(Exchange))},
			{name: "march", in: rule("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=-1"), found: 1, note: "31 March, which is the same", with: with(forProfile(Exchange))},
			{name: "of every month", in: rule("FREQ=YEARLY;BYMONTHDAY=-1"), found: 1, note: "every month", with: with(forProfile(Exchange))},
			{name: "of two months", in: rule("FREQ=YEARLY;BYMONTH=2,3;BYMONTHDAY=-1"), found: 1, note: "one month", with: with(forProfile(Exchange))},
			{name: "monthly", in: rule("FREQ=MONTHLY;BYMONTHDAY=-1")},
			{name: "for Notes itself", in: rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"), with: domino},
		},
		"monthday-29-31": {
			{name: "31st", in: rule("FREQ=MONTHLY;BYMONTHDAY=31"), with: domino, found: 1, note: "28th"},
			{name: "28th", in: rule("FREQ=MONTHLY;BYMONTHDAY=28"), with: domino},
			{name: "not for Notes", in: rule("FREQ=MONTHLY;BYMONTHDAY=31")},
		},
		"monthday-zero": {
			{name: "zero", in: rule("FREQ=MONTHLY;BYMONTHDAY=0"), found: 1, note: "not known"},
			{name: "ten", in: rule("FREQ=MONTHLY;BYMONTHDAY=10")},
		},
		"infinite-series": {
			{name: "endless", in: rule("FREQ=WEEKLY"), with: domino, found: 1, note: "end date"},
			{name: "counted", in: rule("FREQ=WEEKLY;COUNT=3"), with: domino},
			{name: "not for Domino", in: rule("FREQ=WEEKLY")},
		},
		"domino-resource": {
			{name: "room", in: event("SEQUENCE:1", "ATTENDEE;CUTYPE=ROOM:mailto:r@x.example"), with: domino, found: 1, note: "send a new invitation"},
			{name: "first invitation", in: event("SEQUENCE:0", "ATTENDEE;CUTYPE=ROOM:mailto:r@x.example"), with: domino},
			{name: "person", in: event("SEQUENCE:1", "ATTENDEE;CUTYPE=INDIVIDUAL:mailto:r@x.example"), with: domino},
			{name: "not for Domino", in: event("SEQUENCE:1", "ATTENDEE;CUTYPE=ROOM:mailto:r@x.example")},
		},
		"rdate-any-exch": {
			{name: "beside a rule", in: rule("FREQ=WEEKLY", "RDATE:20260304T080000Z"), with: e2003, found: 1, note: "each of them separately"},
			{name: "alone", in: event("RDATE:20260304T080000Z"), with: e2003},
			{name: "for others", in: rule("FREQ=WEEKLY", "RDATE:20260304T080000Z")},
		},
		"rdate-behind-until": {
			{name: "behind", in: rule("FREQ=WEEKLY;UNTIL=20260324T080000Z", "RDATE:20260317T080000Z,20260410T080000Z"), with: with(forProfile(Google)), found: 1, note: "20260410T080000Z"},
			{name: "a task", in: todo(rule("FREQ=WEEKLY;UNTIL=20260324T080000Z", "RDATE:20260410T080000Z")), with: with(forProfile(Google)), found: 1, note: "Google"},
			{name: "a period", in: rule("FREQ=WEEKLY;UNTIL=20260324T080000Z", "RDATE;VALUE=PERIOD:20260410T080000Z/PT1H"), with: with(forProfile(Google)), found: 1, note: "Google"},
			{name: "a date", in: rule("FREQ=WEEKLY;UNTIL=20260324", "RDATE;VALUE=DATE:20260325"), with: with(forProfile(Google)), found: 1, note: "Google"},
			{name: "of interest to others", in: rule("FREQ=WEEKLY;UNTIL=20260324T080000Z", "RDATE:20260410T080000Z"), found: 1, note: "Google"},
			{name: "before", in: rule("FREQ=WEEKLY;UNTIL=20260324T080000Z", "RDATE:20260312T080000Z"), with: with(forProfile(Google))},
			{name: "no end", in: rule("FREQ=WEEKLY", "RDATE:20260410T080000Z"), with: with(forProfile(Google))},
			{name: "for Apple", in: rule("FREQ=WEEKLY;UNTIL=20260324T080000Z", "RDATE:20260410T080000Z"), with: with(forProfile(Apple))},
		},
		"exdate-multi-line-e2007": {
			{name: "two", in: rule("FREQ=WEEKLY", "EXDATE:20260310T080000Z", "EXDATE:20260317T080000Z"), with: e2007, found: 1, note: "SP2 RU2"},
			{name: "a list", in: rule("FREQ=WEEKLY", "EXDATE:20260310T080000Z,20260317T080000Z"), with: e2007, found: 1, note: "SP2 RU2"},
			{name: "one", in: rule("FREQ=WEEKLY", "EXDATE:20260310T080000Z"), with: e2007},
			{name: "for others", in: rule("FREQ=WEEKLY", "EXDATE:20260310T080000Z", "EXDATE:20260317T080000Z")},
		},
	}
	for id, rows := range tests {
		t.Run(id, func(t *testing.T) { table(t, id, rows) })
	}
}

func TestSeriesRepairs(t *testing.T) {
	dates := func(more ...string) string {
		return event(append([]string{"UID:1", "DTSTART:20260303T080000Z", "DTEND:20260303T090000Z"}, more...)...)
	}
	berlin := func(more ...string) string {
		return zoned(vtimezone("Europe/Berlin", "+0100", "+0200"), append([]string{"DTSTART;TZID=Europe/Berlin:20260303T140000", "DTEND;TZID=Europe/Berlin:20260303T150000"}, more...)...)
	}
	period := "RDATE;VALUE=PERIOD:20260310T080000Z/PT1H,20260311T080000Z/20260311T090000Z"
	tests := map[string][]row{
		"rrule-setpos-to-nth": {
			{name: "third Tuesday", in: rule("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=3"), want: rule("FREQ=MONTHLY;BYDAY=3TU"), found: 1},
			{name: "last Sunday in March", in: rule("FREQ=YEARLY;BYMONTH=3;BYSETPOS=-1;BYDAY=SU;COUNT=4"), want: rule("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;COUNT=4"), found: 1},
			{name: "weekdays", in: rule("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1")},
			{name: "of the whole year", in: rule("FREQ=YEARLY;BYDAY=TU;BYSETPOS=3")},
			{name: "with days of the month", in: rule("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=1;BYMONTHDAY=8,9,10,11,12,13,14")},
			{name: "weekly", in: rule("FREQ=WEEKLY;BYDAY=TU;BYSETPOS=1")},
			{name: "nth already", in: rule("FREQ=MONTHLY;BYDAY=2TU;BYSETPOS=1")},
		},
		"rrule-nth-to-setpos": {
			{name: "third Tuesday", in: rule("FREQ=MONTHLY;BYDAY=3TU"), want: rule("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=3"), found: 1},
			{name: "two", in: rule("FREQ=MONTHLY;BYDAY=1TU,3TU")},
			{name: "fifth", in: rule("FREQ=MONTHLY;BYDAY=5TU")},
			{name: "of the whole year", in: rule("FREQ=YEARLY;BYDAY=20MO")},
		},
		"rrule-until-midnight": {
			{name: "a meeting on the last day", in: outlook(berlin("RRULE:FREQ=WEEKLY;UNTIL=20260331T000000Z")), want: outlook(berlin("RRULE:FREQ=WEEKLY;UNTIL=20260331T120000Z")), found: 1},
			{name: "none on that day", in: outlook(berlin("RRULE:FREQ=WEEKLY;UNTIL=20260401T000000Z"))},
			{name: "another program", in: berlin("RRULE:FREQ=WEEKLY;UNTIL=20260331T000000Z")},
			{name: "an exact end", in: outlook(berlin("RRULE:FREQ=WEEKLY;UNTIL=20260331T120000Z"))},
			{name: "hourly", in: outlook(berlin("RRULE:FREQ=HOURLY;UNTIL=20260331T000000Z"))},
		},
		"rdate-only": {
			{name: "weekly", in: dates("RDATE:20260310T080000Z,20260317T080000Z"), want: dates("RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=TU;WKST=MO;COUNT=3"), found: 1},
			{name: "with a gap", in: dates("RDATE:20260310T080000Z,20260324T080000Z,20260331T080000Z"), want: dates("RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=TU;WKST=MO;COUNT=5", "EXDATE:20260317T080000Z"), found: 1},
			{name: "two days a week", in: dates("RDATE:20260305T080000Z,20260310T080000Z,20260312T080000Z"), want: dates("RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=TU,TH;WKST=MO;COUNT=4"), found: 1},
			{name: "monthly", in: dates("RDATE:20260403T080000Z", "RDATE:20260503T080000Z,20260603T080000Z"), want: dates("RRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=3;COUNT=4"), found: 1},
			{name: "first Tuesdays", in: dates("RDATE:20260407T080000Z,20260505T080000Z,20260602T080000Z"), want: dates("RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=1TU;COUNT=4"), found: 1},
			{name: "every third day", in: dates("RDATE:20260306T080000Z,20260309T080000Z,20260312T080000Z"), want: dates("RRULE:FREQ=DAILY;INTERVAL=3;COUNT=4"), found: 1},
			{name: "in a zone, over the change", in: berlin("RDATE;TZID=Europe/Berlin:20260331T140000", "RDATE:20260317T130000Z"), want: berlin("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;WKST=MO;COUNT=3"), found: 1},
			{name: "irregular", in: dates("RDATE:20260304T080000Z,20260407T080000Z,20260619T080000Z"), found: 1, note: "no rule"},
			{name: "another hour", in: dates("RDATE:20260310T090000Z"), found: 1, note: "times of day"},
			{name: "before the start", in: dates("RDATE:20260301T080000Z"), found: 1, note: "not the first"},
			{name: "gaps for Exchange 2007", in: dates("RDATE:20260310T080000Z,20260324T080000Z,20260407T080000Z,20260414T080000Z"), with: with(forProfile(Exchange2007)), found: 1, note: "one EXDATE"},
			{name: "beside a rule", in: rule("FREQ=WEEKLY", "RDATE:20260304T080000Z")},
		},
		"rdate-period": {
			{name: "as long as the meeting", in: dates(period), want: dates("RDATE:20260310T080000Z,20260311T080000Z"), found: 1},
			{name: "longer", in: dates("RDATE;VALUE=PERIOD:20260310T080000Z/PT2H"), found: 1, note: "not all periods"},
			{name: "times", in: dates("RDATE:20260310T080000Z")},
			{name: "no end", in: event("DTSTART:20260303T080000Z", period), found: 1, note: "length of the meeting"},
		},
		"exdate-nongregorian": {
			{name: "Gregorian", in: event("UID:1", "X-MICROSOFT-RRULE:FREQ=DAILY", "X-MICROSOFT-EXDATE:20260304T080000Z"), want: event("UID:1", "X-MICROSOFT-RRULE:FREQ=DAILY", "X-MICROSOFT-EXDATE:20260304T080000Z", "RRULE:FREQ=DAILY", "EXDATE:20260304T080000Z"), found: 1},
			{name: "Hijri", in: event("UID:1", "X-MICROSOFT-CALSCALE:Hijri", "X-MICROSOFT-RRULE:FREQ=DAILY"), found: 1, note: "HIJRI"},
			{name: "both there", in: event("UID:1", "RRULE:FREQ=DAILY", "X-MICROSOFT-RRULE:FREQ=DAILY")},
		},
	}
	for id, rows := range tests {
		t.Run(id, func(t *testing.T) { table(t, id, rows) })
	}
}

func TestExceptionRepairs(t *testing.T) {
	master := []string{"BEGIN:VEVENT", "UID:1", "DTSTART:20260303T080000Z", "DTEND:20260303T090000Z", "RRULE:FREQ=WEEKLY", "SUMMARY:x", jane, "END:VEVENT"}
	change := func(start, end string, more ...string) []string {
		return append(append([]string{"BEGIN:VEVENT", "UID:1", "RECURRENCE-ID:20260310T080000Z", "DTSTART:" + start, "DTEND:" + end}, more...), "END:VEVENT")
	}
	in := func(parts ...[]string) string {
		all := []string{"METHOD:REQUEST"}
		for _, p := range parts {
			all = append(all, p...)
		}
		return outlook(calendar(all...))
	}
	same := change("20260310T080000Z", "20260310T090000Z", "SUMMARY:x", "SEQUENCE:2")
	table(t, "null-exception", []row{
		{name: "alike", in: in(master, same), want: in(master), found: 1},
		{name: "another room", in: in(master, change("20260310T080000Z", "20260310T090000Z", "LOCATION:y"))},
		{name: "moved", in: in(master, change("20260310T090000Z", "20260310T100000Z"))},
		{name: "longer", in: in(master, change("20260310T080000Z", "20260310T100000Z"))},
		{name: "fewer people", in: in(master, change("20260310T080000Z", "20260310T090000Z", "ATTENDEE:mailto:other@y.example"))},
		{name: "without its series", in: in(same)},
	})
	extra := append(append([]string{}, master[:5]...), append([]string{"RDATE:20260311T080000Z"}, master[5:]...)...)
	cut := append(append([]string{}, extra[:6]...), append([]string{"EXDATE:20260310T080000Z"}, extra[6:]...)...)
	table(t, "rdate-without-exdate", []row{
		{name: "moved to the extra date", in: in(extra, change("20260311T080000Z", "20260311T090000Z")), want: in(cut, change("20260311T080000Z", "20260311T090000Z")), found: 1},
		{name: "moved elsewhere", in: in(extra, change("20260312T080000Z", "20260312T090000Z"))},
		{name: "no extra date", in: in(master, change("20260311T080000Z", "20260311T090000Z"))},
	})
}

func TestEnds(t *testing.T) {
	tests := map[string][]row{
		"dtend-before-start": {
			{name: "an hour early", in: event("DTSTART:20260302T080000Z", "DTEND:20260302T070000Z"), want: event("DTSTART:20260302T080000Z", "DTEND:20260302T080000Z"), found: 1},
			{name: "days", in: event("DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260301"), want: event("DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260303"), found: 1},
			{name: "in two zones", in: event("DTSTART;TZID=Europe/Berlin:20260302T080000", "DTEND;TZID=Europe/London:20260302T073000")},
			{name: "in an unknown zone", in: event("DTSTART;TZID=Mine:20260302T080000", "DTEND;TZID=Yours:20260302T073000")},
			{name: "good", in: event("DTSTART:20260302T080000Z", "DTEND:20260302T080000Z")},
		},
		"allday-no-flag": {
			{name: "a day", in: event("DTSTART;VALUE=DATE:20260302"), want: event("DTSTART;VALUE=DATE:20260302", "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE"), found: 1},
			{name: "flagged", in: event("DTSTART;VALUE=DATE:20260302", "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE")},
			{name: "an hour", in: event("DTSTART:20260302T080000Z")},
			{name: "ends at a time", in: event("DTSTART;VALUE=DATE:20260302", "DTEND:20260303T080000Z")},
		},
		"dtstart-missing": {
			{name: "an invitation", in: event("UID:1", "SUMMARY:x"), found: 1, note: "send it again"},
			{name: "a cancellation", in: eventOf("CANCEL", "UID:1", "SUMMARY:x")},
			{name: "there", in: event("UID:1", "SUMMARY:x", "DTSTART:20260302T080000Z")},
		},
	}
	for id, rows := range tests {
		t.Run(id, func(t *testing.T) { table(t, id, rows) })
	}
}
