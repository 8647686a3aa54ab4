package remedy

import (
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite/ical"
)

func TestLineJoins(t *testing.T) {
	const bob = "ATTENDEE;RSVP=TRUE:mailto:bob@partner.example"
	full := strings.Repeat("a", 64)
	tests := map[string][]row{
		"broken-line": {
			{name: "in front of a parameter", in: event(`ATTENDEE;CN="Bob Lee/Sales"`, ";RSVP=TRUE:mailto:bob@partner.example"), want: event(`ATTENDEE;CN="Bob Lee/Sales";RSVP=TRUE:mailto:bob@partner.example`), found: 1},
			{name: "in front of two", in: event(`ATTENDEE;CN=Bob`, ";ROLE=CHAIR", ";RSVP=TRUE:mailto:bob@partner.example"), want: event(`ATTENDEE;CN=Bob;ROLE=CHAIR;RSVP=TRUE:mailto:bob@partner.example`), found: 1},
			{name: "in front of the colon of a date", in: event("DTSTART;TZID=Europe/Berlin", ":20260302T100000"), want: event("DTSTART;TZID=Europe/Berlin:20260302T100000"), found: 1},
			{name: "in front of an equals sign", in: event("ATTENDEE;RSVP", "=TRUE:mailto:bob@partner.example"), want: event(bob), found: 1},
			{name: "inside a word", in: event("ATTENDEE;PARTSTAT=NEEDS-", "ACTION;RSVP=TRUE:mailto:bob@partner.example"), want: event("ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:bob@partner.example"), found: 1},
			{name: "inside a rule", in: event("RRULE:FREQ=WEEKLY", ";COUNT=5"), want: event("RRULE:FREQ=WEEKLY;COUNT=5"), found: 1},
			{name: "inside a list", in: event("EXDATE:20260302T100000Z", ",20260303T100000Z"), want: event("EXDATE:20260302T100000Z,20260303T100000Z"), found: 1},
			{name: "in front of the address", in: event("ATTENDEE;RSVP=TRUE:", "mailto:bob@partner.example"), want: event(bob), found: 1},
			{name: "inside the address", in: event("ORGANIZER:mailto:bob@part", "ner.example", "SUMMARY:x"), found: 0},
			{name: "inside the address, behind the scheme", in: event("ORGANIZER:mailto:", "bob@partner.example"), want: event("ORGANIZER:mailto:bob@partner.example"), found: 1},
			{name: "inside the scheme", in: event("ATTENDEE;RSVP=TRUE:mail", "to:bob@partner.example"), want: event(bob), found: 1},
			{name: "inside the scheme, its last letter", in: event("ATTENDEE;RSVP=TRUE:mailt", "o:bob@partner.example", "SUMMARY:x"), want: event(bob, "SUMMARY:x"), found: 1},
			{name: "inside the scheme, in capitals", in: event("ORGANIZER:MAI", "LTO:bob@partner.example"), want: event("ORGANIZER:MAILTO:bob@partner.example"), found: 1},
			{name: "in front of the colon of the scheme", in: event("ATTENDEE;RSVP=TRUE:mailto", ":bob@partner.example"), want: event(bob), found: 1},
			{name: "a property of its own", in: event("ATTENDEE;RSVP=TRUE:mailto:bob@partner.example", "to:eve@partner.example")},
			{name: "inside the address of a full line", in: event("ATTENDEE;CN="+full[:40]+":mailto:bob@partner.", "example"), want: event("ATTENDEE;CN=" + full[:40] + ":mailto:bob@partner.example"), found: 1},
			{name: "inside an Exchange UID", in: event("UID:"+goid[:40], goid[40:]), want: event("UID:" + goid), found: 1},
			{name: "inside a long UID", in: event("UID:"+full+"-b", "c@x.example"), want: event("UID:" + full + "-bc@x.example"), found: 1},
			{name: "a short UID", in: event("UID:abc", "def")},
			{name: "inside a long link", in: event("URL:https://x.example/"+full[:50], "end"), want: event("URL:https://x.example/" + full[:50] + "end"), found: 1},
			{name: "a task", in: todo(event("DUE;TZID=Europe/Berlin", ":20260302T100000")), want: todo(event("DUE;TZID=Europe/Berlin:20260302T100000")), found: 1},
			{name: "a whole property behind", in: event("ATTENDEE;CN=Bob", "DTSTART:20260302T100000Z")},
			{name: "another attendee behind", in: event("ATTENDEE;CN=Bob", bob)},
			{name: "a text", in: event("SUMMARY:a", ";b")},
			{name: "nothing known in front", in: event("nonsense", ";b:c")},
			{name: "sound", in: event(bob, "URL:https://x.example/", "UID:"+goid)},
		},
		"fold-nbsp": {
			{name: "U+00A0", in: event("SUMMARY:a", "\u00a0b"), want: event("SUMMARY:ab"), found: 1},
			{name: "several", in: event("DESCRIPTION:a", "\u00a0b", "\u3000c", "\u2003d", "CLASS:PUBLIC"), want: event("DESCRIPTION:abcd", "CLASS:PUBLIC"), found: 1},
			{name: "Latin-1", in: event("SUMMARY:a", "\xa0b"), want: event("SUMMARY:ab"), found: 1},
			{name: "in front of an address", in: event("ATTENDEE;RSVP=TRUE:", "\u00a0mailto:bob@partner.example"), want: event(bob), found: 1},
			{name: "in front of the colon", in: event("ATTENDEE;RSVP=TRUE", "\u00a0:mailto:bob@partner.example"), want: event(bob), found: 1},
			{name: "the blank stays behind it", in: event("SUMMARY:a", "\u00a0 b"), want: event("SUMMARY:a b"), found: 1},
			{name: "a text of several lines", in: event("DESCRIPTION:a", "\u00a0b", "c")},
			{name: "a journal", in: strings.ReplaceAll(event("SUMMARY:a", "\u00a0b"), "VEVENT", "VJOURNAL"), want: strings.ReplaceAll(event("SUMMARY:ab"), "VEVENT", "VJOURNAL"), found: 1},
			{name: "inside a line", in: event("SUMMARY:a\u00a0b")},
		},
		"base64-lines": {
			{name: "two lines", in: event("ATTACH;ENCODING=BASE64;VALUE=BINARY:QUJD", "REVG", "Rw==", "CLASS:PUBLIC"), want: event("ATTACH;ENCODING=BASE64;VALUE=BINARY:QUJDREVGRw==", "CLASS:PUBLIC"), found: 1},
			{name: "value on the next line", in: event("ATTACH;ENCODING=b;VALUE=BINARY:", "QUJD"), want: event("ATTACH;ENCODING=b;VALUE=BINARY:QUJD"), found: 1},
			{name: "its end", in: event("ATTACH;ENCODING=BASE64;VALUE=BINARY:QUJDRA==", "more")},
			{name: "another text", in: event("ATTACH;ENCODING=BASE64;VALUE=BINARY:QUJD", "not this one")},
			{name: "a word behind it", in: event("ATTACH;ENCODING=BASE64;VALUE=BINARY:QUJD", "Thanks")},
			{name: "a link", in: event("ATTACH:https://x.example", "QUJD")},
		},
		"qp-property": {
			{name: "text", in: event("SUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:B=C3=BCro=2C Pr=C3=BCfung"), want: event("SUMMARY:Büro\\, Prüfung"), found: 1},
			{name: "another character set", in: event("SUMMARY;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:B=FCro"), want: event("SUMMARY:Büro"), found: 1},
			{name: "soft line breaks", in: event("DESCRIPTION;LANGUAGE=de;ENCODING=QUOTED-PRINTABLE:Ort: B=C3=BCro=0D=0A=", "Zeit: 9 =", " Uhr", "CLASS:PUBLIC"), want: event("DESCRIPTION;LANGUAGE=de:Ort: Büro\\nZeit: 9 Uhr", "CLASS:PUBLIC"), found: 1},
			{name: "a line that looks like a property", in: event("DESCRIPTION;ENCODING=QUOTED-PRINTABLE:a=", "LOCATION:b", "CLASS:PUBLIC"), want: event("DESCRIPTION:aLOCATION:b", "CLASS:PUBLIC"), found: 1},
			{name: "escaped before", in: event("DESCRIPTION;ENCODING=QUOTED-PRINTABLE:a\\, b=3B\\nc"), want: event("DESCRIPTION:a\\, b\\;\\nc"), found: 1},
			{name: "list", in: event("CATEGORIES;ENCODING=QUOTED-PRINTABLE:B=C3=BCro,a=2Cb"), want: event("CATEGORIES:Büro,a\\,b"), found: 1},
			{name: "parameter without a name", in: event("SUMMARY;QUOTED-PRINTABLE:B=C3=BCro"), want: event("SUMMARY:Büro"), found: 1},
			{name: "alarm", in: event("BEGIN:VALARM", "DESCRIPTION;ENCODING=QUOTED-PRINTABLE:=C3=BC", "END:VALARM"), want: event("BEGIN:VALARM", "DESCRIPTION:ü", "END:VALARM"), found: 1},
			{name: "not UTF-8", in: event("SUMMARY;ENCODING=QUOTED-PRINTABLE:B=FCro"), found: 1, note: "does not decode"},
			{name: "no octets", in: event("SUMMARY;ENCODING=QUOTED-PRINTABLE:1=ZZ"), found: 1, note: "does not decode"},
			{name: "vCalendar", in: strings.Replace(event("SUMMARY;ENCODING=QUOTED-PRINTABLE:=C3=BC"), "VERSION:2.0", "VERSION:1.0", 1)},
			{name: "base64", in: event("ATTACH;ENCODING=BASE64;VALUE=BINARY:QUJD")},
		},
		"param-behind-colon": {
			{name: "alarm", in: event("BEGIN:VALARM", "TRIGGER:VALUE=DATE-TIME:20260610T075000Z", "END:VALARM"), want: event("BEGIN:VALARM", "TRIGGER;VALUE=DATE-TIME:20260610T075000Z", "END:VALARM"), found: 1},
			{name: "calendar", in: calendar("REFRESH-INTERVAL:VALUE=DURATION:PT1H"), want: calendar("REFRESH-INTERVAL;VALUE=DURATION:PT1H"), found: 1},
			{name: "zone", in: event("DTSTART:TZID=Europe/Berlin:20260302T100000"), want: event("DTSTART;TZID=Europe/Berlin:20260302T100000"), found: 1},
			{name: "two", in: event("DTSTART:VALUE=DATE-TIME;TZID=Europe/Berlin:20260302T100000"), want: event("DTSTART;VALUE=DATE-TIME;TZID=Europe/Berlin:20260302T100000"), found: 1},
			{name: "the second", in: event("EXDATE;VALUE=DATE-TIME:TZID=Europe/Berlin:20260302T100000,20260303T100000"), want: event("EXDATE;VALUE=DATE-TIME;TZID=Europe/Berlin:20260302T100000,20260303T100000"), found: 1},
			{name: "person", in: event(`ATTENDEE:CN="Lee, Bob";RSVP=TRUE:mailto:bob@partner.example`), want: event(`ATTENDEE;CN="Lee, Bob";RSVP=TRUE:mailto:bob@partner.example`), found: 1},
			{name: "language", in: event("SUMMARY:LANGUAGE=en-US:Budget"), want: event("SUMMARY;LANGUAGE=en-US:Budget"), found: 1},
			{name: "a text", in: event("SUMMARY:VALUE=high: what to do", "DESCRIPTION:LANGUAGE=none of yours: x")},
			{name: "no value", in: event("DTSTART:TZID=Europe/Berlin:tomorrow")},
			{name: "a rule", in: event("RRULE:FREQ=DAILY")},
			{name: "sound", in: event("DTSTART;TZID=Europe/Berlin:20260302T100000")},
		},
		"colon-missing": {
			{name: "date", in: event("DTSTART;20260302T100000Z"), want: event("DTSTART:20260302T100000Z"), found: 1},
			{name: "date in a zone", in: event("DTSTART;TZID=Europe/Berlin;20260302T100000"), want: event("DTSTART;TZID=Europe/Berlin:20260302T100000"), found: 1},
			{name: "rule", in: event("RRULE;FREQ=WEEKLY;COUNT=5"), want: event("RRULE:FREQ=WEEKLY;COUNT=5"), found: 1},
			{name: "text", in: event("SUMMARY;Budget"), want: event("SUMMARY:Budget"), found: 1},
			{name: "text with a colon", in: event("SUMMARY;LANGUAGE=en;Re: Budget"), want: event("SUMMARY;LANGUAGE=en:Re: Budget"), found: 1},
			{name: "person", in: event("ATTENDEE;CN=Bob;mailto:bob@partner.example"), want: event("ATTENDEE;CN=Bob:mailto:bob@partner.example"), found: 1},
			{name: "link", in: event("URL;https://x.example/"), want: event("URL:https://x.example/"), found: 1},
			{name: "no value at all", in: event("LOCATION;LANGUAGE=en-US"), want: event("LOCATION;LANGUAGE=en-US:"), found: 1},
			{name: "vCalendar's words", in: event("SUMMARY;QUOTED-PRINTABLE:a", "ATTENDEE;RSVP:mailto:bob@partner.example")},
			{name: "no date", in: event("DTSTART;tomorrow")},
			{name: "unknown", in: event("nonsense;here")},
			{name: "sound", in: event("DTSTART;VALUE=DATE:20260302", bob)},
		},
		"name-odd": {
			{name: "Notes", in: event("X-LOTUS-CHILD_UID:1"), want: event("X-LOTUS-CHILD-UID:1"), found: 1},
			{name: "with a parameter", in: event("X-A_B;C=D:1"), want: event("X-A-B;C=D:1"), found: 1},
			{name: "known", in: event("LAST_MODIFIED:20260302T100000Z"), want: event("LAST-MODIFIED:20260302T100000Z"), found: 1},
			{name: "known and there", in: event("LAST_MODIFIED:20260302T100000Z", "LAST-MODIFIED:20260302T100000Z"), found: 1, note: "not certain"},
			{name: "unknown", in: event("MY_OWN:1"), found: 1, note: "not certain"},
			{name: "other characters", in: event("X-A/B:1"), want: event("X-A-B:1"), found: 1},
			{name: "a text", in: event("X-Ray results: none")},
			{name: "sound", in: event("X-A-B:1")},
		},
		"text-lines": {
			{name: "every line with a colon", in: event("DESCRIPTION:Join:", "https://meet.example/j/1?pwd=a", "Thanks: Anna", "CLASS:PUBLIC"), want: event(`DESCRIPTION:Join:\nhttps://meet.example/j/1?pwd=a\nThanks: Anna`, "CLASS:PUBLIC"), found: 1},
			{name: "capitals followed by //", in: event("COMMENT:Join:", "HTTPS://meet.example/"), want: event(`COMMENT:Join:\nHTTPS://meet.example/`), found: 1},
			{name: "place", in: event("LOCATION:Hall 1", "Second floor", "UID:1"), want: event(`LOCATION:Hall 1\nSecond floor`, "UID:1"), found: 1},
			{name: "subject", in: event("SUMMARY:Budget", "for next year", "UID:1"), want: event(`SUMMARY:Budget\nfor next year`, "UID:1"), found: 1},
			{name: "HTML", in: event("X-ALT-DESC;FMTTYPE=text/html:<html>", "<body>a, b</body>", "</html>", "UID:1"), want: event(`X-ALT-DESC;FMTTYPE=text/html:<html>\n<body>a\, b</body>\n</html>`, "UID:1"), found: 1},
			{name: "two places", in: event("LOCATION:Hall 1", "Second floor", "DESCRIPTION:a", "b", "UID:1"), want: event(`LOCATION:Hall 1\nSecond floor`, `DESCRIPTION:a\nb`, "UID:1"), found: 2},
			{name: "alarm", in: event("BEGIN:VALARM", "DESCRIPTION:a", "Thanks: b", "END:VALARM"), want: event("BEGIN:VALARM", `DESCRIPTION:a\nThanks: b`, "END:VALARM"), found: 1},
			{name: "behind a link", in: event("URL:https://x.example/", "Passcode 1")},
			{name: "text of nobody", in: event("DESCRIPTION:a", "b", "UID:1", "c")},
			{name: "private property in small letters", in: event("DESCRIPTION:a", "x-foo:b")},
			{name: "known property in small letters", in: event("DESCRIPTION:a", "location:b")},
			{name: "property that nobody knows", in: event("DESCRIPTION:a", "FOO:b")},
		},
		"param-blank": {
			{name: "nothing behind the semicolon", in: event("DTSTART;:20260302T100000Z"), want: event("DTSTART:20260302T100000Z"), found: 1},
			{name: "two semicolons", in: event("DTSTART;;TZID=Europe/Berlin:20260302T100000"), want: event("DTSTART;TZID=Europe/Berlin:20260302T100000"), found: 1},
			{name: "a blank", in: event("DTSTART; :20260302T100000Z"), want: event("DTSTART:20260302T100000Z"), found: 1},
			{name: "in a time zone", in: calendar("BEGIN:VTIMEZONE", "TZID;:A", "BEGIN:STANDARD", "TZOFFSETTO;:+0100", "END:STANDARD", "END:VTIMEZONE"), want: calendar("BEGIN:VTIMEZONE", "TZID:A", "BEGIN:STANDARD", "TZOFFSETTO:+0100", "END:STANDARD", "END:VTIMEZONE"), found: 2},
		},
	}
	for id, rows := range tests {
		t.Run(id, func(t *testing.T) { table(t, id, rows) })
	}
}

func TestIndentedLines(t *testing.T) {
	const meeting = "BEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\n"
	wrap := func(body string) string { return "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n" + body + "END:VCALENDAR\r\n" }
	table(t, "indented-lines", []row{
		{name: "BEGIN", in: wrap("         " + meeting), want: wrap(meeting), found: 1},
		{name: "BEGIN behind a tab", in: wrap("\t" + meeting), want: wrap(meeting), found: 1},
		{name: "END", in: wrap("BEGIN:VEVENT\r\nUID:1\r\n  END:VEVENT\r\n"), want: wrap(meeting), found: 1},
		{name: "a block", in: wrap("  BEGIN:VEVENT\r\n  UID:1\r\n  END:VEVENT\r\n"), want: wrap(meeting), found: 1},
		{name: "everything", in: "BEGIN:VCALENDAR\r\n  METHOD:REQUEST\r\n  BEGIN:VEVENT\r\n    UID:1\r\n  END:VEVENT\r\nEND:VCALENDAR\r\n", want: wrap(meeting), found: 1},
		{name: "a fold inside", in: wrap("  BEGIN:VEVENT\r\n  UID:1\r\n   2\r\n  END:VEVENT\r\n"), want: wrap("BEGIN:VEVENT\r\nUID:12\r\nEND:VEVENT\r\n"), found: 1},
		{name: "an alarm", in: wrap("BEGIN:VEVENT\r\nUID:1\r\n BEGIN:VALARM\r\nACTION:DISPLAY\r\nEND:VALARM\r\nEND:VEVENT\r\n"), want: wrap("BEGIN:VEVENT\r\nUID:1\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nEND:VALARM\r\nEND:VEVENT\r\n"), found: 1},
		{name: "an alarm as a block", in: wrap("BEGIN:VEVENT\r\nUID:1\r\n\tBEGIN:VALARM\r\n\tACTION:DISPLAY\r\n\tEND:VALARM\r\nEND:VEVENT\r\n"), want: wrap("BEGIN:VEVENT\r\nUID:1\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nEND:VALARM\r\nEND:VEVENT\r\n"), found: 1},
		{name: "sound", in: wrap(meeting)},
	})
}

// A fold that happens to start with BEGIN stays one.
func TestIndentedText(t *testing.T) {
	for _, body := range []string{
		"DESCRIPTION:write\r\n BEGIN:VALARM\r\n",
		"DESCRIPTION:" + strings.Repeat("a ", 31) + "\r\n BEGIN:VALARM\r\n END:VALARM\r\n",
	} {
		in := event("UID:1\r\n" + strings.TrimSuffix(body, "\r\n"))
		if out, found := run(t, "indented-lines", in); out != in || len(found) > 0 {
			t.Errorf("%q: %+v", out, found)
		}
	}
}

// joinLinesOf must not lose or reorder what it does not join.
func TestJoinLinesOfKeepsTheRest(t *testing.T) {
	c := newCase(t, Find("fold-nbsp"), event("SUMMARY:a", "BEGIN:VALARM", "ACTION:x", "END:VALARM", "LOCATION:b", "\u00a0c", "UID:1"))
	c.Do(Find("fold-nbsp"))
	var names []string
	c.Doc.EachLine(func(_ *ical.Component, l *ical.Line) { names = append(names, l.Name()) })
	if got := strings.Join(names, " "); !strings.HasSuffix(got, "BEGIN SUMMARY BEGIN ACTION END LOCATION UID END END") {
		t.Error(got)
	}
}

func TestParamBare(t *testing.T) {
	const bob = ":mailto:bob@partner.example"
	table(t, "param-bare", []row{
		{name: "date", in: event("DTSTART;DATE:20260610"), want: event("DTSTART;VALUE=DATE:20260610"), found: 1},
		{name: "small letters", in: event("DTSTART;date:20260610"), want: event("DTSTART;VALUE=DATE:20260610"), found: 1},
		{name: "list of dates", in: event("EXDATE;DATE:20260610,20260611"), want: event("EXDATE;VALUE=DATE:20260610,20260611"), found: 1},
		{name: "time", in: event("RECURRENCE-ID;TZID=Europe/Berlin;DATE-TIME:20260610T100000"), want: event("RECURRENCE-ID;TZID=Europe/Berlin;VALUE=DATE-TIME:20260610T100000"), found: 1},
		{name: "task", in: todo(event("DUE;DATE:20260610")), want: todo(event("DUE;VALUE=DATE:20260610")), found: 1},
		{name: "a date that is a time", in: event("DTSTART;DATE:20260610T100000Z")},
		{name: "answer is wanted", in: event("ATTENDEE;RSVP" + bob), want: event("ATTENDEE;RSVP=TRUE" + bob), found: 1},
		{name: "answer", in: event("ATTENDEE;ACCEPTED" + bob), want: event("ATTENDEE;PARTSTAT=ACCEPTED" + bob), found: 1},
		{name: "three", in: event("ATTENDEE;CN=Bob;ROOM;CHAIR;Declined" + bob), want: event("ATTENDEE;CN=Bob;CUTYPE=ROOM;ROLE=CHAIR;PARTSTAT=DECLINED" + bob), found: 1},
		{name: "two answers", in: event("ATTENDEE;ACCEPTED;DECLINED" + bob)},
		{name: "an answer beside another", in: event("ATTENDEE;PARTSTAT=DECLINED;ACCEPTED" + bob)},
		{name: "a word of nobody", in: event("ATTENDEE;ACCEPTED;PERHAPS" + bob)},
		{name: "alarm", in: event("BEGIN:VALARM", "TRIGGER;END:-PT5M", "END:VALARM"), want: event("BEGIN:VALARM", "TRIGGER;RELATED=END:-PT5M", "END:VALARM"), found: 1},
		{name: "alarm at a time", in: event("BEGIN:VALARM", "TRIGGER;DURATION:20260610T100000Z", "END:VALARM")},
		{name: "free time", in: event("FREEBUSY;BUSY:20260610T100000Z/PT1H"), want: event("FREEBUSY;FBTYPE=BUSY:20260610T100000Z/PT1H"), found: 1},
		{name: "relation", in: event("RELATED-TO;CHILD:1"), want: event("RELATED-TO;RELTYPE=CHILD:1"), found: 1},
		{name: "file", in: event("ATTACH;BASE64;BINARY:QUJD"), want: event("ATTACH;ENCODING=BASE64;VALUE=BINARY:QUJD"), found: 1},
		{name: "no file", in: event("ATTACH;BASE64:https://x.example/")},
		{name: "vCalendar", in: strings.Replace(event("DTSTART;DATE:20260610"), "VERSION:2.0", "VERSION:1.0", 1)},
		{name: "sound", in: event("DTSTART;VALUE=DATE:20260610", "ATTENDEE;RSVP=TRUE"+bob)},
	})
}
