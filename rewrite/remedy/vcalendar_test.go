package remedy

import (
	"strings"
	"testing"
)

// old is a vCalendar with an event; lines before "|" are of the calendar.
func old(lines ...string) string {
	text := "BEGIN:VCALENDAR\r\nVERSION:1.0\r\nPRODID:-//Phone//Organizer 1//EN\r\n"
	event := "BEGIN:VEVENT\r\nUID:1\r\n"
	for _, l := range lines {
		if own, ok := strings.CutPrefix(l, "|"); ok {
			text += own + "\r\n"
		} else {
			event += l + "\r\n"
		}
	}
	return text + event + "END:VEVENT\r\nEND:VCALENDAR\r\n"
}

func translated(lines ...string) string {
	return strings.Replace(old(lines...), "VERSION:1.0", "VERSION:2.0", 1)
}

func TestVCalendar(t *testing.T) {
	const start, wednesday = "DTSTART:20260415T080000Z", "DTSTART:20260415T100000"
	berlin := []string{"|TZ:+01", "|DAYLIGHT:TRUE;+02;20260329T020000;20261025T030000;CET;CEST"}
	in := func(zone []string, more ...string) []string { return append(zone[:len(zone):len(zone)], more...) }
	one := func(name, from, to string) row {
		return row{name: name, in: old(start, from), want: translated(start, to), found: 1}
	}
	leaves := func(name, why string, lines ...string) row {
		return row{name: name, in: old(lines...), found: 1, note: why}
	}
	rows := []row{
		one("text", "SUMMARY:Site, visit; today", `SUMMARY:Site\, visit\; today`),
		one("escaped semicolon", `SUMMARY:a\;b`, `SUMMARY:a\;b`),
		one("quoted-printable", "SUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:B=C3=BCro, 2=0D=0ALinks", `SUMMARY:Büro\, 2\nLinks`),
		one("without the name of the parameter", "SUMMARY;QUOTED-PRINTABLE:B=C3=BCro", "SUMMARY:Büro"),
		one("Latin-1", "SUMMARY;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:B=FCro", "SUMMARY:Büro"),
		one("soft line breaks", "DESCRIPTION;ENCODING=QUOTED-PRINTABLE:a=\r\nb: c=\r\nd", "DESCRIPTION:ab: cd"),
		one("language", "SUMMARY;LANGUAGE=de-CH:Sitzung", "SUMMARY;LANGUAGE=de-CH:Sitzung"),
		one("language of a list", "CATEGORIES;LANGUAGE=fr:SALLE;PARIS", "CATEGORIES;LANGUAGE=fr:SALLE,PARIS"),
		one("language of a name", "ATTENDEE;ROLE=OWNER;LANGUAGE=pl:Anna <anna@x.example>", "ORGANIZER;LANGUAGE=pl;CN=Anna:mailto:anna@x.example"),
		one("UTF-8 as it is", "SUMMARY;CHARSET=UTF-8:Büro", "SUMMARY:Büro"),
		one("list", "CATEGORIES:BUSINESS;MEETING, ALL", `CATEGORIES:BUSINESS,MEETING\, ALL`),
		one("created", "DCREATED:20260301T080000Z", "CREATED:20260301T080000Z"),
		one("free", "TRANSP:1", "TRANSP:TRANSPARENT"),
		one("status", "STATUS:CONFIRMED", "STATUS:CONFIRMED"),
		one("private", "X-EPOCAGENDAENTRYTYPE:APPOINTMENT", "X-EPOCAGENDAENTRYTYPE:APPOINTMENT"),
		one("dates left out", "EXDATE:20260416T080000Z;20260417T080000Z", "EXDATE:20260416T080000Z,20260417T080000Z"),
		one("owner", "ATTENDEE;ROLE=OWNER:Anna Berg <anna@x.example>", "ORGANIZER;CN=Anna Berg:mailto:anna@x.example"),
		one("organizer who comes", "ATTENDEE;ROLE=ORGANIZER;STATUS=CONFIRMED:anna@x.example", "ORGANIZER:mailto:anna@x.example\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@x.example"),
		one("attendee", "ATTENDEE;ROLE=ATTENDEE;STATUS=NEEDS ACTION;RSVP=YES;EXPECT=FYI:Bob Lee <bob@y.example>", ""),
		one("alarm", "DALARM:20260415T075000Z;PT5M;2;Go, now", ""),
		one("sound", "AALARM;TYPE=WAVE;VALUE=URL:20260415T075000Z;;;file:///ring.wav", ""),
		{name: "alarm of a floating event", in: old(wednesday, "DALARM:20260415T095000;;;"), want: strings.Replace(translated(wednesday, "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT600S", "DESCRIPTION:Reminder", "END:VALARM"), "\r\n\r\n", "\r\n", 1), found: 1},
		{name: "day", in: old("DTSTART:20260415"), want: translated("DTSTART;VALUE=DATE:20260415"), found: 1},
		{name: "floats", in: old(wednesday, "DTEND:20260415T110000"), want: translated(wednesday, "DTEND:20260415T110000"), found: 1},
		{name: "summer", in: old(in(berlin, wednesday)...), want: translated(start), found: 1},
		{name: "winter", in: old(in(berlin, "DTSTART:20260115T100000")...), want: translated("DTSTART:20260115T090000Z"), found: 1},
		{name: "no summer", in: old("|TZ:-0530", "|DAYLIGHT:FALSE", wednesday), want: translated("DTSTART:20260415T153000Z"), found: 1},
		{name: "task", in: todo(old("DUE:20260415T080000Z", "STATUS:NEEDS ACTION")), want: todo(translated("DUE:20260415T080000Z", "STATUS:NEEDS-ACTION")), found: 1},

		leaves("another year", "does not give its offset", in(berlin, "DTSTART:20270115T100000")...),
		leaves("near the change", "does not give its offset", in(berlin, "DTSTART:20260329T100000")...),
		leaves("series with summers", "later years", in(berlin, wednesday, "RRULE:W1 #5")...),
		leaves("series on other days in UTC", "differ in UTC", "|TZ:+10", "DTSTART:20260415T080000", "RRULE:W1 #5"),
		leaves("no zone", "cannot be read", "|TZ:CET", wednesday),
		leaves("summers without a zone", "not given exactly once", "|DAYLIGHT:FALSE", wednesday),
		leaves("rule of exceptions", "EXRULE", start, "EXRULE:D2 #5"),
		leaves("mail alarm", "MALARM", start, "MALARM:20260415T075000Z;;;a@x.example;x"),
		leaves("program alarm", "PALARM", start, "PALARM:20260415T075000Z;;;x.exe"),
		leaves("two owners", "owner", start, "ATTENDEE;ROLE=OWNER:a@x.example", "ATTENDEE;ROLE=OWNER:b@x.example"),
		leaves("nobody", "no readable mail address", start, "ATTENDEE:Bob"),
		leaves("delegate", "DELEGATE", start, "ATTENDEE;ROLE=DELEGATE:a@x.example"),
		leaves("end of days", "last one", "DTSTART:20260415", "DTEND:20260416"),
		leaves("two types", "another type", start, "DTEND:20260415T110000"),
		leaves("file", "BASE64", start, "ATTACH;ENCODING=BASE64:QUJD"),
		leaves("a backslash", "backslash", start, `SUMMARY:C:\new`),
		leaves("not UTF-8", "does not decode", start, "SUMMARY;ENCODING=QUOTED-PRINTABLE:B=FCro"),
		leaves("transparency of its own", "TRANSP", start, "TRANSP:3"),
		leaves("status of nobody", "STATUS", start, "STATUS:SENT"),
		leaves("an alarm of a series in local time", "local time", wednesday, "RRULE:W1 #3", "DALARM:20260415T095000;;;x"),
		leaves("a component of iCalendar", "VALARM", start, "BEGIN:VALARM", "END:VALARM"),

		{name: "iCalendar with the wrong number", in: strings.Replace(event("UID:1", start), "VERSION:2.0", "VERSION:1.0", 1)},
		{name: "iCalendar", in: event("UID:1", start)},
	}
	for i := range rows {
		switch rows[i].name {
		case "attendee":
			rows[i].want = translated(start, "ATTENDEE;CN=Bob Lee;ROLE=NON-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:bob@y.example")
		case "alarm":
			rows[i].want = translated(start, "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER;VALUE=DATE-TIME:20260415T075000Z", "REPEAT:2", "DURATION:PT5M", `DESCRIPTION:Go\, now`, "END:VALARM")
		case "sound":
			rows[i].want = translated(start, "BEGIN:VALARM", "ACTION:AUDIO", "TRIGGER;VALUE=DATE-TIME:20260415T075000Z", "ATTACH:file:///ring.wav", "END:VALARM")
		}
	}
	table(t, "vcalendar-1", rows)
}

// In vCalendar the blank of a fold may be part of the text.
func TestVCalendarFolded(t *testing.T) {
	in := old("DTSTART:20260415T080000Z", "SUMMARY:a\r\n b")
	out, findings := run(t, "vcalendar-1", in)
	if out != in || len(findings) != 1 || !strings.Contains(findings[0].Note, "folded") {
		t.Errorf("%q, %+v", out, findings)
	}
}

// TestVCalendarRules has the basic grammar of recurrence rules, from Wednesday,
// 15 April 2026, the third one and the last but two of its month.
func TestVCalendarRules(t *testing.T) {
	const start = "DTSTART:20260415T080000Z"
	var rows []row
	for _, r := range [][2]string{
		{"D1 #10", "FREQ=DAILY;COUNT=10"},
		{"D2 #0", "FREQ=DAILY;INTERVAL=2"},
		{"d1 20260420t080000z", "FREQ=DAILY;UNTIL=20260420T080000Z"},
		{"W1 #5", "FREQ=WEEKLY;COUNT=5;BYDAY=WE"},
		{"W1 WE #5", "FREQ=WEEKLY;COUNT=5;BYDAY=WE"},
		{"W2 MO WE FR 20260601T080000Z", "FREQ=WEEKLY;INTERVAL=2;UNTIL=20260601T080000Z;BYDAY=MO,WE,FR"},
		{"W1 SU WE #0", "FREQ=WEEKLY;BYDAY=SU,WE"},
		{"MP1 3+ WE #10", "FREQ=MONTHLY;COUNT=10;BYDAY=3WE"},
		{"MP2 3- WE #0", "FREQ=MONTHLY;INTERVAL=2;BYDAY=-3WE"},
		{"MP1 1+ 3+ WE FR #6", "FREQ=MONTHLY;COUNT=6;BYDAY=1WE,3WE,1FR,3FR"},
		{"MP1 1+ MO 3+ WE #6", "FREQ=MONTHLY;COUNT=6;BYDAY=1MO,3WE"},
		{"MD1 15 #3", "FREQ=MONTHLY;COUNT=3;BYMONTHDAY=15"},
		{"MD1 1 15 LD #3", "FREQ=MONTHLY;COUNT=3;BYMONTHDAY=1,15,-1"},
		{"MD3 16- #3", "FREQ=MONTHLY;INTERVAL=3;COUNT=3;BYMONTHDAY=-16"},
		{"MD1 #3", "FREQ=MONTHLY;COUNT=3;BYMONTHDAY=15"},
		{"YM1 4 6 #3", "FREQ=YEARLY;COUNT=3;BYMONTH=4,6;BYMONTHDAY=15"},
		{"YM1 #3", "FREQ=YEARLY;COUNT=3;BYMONTH=4;BYMONTHDAY=15"},
		{"YD3 1 105 200 #3", "FREQ=YEARLY;INTERVAL=3;COUNT=3;BYYEARDAY=1,105,200"},
	} {
		rows = append(rows, row{name: r[0], in: old(start, "RRULE:"+r[0]), want: translated(start, "RRULE:"+r[1]), found: 1})
	}
	for _, rule := range []string{
		"D1", "W1 WE", "D0 #5", "M60 #3", "D1 #5 M60 #3", "D1 0800 #3", "W1 TU #5", "W2 SU WE #5", "W1 WE$ #5", "MP1 WE #5", "MP1 1+ WE #5", "MP1 3+ #5", "MP1 5+ WE #5",
		"MD1 31 #5", "MD1 1 #5", "YM1 5 #5", "YM1 13 #5", "YD1 106 #5", "YD1 366 #5", "D1 20260420", "D1 20260420T080000", "D1 20250101T080000Z", "D1 #x", "FREQ=DAILY;COUNT=3",
	} {
		rows = append(rows, row{name: "left: " + rule, in: old(start, "RRULE:"+rule), found: 1, note: "the sender has to send iCalendar"})
	}
	table(t, "vcalendar-1", rows)
}
