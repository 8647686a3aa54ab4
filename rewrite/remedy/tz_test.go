package remedy

import (
	"strings"
	"testing"
)

// vtimezone returns the lines of a VTIMEZONE with the offsets and onsets of
// the European Union, shifted by the standard offset.
func vtimezone(tzid, std, dst string, more ...string) []string {
	out := append([]string{"BEGIN:VTIMEZONE", "TZID:" + tzid}, more...)
	return append(out,
		"BEGIN:STANDARD", "DTSTART:16010101T030000", "TZOFFSETFROM:"+dst, "TZOFFSETTO:"+std, "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10", "END:STANDARD",
		"BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:"+std, "TZOFFSETTO:"+dst, "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT",
		"END:VTIMEZONE")
}

// american returns the lines of a VTIMEZONE with the law of the United States
// since 2007, or of before.
func american(tzid string, old bool, more ...string) []string {
	std, dst := "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11", "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3"
	if old {
		std, dst = "RRULE:FREQ=YEARLY;WKST=MO;INTERVAL=1;BYMONTH=10;BYDAY=-1SU", "RRULE:FREQ=YEARLY;WKST=MO;INTERVAL=1;BYMONTH=4;BYDAY=1SU"
	}
	out := append([]string{"BEGIN:VTIMEZONE", "TZID:" + tzid}, more...)
	return append(out,
		"BEGIN:STANDARD", "DTSTART:16010101T020000", "TZOFFSETFROM:-0500", "TZOFFSETTO:-0600", std, "END:STANDARD",
		"BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:-0600", "TZOFFSETTO:-0500", dst, "END:DAYLIGHT",
		"END:VTIMEZONE")
}

// constant returns the lines of a VTIMEZONE with one offset for ever.
func constant(tzid, offset string) []string {
	return []string{"BEGIN:VTIMEZONE", "TZID:" + tzid,
		"BEGIN:STANDARD", "DTSTART:16010101T000000", "TZOFFSETFROM:" + offset, "TZOFFSETTO:" + offset, "END:STANDARD",
		"END:VTIMEZONE"}
}

// zoned returns a REQUEST with time zones and one event.
func zoned(zones []string, lines ...string) string {
	all := append([]string{"METHOD:REQUEST"}, zones...)
	all = append(append(all, "BEGIN:VEVENT", "UID:1"), lines...)
	return calendar(append(all, "END:VEVENT")...)
}

func TestTZRename(t *testing.T) {
	ten := func(param string) []string {
		return []string{"DTSTART;TZID=" + param + ":20260302T100000", "DTEND;TZID=" + param + ":20260302T110000"}
	}
	series := func(param string) []string { return append(ten(param), "RRULE:FREQ=WEEKLY;BYDAY=MO") }
	const cdo, pair = "(GMT-06.00) Central Time (US & Canada)", "GMT -0600 (Standard) / GMT -0500 (Daylight)"
	const we, wa = "W. Europe Standard Time", "West Asia Standard Time"
	in2022 := func(param string) []string {
		return []string{"DTSTART;TZID=" + param + ":20220302T100000", "DTEND;TZID=" + param + ":20220302T110000"}
	}
	const display = "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"
	tests := map[string][]row{
		"tz-windows-name": {
			{name: "declared", in: zoned(vtimezone(we, "+0100", "+0200"), series(we)...), want: zoned(vtimezone("Europe/Berlin", "+0100", "+0200"), series("Europe/Berlin")...), found: 1},
			{name: "quoted parameter", in: zoned(vtimezone(we, "+0100", "+0200"), ten(`"`+we+`"`)...), want: zoned(vtimezone("Europe/Berlin", "+0100", "+0200"), ten("Europe/Berlin")...), found: 1},
			{name: "not declared", in: zoned(nil, ten(we)...), want: zoned(nil, ten("Europe/Berlin")...), found: 1},
			{name: "rules of another zone", in: zoned(vtimezone(we, "+0200", "+0300"), ten(we)...), found: 1, note: "Europe/Berlin have different offsets"},
			{name: "differs only in summer: a winter date is the same", in: zoned(american("Central Standard Time", true), ten("Central Standard Time")...), want: zoned(american("America/Chicago", true), ten("America/Chicago")...), found: 1},
			{name: "differs only in summer: a series is not", in: zoned(american("Central Standard Time", true), series("Central Standard Time")...), found: 1, note: "different offsets"},
			{name: "a series that ends in time", in: zoned(american("Central Standard Time", true), append(ten("Central Standard Time"), "RRULE:FREQ=DAILY;COUNT=3")...), want: zoned(american("America/Chicago", true), append(ten("America/Chicago"), "RRULE:FREQ=DAILY;COUNT=3")...), found: 1},
			{name: "the zone of another territory", in: zoned(constant(wa, "+0600"), in2022(wa)...), want: zoned(constant("Asia/Almaty", "+0600"), in2022("Asia/Almaty")...), found: 1},
			{name: "the zone of another territory, not in that year", in: zoned(constant(wa, "+0600"), ten(wa)...), found: 1, note: "Asia/Tashkent have different offsets"},
			{name: "the zone of another territory, not in all years", in: zoned(constant(wa, "+0600"), append(in2022(wa), "RRULE:FREQ=WEEKLY;UNTIL=20240401T000000Z")...), found: 1, note: "Asia/Tashkent have different offsets"},
			{name: "the zone of no territory", in: zoned(constant(wa, "+0700"), in2022(wa)...), found: 1, note: "Asia/Tashkent have different offsets"},
			{name: "not used", in: zoned(vtimezone(we, "+0100", "+0200"), "DTSTART:20260302T100000")},
			{name: "a series until before the difference", in: zoned(american("Central Standard Time", true), append(ten("Central Standard Time"), "RRULE:FREQ=DAILY;UNTIL=20260304T160000Z")...), want: zoned(american("America/Chicago", true), append(ten("America/Chicago"), "RRULE:FREQ=DAILY;UNTIL=20260304T160000Z")...), found: 1},
			{name: "a series until after it", in: zoned(american("Central Standard Time", true), append(ten("Central Standard Time"), "RRULE:FREQ=DAILY;UNTIL=20260320T150000Z")...), found: 1, note: "different offsets"},
			{name: "good already", in: zoned(vtimezone("Europe/Berlin", "+0100", "+0200"), ten("Europe/Berlin")...)},
			{name: "the name is taken by other rules", in: zoned(append(vtimezone(we, "+0100", "+0200"), vtimezone("Europe/Berlin", "+0000", "+0100")...), ten(we)...), found: 1, note: "another VTIMEZONE"},
			{name: "cannot be evaluated", in: zoned([]string{"BEGIN:VTIMEZONE", "TZID:" + we, "END:VTIMEZONE"}, ten(we)...), found: 1, note: "cannot be evaluated"},
		},
		"tz-cdo-name": {
			{name: "with number", in: zoned(american(cdo, false, "X-MICROSOFT-CDO-TZID:11"), series(`"`+cdo+`"`)...), want: zoned(american("America/Chicago", false, "X-MICROSOFT-CDO-TZID:11"), series("America/Chicago")...), found: 1},
			{name: "rules of 2003 and a series", in: zoned(american(cdo, true), series(`"`+cdo+`"`)...), found: 1, note: "different offsets"},
			{name: "unknown cities, known number", in: zoned(vtimezone("(GMT+01.00) A/B", "+0100", "+0200", "X-MICROSOFT-CDO-TZID:4"), ten(`"(GMT+01.00) A/B"`)...), want: zoned(vtimezone("Europe/Berlin", "+0100", "+0200", "X-MICROSOFT-CDO-TZID:4"), ten("Europe/Berlin")...), found: 1},
		},
		"tz-utc-display": {
			{name: "escaped commas", in: zoned(vtimezone(strings.ReplaceAll(display, ",", `\,`), "+0100", "+0200"), ten(`"`+display+`"`)...), want: zoned(vtimezone("Europe/Berlin", "+0100", "+0200"), ten("Europe/Berlin")...), found: 1},
			{name: "in French: by the rules", in: zoned(vtimezone(`(GMT+01:00) Bruxelles\, Copenhague`, "+0100", "+0200"), ten(`"(GMT+01:00) Bruxelles, Copenhague"`)...), want: zoned(vtimezone("Europe/Berlin", "+0100", "+0200"), ten("Europe/Berlin")...), found: 1},
			{name: "in French, not declared", in: zoned(nil, ten(`"(GMT+01:00) Bruxelles, Copenhague"`)...), found: 1, note: "not known"},
		},
		"tz-offset-pair": {
			{name: "by the rules", in: zoned(american(pair, false), series(`"`+pair+`"`)...), want: zoned(american("America/Chicago", false), series("America/Chicago")...), found: 1},
			{name: "rules of 2003 for ever", in: zoned(american(pair, true), series(`"`+pair+`"`)...), found: 1, note: "no IANA zone"},
			{name: "not declared", in: zoned(nil, ten(pair)...), found: 1, note: "not known"},
		},
		"tz-customized": {
			{name: "no such zone", in: zoned(vtimezone("Customized Time Zone", "+0130", "+0230"), ten("Customized Time Zone")...), found: 1, note: "no IANA zone"},
			{name: "Berlin", in: zoned(vtimezone("tzone://Microsoft/Custom", "+0100", "+0200"), ten(`"tzone://Microsoft/Custom"`)...), want: zoned(vtimezone("Europe/Berlin", "+0100", "+0200"), ten("Europe/Berlin")...), found: 1},
			{name: "utc", in: zoned(nil, ten(`"tzone://Microsoft/Utc"`)...), want: zoned(nil, ten("Etc/UTC")...), found: 1},
		},
		"tz-windows-number": {
			{name: "declared", in: zoned(vtimezone(we+" 1", "+0100", "+0200"), series(we+" 1")...), want: zoned(vtimezone("Europe/Berlin", "+0100", "+0200"), series("Europe/Berlin")...), found: 1},
			{name: "not declared", in: zoned(nil, ten(we+" 2")...), want: zoned(nil, ten("Europe/Berlin")...), found: 1},
			{name: "the zone of another territory", in: zoned(constant(wa+" 1", "+0600"), in2022(wa+" 1")...), want: zoned(constant("Asia/Almaty", "+0600"), in2022("Asia/Almaty")...), found: 1},
			{name: "rules of another zone", in: zoned(american(we+" 1", false), ten(we+" 1")...), found: 1, note: "Europe/Berlin have different offsets"},
			{name: "beside the zone without a number", in: zoned(append(vtimezone(we, "+0100", "+0200"), vtimezone(we+" 1", "+0100", "+0200")...), ten(we+" 1")...), want: zoned(append(vtimezone(we, "+0100", "+0200"), vtimezone("Europe/Berlin", "+0100", "+0200")...), ten("Europe/Berlin")...), found: 1},
			{name: "beside its IANA name with other rules", in: zoned(append(american("Europe/Berlin", false), vtimezone(we+" 1", "+0100", "+0200")...), ten(we+" 1")...), found: 1, note: "another VTIMEZONE"},
			{name: "a number of its own", in: zoned(nil, ten("Mexico Standard Time 2")...)},
			{name: "no zone", in: zoned(vtimezone("Room 1", "+0100", "+0200"), ten("Room 1")...)},
		},
		"tz-prefix": {
			{name: "declared", in: zoned(vtimezone("/mozilla.org/20070129_1/Europe/Berlin", "+0100", "+0200"), series("/mozilla.org/20070129_1/Europe/Berlin")...), want: zoned(vtimezone("Europe/Berlin", "+0100", "+0200"), series("Europe/Berlin")...), found: 1},
			{name: "not declared", in: zoned(nil, ten("/freeassociation.sourceforge.net/Tzfile/Europe/Berlin")...), want: zoned(nil, ten("Europe/Berlin")...), found: 1},
			{name: "an address", in: zoned(nil, ten(`"http://tzurl.org/zoneinfo/Europe/Berlin"`)...), want: zoned(nil, ten("Europe/Berlin")...), found: 1},
			{name: "an old name", in: zoned(nil, ten("/citadel.org/20260108_1/Asia/Calcutta")...), want: zoned(nil, ten("Asia/Kolkata")...), found: 1},
			{name: "old rules", in: zoned(american("/softwarestudio.org/Olson_20011030_5/America/Chicago", true), series("/softwarestudio.org/Olson_20011030_5/America/Chicago")...), found: 1, note: "different offsets"},
			{name: "no IANA name at the end", in: zoned(vtimezone("/vendor.example/Town", "+0100", "+0200"), ten("/vendor.example/Town")...)},
		},
		"tz-offset-name": {
			{name: "not declared", in: zoned(nil, series(`"+02:00"`)...), want: zoned(nil, series("Etc/GMT-2")...), found: 1},
			{name: "with UTC", in: zoned(nil, ten("UTC+2")...), want: zoned(nil, ten("Etc/GMT-2")...), found: 1},
			{name: "west", in: zoned(nil, ten("GMT-0500")...), want: zoned(nil, ten("Etc/GMT+5")...), found: 1},
			{name: "in brackets", in: zoned(nil, ten(`"(UTC+02:00)"`)...), want: zoned(nil, ten("Etc/GMT-2")...), found: 1},
			{name: "a part of an hour", in: zoned(nil, ten(`"UTC+05:30"`)...)},
			{name: "a part of an hour, declared", in: zoned(constant("+05:30", "+0530"), ten(`"+05:30"`)...)},
			{name: "declared", in: zoned(constant("+02:00", "+0200"), ten(`"+02:00"`)...), want: zoned(constant("Etc/GMT-2", "+0200"), ten("Etc/GMT-2")...), found: 1},
			{name: "with the rules of a place", in: zoned(vtimezone("UTC+1", "+0100", "+0200"), ten("UTC+1")...), want: zoned(vtimezone("Europe/Berlin", "+0100", "+0200"), ten("Europe/Berlin")...), found: 1},
			{name: "declared as another offset", in: zoned(constant("UTC+2", "+0300"), ten("UTC+2")...), want: zoned(constant("Etc/GMT-3", "+0300"), ten("Etc/GMT-3")...), found: 1},
			{name: "declared as rules of nobody", in: zoned(vtimezone("UTC+2", "+0130", "+0230"), ten("UTC+2")...), found: 1, note: "different offsets"},
			{name: "more than an offset", in: zoned(nil, ten(`"(UTC+02:00) Somewhere"`)...)},
		},
		"tz-lotus-short": {
			{name: "W. Europe", in: zoned(vtimezone("W. Europe", "+0100", "+0200"), ten(`"W. Europe"`)...), want: zoned(vtimezone("Europe/Berlin", "+0100", "+0200"), ten("Europe/Berlin")...), found: 1},
			{name: "a name of one's own", in: zoned(vtimezone("Mine", "+0100", "+0200"), ten("Mine")...)},
		},
		"tz-control-char": {
			{name: "by the rules", in: zoned(vtimezone("\x15", "+0100", "+0200"), ten("\x15")...), want: zoned(vtimezone("Europe/Berlin", "+0100", "+0200"), ten("Europe/Berlin")...), found: 1},
			{name: "no such zone", in: zoned(vtimezone("\x15", "+0130", "+0230"), ten("\x15")...), want: zoned(vtimezone(nameless, "+0130", "+0230"), ten(nameless)...), found: 1},
		},
		"tz-nul-padding": {
			{name: "both", in: zoned(vtimezone("Europe/Brussels\x00\x00", "+0100", "+0200"), ten("Europe/Brussels\x00\x00")...), want: zoned(vtimezone("Europe/Brussels", "+0100", "+0200"), ten("Europe/Brussels")...), found: 3},
			{name: "clean", in: zoned(vtimezone("Europe/Brussels", "+0100", "+0200"), ten("Europe/Brussels")...)},
		},
		"tz-newline": {
			{name: "both", in: zoned(vtimezone(pair+`\n`, "+0100", "+0200"), ten(pair+`\n`)...), want: zoned(vtimezone(pair, "+0100", "+0200"), ten(pair)...), found: 3},
			{name: "single quotes", in: zoned(vtimezone("'Europe/Berlin'", "+0100", "+0200"), ten("'Europe/Berlin'")...), want: zoned(vtimezone("Europe/Berlin", "+0100", "+0200"), ten("Europe/Berlin")...), found: 3},
			{name: "single quotes in the times only", in: zoned(vtimezone("Europe/Berlin", "+0100", "+0200"), ten("'Europe/Berlin'")...), want: zoned(vtimezone("Europe/Berlin", "+0100", "+0200"), ten("Europe/Berlin")...), found: 2},
			{name: "an apostrophe", in: zoned(vtimezone("Cote d'Ivoire", "+0100", "+0200"), ten("Cote d'Ivoire")...)},
		},
	}
	for id, rows := range tests {
		t.Run(id, func(t *testing.T) { table(t, id, rows) })
	}
	t.Run("tz-lotus-gmt", func(t *testing.T) {
		london := func(name, param string) string {
			return strings.Replace(zoned(strings.Split(strings.NewReplacer("T030000", "T020000", "T020000", "T010000").Replace(strings.Join(vtimezone(name, "+0000", "+0100"), "\n")), "\n"), ten(param)...), "//Test//Test//EN", "//Lotus Development Corporation//NONSGML Notes 8.5//EN", 1)
		}
		table(t, "tz-lotus-gmt", []row{
			{name: "with summer time", in: london("GMT", `"GMT"`), want: london("Europe/London", "Europe/London"), found: 1},
			{name: "utc", in: zoned([]string{"BEGIN:VTIMEZONE", "TZID:GMT", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0000", "TZOFFSETTO:+0000", "END:STANDARD", "END:VTIMEZONE"}, ten("GMT")...)},
		})
	})
	t.Run("microsoft keeps its names", func(t *testing.T) {
		for _, id := range []string{"tz-windows-name", "tz-cdo-name", "tz-utc-display", "tz-offset-pair", "tz-customized"} {
			for _, p := range []Profile{Exchange2003, Exchange2007, Exchange} {
				if Find(id).Includes(p) {
					t.Errorf("%s is applied for %s", id, p)
				}
			}
		}
	})
}

func TestTZDeclaration(t *testing.T) {
	use := func(tzid string) []string { return []string{"DTSTART;TZID=" + tzid + ":20260302T100000"} }
	paris := []string{"BEGIN:VTIMEZONE", "TZID:Europe/Paris",
		"BEGIN:DAYLIGHT", "DTSTART:19960331T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT",
		"BEGIN:STANDARD", "DTSTART:19961027T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "END:STANDARD",
		"END:VTIMEZONE"}
	rename := func(lines []string, name string) []string {
		return strings.Split(strings.Replace(strings.Join(lines, "\n"), "Europe/Paris", name, 1), "\n")
	}
	tokyo := []string{"BEGIN:VTIMEZONE", "TZID:Tokyo Standard Time"}
	std := []string{"BEGIN:STANDARD", "DTSTART:16010101T000000", "TZOFFSETFROM:+0900", "TZOFFSETTO:+0900", "END:STANDARD"}
	dst := []string{"BEGIN:DAYLIGHT", "DTSTART:16010101T000000", "TZOFFSETFROM:+0900", "TZOFFSETTO:+0900", "END:DAYLIGHT"}
	zoneOf := func(parts ...[]string) []string {
		var out []string
		for _, p := range parts {
			out = append(out, p...)
		}
		return append(out, "END:VTIMEZONE")
	}
	method := func(in, m string) string { return strings.Replace(in, "METHOD:REQUEST", "METHOD:"+m, 1) }
	observance := func(kind, start, from, to, rule string) []string {
		return []string{"BEGIN:" + kind, "DTSTART:" + start, "TZOFFSETFROM:" + from, "TZOFFSETTO:" + to, "RRULE:FREQ=YEARLY;" + rule, "END:" + kind}
	}
	sinceSeptember1997 := []string{"DTSTART;TZID=America/New_York:19970929T090000", "RRULE:FREQ=MONTHLY"}
	newYork := zoneOf([]string{"BEGIN:VTIMEZONE", "TZID:America/New_York"},
		observance("DAYLIGHT", "19960407T020000", "-0500", "-0400", "BYDAY=1SU;BYMONTH=4;UNTIL=20060402T070000Z"),
		observance("STANDARD", "19961027T020000", "-0400", "-0500", "BYDAY=-1SU;BYMONTH=10;UNTIL=20061029T060000Z"),
		observance("DAYLIGHT", "20070311T020000", "-0500", "-0400", "BYDAY=2SU;BYMONTH=3"),
		observance("STANDARD", "20071104T020000", "-0400", "-0500", "BYDAY=1SU;BYMONTH=11"))
	untilSpring2006 := []string{"DTSTART;TZID=America/New_York:20050929T090000", "RRULE:FREQ=WEEKLY;COUNT=20"}
	newYorkOnce := zoneOf([]string{"BEGIN:VTIMEZONE", "TZID:America/New_York"},
		observance("STANDARD", "19861026T020000", "-0400", "-0500", "BYDAY=-1SU;BYMONTH=10"),
		observance("DAYLIGHT", "19870405T020000", "-0500", "-0400", "BYDAY=1SU;BYMONTH=4"))
	published := func(s string) string { return strings.Replace(s, "METHOD:REQUEST\r\n", "", 1) }
	tests := map[string][]row{
		"tz-undeclared": {
			{name: "iana", in: zoned(nil, use("Europe/Paris")...), want: zoned(paris, use("Europe/Paris")...), found: 1},
			{name: "windows", in: zoned(nil, use("Romance Standard Time")...), want: zoned(rename(paris, "Romance Standard Time"), use("Romance Standard Time")...), found: 1},
			{name: "beside another", in: zoned(zoneOf(tokyo, std), use("Europe/Paris")...), want: zoned(append(zoneOf(tokyo, std), paris...), use("Europe/Paris")...), found: 1},
			{name: "unknown", in: zoned(nil, use("Nowhere")...), found: 1, note: "not known"},
			{name: "declared", in: zoned(paris, use("Europe/Paris")...)},
			{name: "only a date", in: zoned(nil, "DTSTART;TZID=Europe/Paris;VALUE=DATE:20260302")},
			{name: "a cancellation", in: method(zoned(nil, use("Europe/Paris")...), "CANCEL")},
			{name: "ends before it starts", in: zoned(nil, "DTSTART;TZID=Europe/Paris:20260302T100000", "DTEND;TZID=Europe/Paris:20260301T100000"), found: 1, note: "ends before"},
			{name: "an invitation over a change of the law", in: zoned(nil, sinceSeptember1997...), want: zoned(newYork, sinceSeptember1997...), found: 1},
			{name: "published over a change of the law", in: published(zoned(nil, sinceSeptember1997...)), found: 1, note: "rules of the zone change"},
			{name: "published under one law", in: published(zoned(nil, untilSpring2006...)), want: published(zoned(newYorkOnce, untilSpring2006...)), found: 1},
			{name: "another zone has the long series", in: published(zoned(paris, append(use("Europe/Paris"), "RRULE:FREQ=YEARLY", "EXDATE;TZID=America/New_York:20050302T100000")...)),
				want: published(zoned(append(paris, newYorkOnce...), append(use("Europe/Paris"), "RRULE:FREQ=YEARLY", "EXDATE;TZID=America/New_York:20050302T100000")...)), found: 1},
		},
		"cancel-no-vtimezone": {
			{name: "iana", in: method(zoned(nil, use("Europe/Paris")...), "CANCEL"), want: method(zoned(paris, use("Europe/Paris")...), "CANCEL"), found: 1},
			{name: "a request", in: zoned(nil, use("Europe/Paris")...)},
		},
		"reply-no-vtimezone": {
			{name: "iana", in: method(zoned(nil, use("Europe/Paris")...), "REPLY"), want: method(zoned(paris, use("Europe/Paris")...), "REPLY"), found: 1},
		},
		"tz-duplicate": {
			{name: "twice", in: zoned(append(vtimezone("Europe/Paris", "+0100", "+0200"), paris...), use("Europe/Paris")...), want: zoned(vtimezone("Europe/Paris", "+0100", "+0200"), use("Europe/Paris")...), found: 1},
			{name: "other rules", in: zoned(append(vtimezone("Europe/Paris", "+0200", "+0300"), paris...), use("Europe/Paris")...), found: 1, note: "different rules"},
		},
		"tz-identical-pair": {
			{name: "tokyo", in: zoned(zoneOf(tokyo, std, dst), use("Tokyo Standard Time")...), want: zoned(zoneOf(tokyo, std), use("Tokyo Standard Time")...), found: 1},
			{name: "paris", in: zoned(paris, use("Europe/Paris")...)},
		},
		"tz-offsetfrom-missing": {
			{name: "added", in: zoned(zoneOf(tokyo, []string{"BEGIN:STANDARD", "DTSTART:16010101T000000", "TZOFFSETTO:+0900", "END:STANDARD"})), want: zoned(zoneOf(tokyo, []string{"BEGIN:STANDARD", "DTSTART:16010101T000000", "TZOFFSETTO:+0900", "TZOFFSETFROM:+0900", "END:STANDARD"})), found: 1},
			{name: "there", in: zoned(paris)},
		},
		"tz-offsetto-missing": {
			{name: "rebuilt", in: zoned([]string{"BEGIN:VTIMEZONE", "TZID:Europe/Paris", "BEGIN:STANDARD", "DTSTART:16010101T000000", "END:STANDARD", "END:VTIMEZONE"}, use("Europe/Paris")...), want: zoned(paris, use("Europe/Paris")...), found: 1},
			{name: "unknown", in: zoned([]string{"BEGIN:VTIMEZONE", "TZID:Mine", "BEGIN:STANDARD", "DTSTART:16010101T000000", "END:STANDARD", "END:VTIMEZONE"}, use("Mine")...), found: 1, note: "not known"},
		},
		"dt-zulu-and-tzid": {
			{name: "start", in: zoned(paris, "DTSTART;TZID=Europe/Paris:20260302T090000Z"), want: zoned(paris, "DTSTART:20260302T090000Z"), found: 1},
			{name: "a list of both", in: zoned(paris, "EXDATE;TZID=Europe/Paris:20260302T090000Z,20260303T100000")},
		},
		"tz-xprop-tzid": {
			{name: "bogus", in: zoned(nil, "X-FOO;TZID=Bogus:1"), want: zoned(nil, "X-FOO:1"), found: 1},
			{name: "known", in: zoned(nil, "X-FOO;TZID=Europe/Paris:1")},
		},
		"tz-param-colon": {
			{name: "google", in: zoned(nil, "DTSTART;TZID=GMT+05:30:20260302T100000"), want: zoned(nil, `DTSTART;TZID="GMT+05:30":20260302T100000`), found: 1},
			{name: "commas", in: zoned(nil, "DTSTART;TZID=Canberra, Melbourne, Sydney:20260302T100000"), want: zoned(nil, `DTSTART;TZID="Canberra, Melbourne, Sydney":20260302T100000`), found: 1},
			{name: "all of them", in: zoned(nil, "EXDATE;TZID=(UTC-08:00) Pacific Time (US & Canada); Tijuana:20260302T100000,20260303T100000"), want: zoned(nil, `EXDATE;TZID="(UTC-08:00) Pacific Time (US & Canada); Tijuana":20260302T100000,20260303T100000`), found: 1},
			{name: "quotes around the value too", in: zoned(paris, `DTSTART;TZID="Europe/Paris:20260302T100000"`), want: zoned(paris, "DTSTART;TZID=Europe/Paris:20260302T100000"), found: 1},
			{name: "quotes around values too", in: zoned(paris, `EXDATE;TZID="Europe/Paris:20260302T100000,20260303T100000"`), want: zoned(paris, "EXDATE;TZID=Europe/Paris:20260302T100000,20260303T100000"), found: 1},
			{name: "quotes around a parameter too", in: zoned(paris, `DTSTART;TZID="Europe/Paris;VALUE=DATE-TIME:20260302T100000"`)},
			{name: "quotes around no date", in: zoned(paris, `DTSTART;TZID="Europe/Paris:next week"`)},
			{name: "a quote behind the value alone", in: zoned(paris, `DTSTART;TZID=Europe/Paris:20260302T100000"`)},
			{name: "a parameter behind it", in: zoned(nil, "DTSTART;TZID=a,b;VALUE=DATE-TIME:20260302T100000")},
			{name: "good", in: zoned(nil, use("Europe/Paris")...)},
			{name: "no date at all", in: zoned(nil, "DTSTART;TZID=a:b:c")},
		},
		"tz-escape-mismatch": {
			{name: "a pair that agrees", in: zoned(vtimezone(`(UTC+03:00) Moscow\, St. Petersburg`, "+0300", "+0400"), use(`"(UTC+03:00) Moscow, St. Petersburg"`)...)},
			{name: "a pair with a semicolon that agrees", in: zoned(vtimezone(`A\; B`, "+0300", "+0400"), use(`"A; B"`)...)},
			{name: "no comma escaped", in: zoned(vtimezone(`A, B`, "+0300", "+0400"), use(`"A, B"`)...)},
			{name: "both escaped", in: zoned(vtimezone(`A\, B`, "+0300", "+0400"), use(`"A\, B"`)...)},
			{name: "escaped in the parameter only", in: zoned(vtimezone(`A, B`, "+0300", "+0400"), use(`"A\, B"`)...), want: zoned(vtimezone(`A B`, "+0300", "+0400"), use(`A B`)...), found: 1},
			{name: "blanks", in: zoned(vtimezone(`A\,  B`, "+0300", "+0400"), use(`"A, B"`)...), want: zoned(vtimezone(`A B`, "+0300", "+0400"), use(`A B`)...), found: 1},
			{name: "the name is taken", in: zoned(append(vtimezone(`A, B`, "+0300", "+0400"), vtimezone(`A B`, "+0100", "+0200")...), use(`"A\, B"`)...), found: 1, note: "another zone"},
			{name: "alike", in: zoned(paris, use("Europe/Paris")...)},
			{name: "quotes are no difference", in: zoned(paris, use(`"Europe/Paris"`)...)},
		},
	}
	for id, rows := range tests {
		t.Run(id, func(t *testing.T) { table(t, id, rows) })
	}
}
