package remedy

import (
	"strings"
	"testing"
)

func TestBeginEnd(t *testing.T) {
	spellingTable(t, "begin-end", []spellingRow{
		{name: "trailing blank", in: strings.Replace(event("UID:1"), "END:VEVENT", "END:VEVENT ", 1), want: event("UID:1"), found: 1},
		{name: "line of blanks behind", in: event("UID:1") + "  \r\n", want: event("UID:1"), found: 1},
		{name: "small letters", in: "begin:vcalendar\r\nbegin:vevent\r\nUID:1\r\nend:vevent\r\nend:vcalendar\r\n", want: "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", found: 4},
		{name: "parameter", in: "BEGIN;X=1:VCALENDAR\r\nEND:VCALENDAR\r\n", want: "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", found: 1},
		{name: "fold", in: "BEGIN:VCALENDAR\r\nEND:VCALEN\r\n DAR\r\n", want: "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", found: 1},
		{name: "no BEGIN without a fold", in: "BEG\r\n IN:VCALENDAR\r\nEND:VCALENDAR\r\n"},
		{name: "plain", in: event("UID:1")},
	})
}

func TestEndMissing(t *testing.T) {
	const head = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\n"
	table(t, "end-missing", []row{
		{name: "END:VCALENDAR", in: head + "END:VEVENT\r\n", want: head + "END:VEVENT\r\nEND:VCALENDAR\r\n", found: 1},
		{name: "END:VCALENDAR, no last line end", in: head + "END:VEVENT", want: head + "END:VEVENT\r\nEND:VCALENDAR\r\n", found: 1},
		{name: "END:VEVENT", in: head + "END:VCALENDAR\r\n", want: head + "END:VEVENT\r\nEND:VCALENDAR\r\n", found: 1},
		{
			name: "END:VEVENT before another one, and END:VCALENDAR", in: head + "BEGIN:VEVENT\r\nUID:2\r\nEND:VEVENT\r\n",
			want: head + "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", found: 2,
		},
		{name: "END:VALARM", in: head + "BEGIN:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", want: head + "BEGIN:VALARM\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", found: 1},
		{name: "cut off inside a meeting", in: head + "ATTENDEE:mailto:a@b.exa", found: 2, note: "cut off"},
		{name: "cut off behind the head", in: "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", found: 1, note: "cut off"},
		{name: "an END too many elsewhere", in: "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", found: 1, note: "another END"},
		{name: "all there", in: event("UID:1")},
	})
}

func TestTrailingJunk(t *testing.T) {
	clean := event("UID:1")
	spellingTable(t, "trailing-junk", []spellingRow{
		{name: "empty line", in: clean + "\r\n", want: clean, found: 1, before: "1 line after the last END"},
		{name: "EOF", in: clean + "EOF\r\n", want: clean, found: 1, before: "EOF"},
		{name: "empty lines", in: clean + "\r\n\r\n", want: clean, found: 1, before: "2 lines"},
		{name: "footer", in: clean + "\r\n-- \r\nThis message: secret\r\n", want: clean, found: 1, before: "3 lines after the last END: -- "},
		{name: "second END", in: clean + "END:VCALENDAR\r\n", want: clean, found: 1},
		{name: "empty line ahead", in: "\r\n" + clean, want: clean, found: 1, before: "1 line before the first BEGIN"},
		{name: "banner", in: "[EXTERNAL] Caution: from outside\r\n" + clean, want: clean, found: 1, before: "1 line before the first BEGIN: [EXTERNAL] Caution: from outside"},
		{name: "banner that looks like a property", in: "CAUTION: from outside\r\nHello; you\r\n" + clean, want: clean, found: 1},
		{name: "banner of three lines, with a blank in front and an empty line behind", in: "<div>\r\n  \xe4u\xdfere Mail\r\n</div>\r\n\r\n" + clean, want: clean, found: 1, before: "3 lines"},
		{name: "banner and footer", in: "Scanned by X.\r\n" + clean + "\r\nhttps://corp.example/legal\r\n", want: clean, found: 2},
		{name: "banner without a line end", in: "[EXTERNAL] " + clean, want: clean, found: 1, before: "text before BEGIN in its line: [EXTERNAL] "},
		{name: "banner of HTML without a line end, and a footer", in: "<p style=\"color: red\">\r\nfrom outside</p>" + clean + "--\r\n", want: clean, found: 3},
		{name: "byte order mark behind a banner", in: "from outside\r\n\ufeff" + clean, want: clean, found: 2},
		{name: "banner without a line end, of a calendar without an end", in: "[EXTERNAL] BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\n", found: 1},
		{name: "property with the beginning of a calendar", in: "X-OLD:" + clean, want: "X-OLD:" + strings.TrimSuffix(clean, "END:VCALENDAR\r\n"), found: 3},
		{name: "header of a part with the beginning of a calendar", in: "Content-Description: BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", want: "Content-Description: BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\n", found: 3},
		{name: "property ahead", in: "METHOD:REQUEST\r\n" + clean, found: 1},
		{name: "property ahead of a banner", in: "X-WR-CALNAME:a\r\nfrom outside\r\n" + clean, found: 1},
		{name: "known property ahead", in: "SUMMARY:a\r\n" + clean, found: 1},
		{name: "END ahead", in: "END:VCALENDAR\r\n" + clean, found: 1},
		{name: "header of a part ahead", in: "Content-Type: text/calendar\r\n\r\n" + clean, found: 1},
		{name: "PGP ahead", in: "from outside\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n" + clean, found: 1},
		{name: "banner before a bare component", in: "from outside\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\n", found: 1},
		{name: "two calendars", in: clean + clean},
		{name: "text between calendars is left alone", in: clean + "X\r\n" + clean},
		{name: "no calendar", in: "just text\r\n\r\n"},
	})
}

func TestBlankLines(t *testing.T) {
	doubled := strings.ReplaceAll(event("SUMMARY:a\r\n b"), "\r\n", "\r\n\r\n")
	spellingTable(t, "blank-lines", []spellingRow{
		{name: "empty line", in: event("UID:1", "", "SEQUENCE:0"), want: event("UID:1", "SEQUENCE:0"), found: 1, before: "1 line without text"},
		{name: "CR CR LF", in: strings.ReplaceAll(event("UID:1"), "\r\n", "\r\r\n"), want: event("UID:1"), found: 1, before: "8 lines with CR CR LF"},
		{name: "every line end doubled", in: doubled, want: event("SUMMARY:ab") + "\r\n", found: 1},
		{name: "behind the calendar", in: event("UID:1") + "\r\n"},
		{name: "none", in: event("UID:1")},
	})
}

func TestCtlChars(t *testing.T) {
	spellingTable(t, "ctl-chars", []spellingRow{
		{name: "C0, DEL and C1", in: event("SUMMARY:a\x01b\x7fc\u0080d"), want: event("SUMMARY:abcd"), found: 1},
		{name: "line break of Word", in: event("DESCRIPTION:a\x0bb\rc"), want: event(`DESCRIPTION:a\nb\nc`), found: 1},
		{name: "in a parameter", in: event("ATTENDEE;CN=a\x02b:mailto:a@b.example"), want: event("ATTENDEE;CN=ab:mailto:a@b.example"), found: 1},
		{name: "what may be a line end", in: event("SUMMARY:a\rLOCATION:b"), found: 1, before: "SUMMARY:a<CR>LOCATION:b"},
		{name: "what may be a line end, and others", in: event("SUMMARY:a\rLOCATION:b\x01"), want: event("SUMMARY:a\\nLOCATION:b"), found: 1},
		{name: "octets that are no characters stay", in: event("SUMMARY:\xff\x01"), want: event("SUMMARY:\xff"), found: 1},
		{name: "UID and TZID have their own remedies", in: event("UID:1\x01", "DTSTART;TZID=a\x01:20260302T140000")},
		{name: "tab", in: event("SUMMARY:a\tb")},
		{name: "none", in: event("SUMMARY:é")},
	})
}

func TestNonchar(t *testing.T) {
	spellingTable(t, "nonchar", []spellingRow{
		{name: "U+FFFF", in: event("SUMMARY:a\uffffb\ufddfc"), want: event("SUMMARY:abc"), found: 1},
		{name: "last plane", in: event("SUMMARY:a\U0010fffeb"), want: event("SUMMARY:ab"), found: 1},
		{name: "replacement character", in: event("SUMMARY:a\ufffdb")},
		{name: "control", in: event("SUMMARY:a\x01b")},
	})
}

func TestRawTab(t *testing.T) {
	spellingTable(t, "raw-tab", []spellingRow{
		{name: "text", in: event("DESCRIPTION:a\tb\t\tc"), want: event("DESCRIPTION:a b  c"), found: 1},
		{name: "start of a folded line", in: event("DESCRIPTION:a\r\n\tb")},
		{name: "zone", in: event("DTSTART;TZID=a\tb:20260302T140000")},
	})
}

func TestEscapeN(t *testing.T) {
	table(t, "escape-N", []row{
		{name: "large N", in: event(`DESCRIPTION:a\Nb\nc\N`), want: event(`DESCRIPTION:a\nb\nc\n`), found: 1},
		{name: "behind an escaped backslash", in: event(`DESCRIPTION:C:\\New`)},
		{name: "no text", in: event(`X-PATH:C:\New`)},
	})
}

func TestUnescapedComma(t *testing.T) {
	table(t, "unescaped-comma", []row{
		{name: "comma and semicolon", in: event("SUMMARY:A, B; C"), want: event(`SUMMARY:A\, B\; C`), found: 1},
		{name: "some escaped", in: event(`LOCATION:A\, B, C\\, D`), want: event(`LOCATION:A\, B\, C\\\, D`), found: 1},
		{name: "all escaped", in: event(`LOCATION:A\, B`)},
		{name: "a list", in: event("CATEGORIES:A,B")},
		{name: "vCalendar", in: "BEGIN:VCALENDAR\r\nVERSION:1.0\r\nBEGIN:VEVENT\r\nSUMMARY:A,B\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"},
		{name: "backslash at the end", in: event(`SUMMARY:A\`)},
	})
}

func TestEmptyProperty(t *testing.T) {
	table(t, "empty-property", []row{
		{name: "CLASS", in: event("CLASS:"), want: event("CLASS:PUBLIC"), found: 1},
		{name: "others", in: event("LOCATION:", "DESCRIPTION: ", "UID:1"), want: event("UID:1"), found: 2},
		{name: "what iTIP requires", in: event("SUMMARY:", "UID:", "DTSTART:", "ORGANIZER:")},
		{name: "unknown", in: event("X-A:")},
		{name: "cancellation", in: eventOf("CANCEL", "LOCATION:", "CLASS:"), want: eventOf("CANCEL", "LOCATION:", "CLASS:PUBLIC"), found: 1},
		{name: "reply", in: eventOf("REPLY", "LOCATION:")},
		{name: "text of an exception", in: event("RECURRENCE-ID:20260302T140000Z", "LOCATION:", "URL:"), want: event("RECURRENCE-ID:20260302T140000Z", "LOCATION:"), found: 1},
		{name: "alarm", in: event("BEGIN:VALARM", "DESCRIPTION:", "END:VALARM")},
		{name: "text without folds behind it", in: event("DESCRIPTION:", "Dear all", "LOCATION:"), want: event("DESCRIPTION:", "Dear all"), found: 1},
	})
}

func TestDuplicateProp(t *testing.T) {
	table(t, "duplicate-prop", []row{
		{name: "different texts", in: event("SUMMARY:a", "SUMMARY:b"), want: event("SUMMARY:a"), found: 1},
		{name: "different revisions", in: event("SEQUENCE:0", "SEQUENCE:3"), found: 1, note: "not certain"},
		{name: "confirmed and cancelled", in: event("STATUS:CONFIRMED", "STATUS:CANCELLED"), found: 1, note: "not certain"},
		{name: "public and private", in: event("CLASS:PUBLIC", "CLASS:PRIVATE"), found: 1, note: "not certain"},
		{name: "two descriptions", in: event("DESCRIPTION:a", "DESCRIPTION:b"), found: 1, note: "not certain"},
		{name: "the same word", in: event("STATUS:CONFIRMED", "STATUS: confirmed"), want: event("STATUS:CONFIRMED"), found: 1},
		{name: "the same in another language", in: event("DESCRIPTION:a", "DESCRIPTION;LANGUAGE=en:a"), want: event("DESCRIPTION:a"), found: 1},
		{name: "equal dates", in: event("DTSTART:20260302", "DTSTART:20260302"), want: event("DTSTART:20260302"), found: 1},
		{name: "different dates", in: event("DTSTART:20260302", "DTSTART:20260303"), found: 1, note: "not certain"},
		{name: "version", in: calendar("VERSION:2.0"), want: calendar(), found: 1},
		{name: "may repeat", in: event("COMMENT:a", "COMMENT:b", "ATTENDEE:mailto:a@b.example", "ATTENDEE:mailto:a@b.example")},
		{name: "journal", in: calendar("BEGIN:VJOURNAL", "DESCRIPTION:a", "DESCRIPTION:b", "END:VJOURNAL")},
	})
}

func TestMethodAfterComponents(t *testing.T) {
	const ev = "BEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT"
	table(t, "method-after-components", []row{
		{
			name: "all behind", in: crlf("BEGIN:VCALENDAR", ev, "VERSION:2.0", "X-A:1", "METHOD:REQUEST", "END:VCALENDAR"),
			want: crlf("BEGIN:VCALENDAR", "VERSION:2.0", "METHOD:REQUEST", ev, "X-A:1", "END:VCALENDAR"), found: 2,
		},
		{
			name: "between", in: calendar("BEGIN:VTIMEZONE", "END:VTIMEZONE", "METHOD:REQUEST", ev),
			want: calendar("METHOD:REQUEST", "BEGIN:VTIMEZONE", "END:VTIMEZONE", ev), found: 1,
		},
		{name: "in front", in: event("UID:1")},
		{name: "no components", in: calendar("METHOD:REQUEST")},
	})
}

func TestVersionMissing(t *testing.T) {
	table(t, "version-missing", []row{
		{name: "missing", in: crlf("BEGIN:VCALENDAR", "METHOD:REQUEST", "END:VCALENDAR"), want: crlf("BEGIN:VCALENDAR", "VERSION:2.0", "METHOD:REQUEST", "END:VCALENDAR"), found: 1},
		{name: "empty", in: crlf("BEGIN:VCALENDAR", "VERSION:", "END:VCALENDAR"), want: crlf("BEGIN:VCALENDAR", "VERSION:2.0", "END:VCALENDAR"), found: 1},
		{name: "vCalendar", in: crlf("BEGIN:VCALENDAR", "VERSION:1.0", "END:VCALENDAR"), found: 1, note: "vcalendar-1 translates"},
		{name: "signs of vCalendar", in: crlf("BEGIN:VCALENDAR", "BEGIN:VEVENT", "DALARM:20260302T140000", "END:VEVENT", "END:VCALENDAR"), found: 1, note: "signs of"},
		{name: "there", in: calendar()},
	})
}

func TestProdidMissing(t *testing.T) {
	table(t, "prodid-missing", []row{
		{name: "missing", in: crlf("BEGIN:VCALENDAR", "VERSION:2.0", "METHOD:REQUEST", "END:VCALENDAR"), want: crlf("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:"+ProdID, "METHOD:REQUEST", "END:VCALENDAR"), found: 1},
		{name: "nothing else", in: crlf("BEGIN:VCALENDAR", "END:VCALENDAR"), want: crlf("BEGIN:VCALENDAR", "PRODID:"+ProdID, "END:VCALENDAR"), found: 1},
		{name: "empty", in: crlf("BEGIN:VCALENDAR", "PRODID:", "END:VCALENDAR"), want: crlf("BEGIN:VCALENDAR", "PRODID:"+ProdID, "END:VCALENDAR"), found: 1},
		{name: "there", in: calendar()},
	})
}

func TestJunkLine(t *testing.T) {
	table(t, "junk-line", []row{
		{name: "text without folds", in: event("SUMMARY:a", "Dear team", "", "see you"), found: 1, note: "not certain"},
		{name: "behind the calendar", in: event("UID:1") + "junk\r\n"},
		{name: "empty line", in: event("UID:1", "")},
		{name: "none", in: event("UID:1")},
	})
}

func TestColonOnNextLine(t *testing.T) {
	const front = `ATTENDEE;ROLE=REQ-PARTICIPANT;CN="MHMN002"`
	table(t, "colon-on-next-line", []row{
		{name: "Exchange 2000", in: event(front, ":", "  MAILTO:mhmn@a.example"), want: event(front + ":MAILTO:mhmn@a.example"), found: 1},
		{name: "on one line", in: event("SUMMARY;LANGUAGE=en", ":a"), want: event("SUMMARY;LANGUAGE=en:a"), found: 1},
		{name: "twice", in: event(front, ":mailto:a@a.example", front, ":mailto:b@a.example"), want: event(front+":mailto:a@a.example", front+":mailto:b@a.example"), found: 2},
		{name: "times are left alone", in: event("DTSTART;TZID=X", ":20260302T090000")},
		{name: "an open quote", in: event(`ATTENDEE;CN="a`, ":mailto:a@a.example")},
		{name: "something between", in: event(front, "UID:1", ":mailto:a@a.example")},
		{name: "whole", in: event(front + ":mailto:a@a.example")},
	})
}

func TestTextLines(t *testing.T) {
	long := strings.Repeat("x", 74)
	table(t, "text-lines", []row{
		{
			name: "Exchange 2010", in: event("DESCRIPTION;LANGUAGE=en-GB:", "Dear Team,", "", "Join Meeting", "https://a.example/j?pwd=1", "Passcode: 1", "", "RRULE:FREQ=DAILY", "UID:1"),
			want: event(`DESCRIPTION;LANGUAGE=en-GB:Dear Team\,\n\nJoin Meeting\nhttps://a.example/j?pwd=1\nPasscode: 1`, "", "RRULE:FREQ=DAILY", "UID:1"), found: 1,
		},
		{name: "the first line is there", in: event("DESCRIPTION:a", "see you"), want: event(`DESCRIPTION:a\nsee you`), found: 1},
		{name: "escaped already", in: event("COMMENT:a", `b\, c`), want: event(`COMMENT:a\nb\, c`), found: 1},
		{name: "a word that is a property, written as a word", in: event("DESCRIPTION:a", "b c", "Location: here"), want: event(`DESCRIPTION:a\nb c\nLocation: here`), found: 1},
		{name: "it may be a fold that lost its blank", in: event("DESCRIPTION:a", long, "rest of it")},
		{name: "the property itself may be full", in: event("DESCRIPTION:"+long[:60], "rest of it")},
		{name: "two places", in: event("DESCRIPTION:a", "b c", "COMMENT:a", "d e"), want: event(`DESCRIPTION:a\nb c`, `COMMENT:a\nd e`), found: 2},
		{name: "behind another property", in: event("CONTACT:a", "b c")},
		{name: "a property that nobody knows", in: event("DESCRIPTION:a", "FOO:b")},
		{name: "empty lines only", in: event("DESCRIPTION:a", "", "UID:1")},
	})
}
