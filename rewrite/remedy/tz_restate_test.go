package remedy

import (
	"strings"
	"testing"
)

// tz returns the lines of a VTIMEZONE.
func tz(tzid string, observances ...[]string) []string {
	out := []string{"BEGIN:VTIMEZONE", "TZID:" + tzid}
	for _, o := range observances {
		out = append(out, o...)
	}
	return append(out, "END:VTIMEZONE")
}

// obs returns the lines of an observance.
func obs(kind, start, from, to string, more ...string) []string {
	out := append([]string{"BEGIN:" + kind, "DTSTART:" + start, "TZOFFSETFROM:" + from, "TZOFFSETTO:" + to}, more...)
	return append(out, "END:"+kind)
}

func TestTZRestated(t *testing.T) {
	use := func(name string, more ...string) []string {
		return append([]string{"DTSTART;TZID=" + name + ":20260302T100000", "DTEND;TZID=" + name + ":20260302T110000"}, more...)
	}
	const weekly = "RRULE:FREQ=WEEKLY;COUNT=20"
	good := func(name string) []string {
		return tz(name, obs("DAYLIGHT", "19960331T020000", "+0100", "+0200", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3"),
			obs("STANDARD", "19961027T030000", "+0200", "+0100", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"))
	}
	berlin := good("Europe/Berlin")
	std := func(more ...string) []string { return obs("STANDARD", "20251026T030000", "+0200", "+0100", more...) }
	dst := func(more ...string) []string { return obs("DAYLIGHT", "20260329T020000", "+0100", "+0200", more...) }
	const last, first = "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"
	dates := tz("Europe/Berlin", std("RDATE:20251026T030000,20261025T030000"), dst("RDATE:20260329T020000,20270328T020000"))
	history := tz("Europe/Berlin", obs("STANDARD", "19700101T000000", "+0100", "+0100"), obs("DAYLIGHT", "19810329T020000", "+0100", "+0200", first), obs("STANDARD", "19961027T030000", "+0200", "+0100", last))
	var century [][]string
	for range 40 {
		century = append(century, obs("STANDARD", "19700101T000000", "+0100", "+0100"))
	}
	century = append(century, std(last), obs("DAYLIGHT", "20250330T020000", "+0100", "+0200", first))
	morocco := [][]string{
		obs("DAYLIGHT", "20250406T020000", "+0000", "+0100"), obs("STANDARD", "20260215T030000", "+0100", "+0000"), obs("DAYLIGHT", "20260322T020000", "+0000", "+0100"),
		obs("STANDARD", "20270207T030000", "+0100", "+0000"), obs("DAYLIGHT", "20270314T020000", "+0000", "+0100"),
	}
	tests := map[string][]row{
		"tz-rrule-no-byday": {
			{name: "the month only, one date", in: zoned(tz("Europe/Berlin", std(last), dst("RRULE:FREQ=YEARLY;BYMONTH=3")), use("Europe/Berlin")...), want: zoned(berlin, use("Europe/Berlin")...), found: 1},
			{name: "a series that it matters to", in: zoned(tz("Europe/Berlin", std(last), dst("RRULE:FREQ=YEARLY;BYMONTH=3")), use("Europe/Berlin", "RRULE:FREQ=WEEKLY")...), found: 1, note: "different offsets"},
			{name: "good", in: zoned(berlin, use("Europe/Berlin")...)},
		},
		"tz-rdate-and-rrule": {
			{name: "both", in: zoned(tz("Europe/Berlin", std(last, "RDATE:20251026T030000"), dst(first)), use("Europe/Berlin", weekly)...), want: zoned(berlin, use("Europe/Berlin", weekly)...), found: 1},
			{name: "rules", in: zoned(berlin, use("Europe/Berlin", weekly)...)},
			{name: "not used", in: zoned(tz("Europe/Berlin", std(last, "RDATE:20251026T030000"), dst(first)), "DTSTART:20260302T100000Z")},
		},
		"tz-rdate-only": {
			{name: "dates", in: zoned(dates, use("Europe/Berlin", weekly)...), want: zoned(berlin, use("Europe/Berlin", weekly)...), found: 1},
			{name: "a series beyond the dates", in: zoned(dates, use("Europe/Berlin", "RRULE:FREQ=WEEKLY")...), found: 1, note: "different offsets"},
			{name: "no such zone", in: zoned(tz("Mine", obs("STANDARD", "20251026T030000", "+0230", "+0130", "RDATE:20251026T030000")), use("Mine")...), found: 1, note: "no IANA zone"},
		},
		"tz-many-observances": {
			{name: "history", in: zoned(history, use("Europe/Berlin", weekly)...), want: zoned(berlin, use("Europe/Berlin", weekly)...), found: 1},
			{name: "pair", in: zoned(berlin, use("Europe/Berlin")...)},
			{name: "through one Ramadan", in: zoned(tz("Africa/Casablanca", morocco...), "DTSTART;TZID=Africa/Casablanca:20260105T100000", "RRULE:FREQ=WEEKLY;COUNT=20"),
				want: zoned(tz("Africa/Casablanca", obs("STANDARD", "20250216T030000", "+0100", "+0000", "RRULE:FREQ=YEARLY;BYDAY=3SU;BYMONTH=2"), obs("DAYLIGHT", "20250323T020000", "+0000", "+0100", "RRULE:FREQ=YEARLY;BYDAY=4SU;BYMONTH=3")),
					"DTSTART;TZID=Africa/Casablanca:20260105T100000", "RRULE:FREQ=WEEKLY;COUNT=20"), found: 1},
			{name: "through two", in: zoned(tz("Africa/Casablanca", morocco...), "DTSTART;TZID=Africa/Casablanca:20260105T100000", "RRULE:FREQ=WEEKLY;COUNT=62"), found: 1, note: "one pair"},
			{name: "the law changes meanwhile", in: zoned(tz("America/New_York", obs("STANDARD", "20051030T020000", "-0400", "-0500", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10;UNTIL=20061029T060000Z"), obs("DAYLIGHT", "20050403T020000", "-0500", "-0400", "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=4;UNTIL=20060402T070000Z"), obs("DAYLIGHT", "20070311T020000", "-0500", "-0400", "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3"), obs("STANDARD", "20071104T020000", "-0400", "-0500", "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11")), "DTSTART;TZID=America/New_York:20060302T100000", "RRULE:FREQ=WEEKLY"), found: 1, note: "one pair"},
		},
		"tz-huge": {
			{name: "a century", in: zoned(tz("Europe/Berlin", century...), use("Europe/Berlin")...), want: zoned(berlin, use("Europe/Berlin")...), found: 1},
			{name: "short", in: zoned(history, use("Europe/Berlin")...)},
		},
		"tz-front-truncated": {
			{name: "begins after the meeting", in: zoned(tz("Europe/Berlin", std(last), dst(first)), use("Europe/Berlin")...), want: zoned(berlin, use("Europe/Berlin")...), found: 1},
			{name: "begins before", in: zoned(berlin, use("Europe/Berlin")...)},
		},
		"tz-israel-byday": {
			{name: "days of the month", in: zoned(tz("Europe/Berlin", std("RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=SU;BYMONTHDAY=25,26,27,28,29,30,31"), obs("DAYLIGHT", "20250330T020000", "+0100", "+0200", first)), use("Europe/Berlin")...), want: zoned(berlin, use("Europe/Berlin")...), found: 1},
			{name: "the last but one", in: zoned(tz("Mine", std("RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-2SU"), dst("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-2SU")), use("Mine", weekly)...), found: 1, note: "no IANA zone"},
			{name: "good", in: zoned(berlin, use("Europe/Berlin")...)},
		},
	}
	for id, rows := range tests {
		t.Run(id, func(t *testing.T) { table(t, id, rows) })
	}
}

func TestTZRules(t *testing.T) {
	use := func(name string, more ...string) []string {
		return append([]string{"DTSTART;TZID=" + name + ":20260302T100000"}, more...)
	}
	tokyo := obs("STANDARD", "19510908T020000", "+1000", "+0900")
	summer := obs("DAYLIGHT", "19500507T000000", "+0900", "+1000", "RRULE:FREQ=YEARLY;UNTIL=19510505T150000Z;BYMONTH=5;BYDAY=1SU")
	in1601 := func(lines []string) []string {
		return strings.Split(strings.NewReplacer("DTSTART:19960331", "DTSTART:16010101", "DTSTART:19961027", "DTSTART:16010101", "DTSTART:19700101", "DTSTART:16010101").Replace(strings.Join(lines, "\n")), "\n")
	}
	pair := tz("Europe/Berlin", obs("DAYLIGHT", "19960331T020000", "+0100", "+0200", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3"),
		obs("STANDARD", "19961027T030000", "+0200", "+0100", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"))
	alone := tz("Asia/Tokyo", obs("STANDARD", "19700101T000000", "+0900", "+0900"))
	fresh := tz("America/Chicago", obs("DAYLIGHT", "20070311T020000", "-0600", "-0500", "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3"),
		obs("STANDARD", "20071104T020000", "-0500", "-0600", "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"))
	const german, garbled = "Zeit in Köln", "MitteleuropÃ¤ische Zeit"
	tests := map[string][]row{
		"tz-expired-daylight": {
			{name: "Japan", in: zoned(tz("Asia/Tokyo", tokyo, summer), use("Asia/Tokyo")...), want: zoned(tz("Asia/Tokyo", tokyo), use("Asia/Tokyo")...), found: 1},
			{name: "a meeting of that time", in: zoned(tz("Asia/Tokyo", tokyo, summer), "DTSTART;TZID=Asia/Tokyo:19500601T100000")},
			{name: "in force", in: zoned(pair, use("Europe/Berlin")...)},
		},
		"tz-year-1601": {
			{name: "a pair", in: zoned(pair, use("Europe/Berlin")...), want: zoned(in1601(pair), use("Europe/Berlin")...), found: 2},
			{name: "no summer time", in: zoned(alone, use("Asia/Tokyo")...), want: zoned(in1601(alone), use("Asia/Tokyo")...), found: 1},
			{name: "a law that ends", in: zoned(tz("Asia/Tokyo", tokyo, summer), use("Asia/Tokyo")...)},
			{name: "before the law", in: zoned(pair, "DTSTART;TZID=Europe/Berlin:19950302T100000")},
		},
		"tz-mojibake": {
			{name: "German", in: zoned(vtimezone(german, "+0100", "+0200"), use(german)...), want: zoned(vtimezone("Europe/Berlin", "+0100", "+0200"), use("Europe/Berlin")...), found: 1},
			{name: "garbled", in: zoned(vtimezone(garbled, "+0100", "+0200"), use(garbled)...), want: zoned(vtimezone("Europe/Berlin", "+0100", "+0200"), use("Europe/Berlin")...), found: 1},
			{name: "no such zone", in: zoned(vtimezone("Größe", "+0130", "+0230"), use("Größe")...), found: 1, note: "no IANA zone"},
			{name: "ASCII", in: zoned(vtimezone("Mine", "+0100", "+0200"), use("Mine")...)},
		},
		"tz-stale-rules": {
			{name: "the law of before 2007", in: zoned(american("America/Chicago", true), use("America/Chicago", "RRULE:FREQ=WEEKLY")...), want: zoned(fresh, use("America/Chicago", "RRULE:FREQ=WEEKLY")...), found: 1},
			{name: "an exception", in: zoned(american("America/Chicago", true), use("America/Chicago", "RRULE:FREQ=WEEKLY", "END:VEVENT", "BEGIN:VEVENT", "RECURRENCE-ID;TZID=America/Chicago:20260316T100000", "DTSTART;TZID=America/Chicago:20260316T110000")...), want: zoned(fresh, use("America/Chicago", "RRULE:FREQ=WEEKLY", "END:VEVENT", "BEGIN:VEVENT", "RECURRENCE-ID;TZID=America/Chicago:20260316T100000", "DTSTART;TZID=America/Chicago:20260316T110000")...), found: 1},
			{name: "no difference in winter", in: zoned(american("America/Chicago", true), use("America/Chicago")...)},
			{name: "the zone of another territory", in: zoned(constant("West Asia Standard Time", "+0600"), "DTSTART;TZID=West Asia Standard Time:20220302T100000")},
			{name: "a name of one's own", in: zoned(american("Mine", true), use("Mine", "RRULE:FREQ=WEEKLY")...)},
		},
		"tz-param-quoted": {
			{name: "blank", in: zoned(vtimezone("A B", "+0100", "+0200"), use(`"A B"`, `EXDATE;TZID="A B":20260303T100000`)...), want: zoned(vtimezone("A B", "+0100", "+0200"), use("A B", "EXDATE;TZID=A B:20260303T100000")...), found: 1},
			{name: "comma", in: zoned(vtimezone(`A\, B`, "+0100", "+0200"), use(`"A, B"`)...)},
			{name: "not ASCII", in: zoned(vtimezone("Größe", "+0100", "+0200"), use(`"Größe"`)...)},
			{name: "plain", in: zoned(pair, use("Europe/Berlin")...)},
		},
		"tz-param-must-quote": {
			{name: "plain", in: zoned(pair, use("Europe/Berlin", "EXDATE;TZID=Europe/Berlin:20260303T100000")...), want: zoned(pair, use(`"Europe/Berlin"`, `EXDATE;TZID="Europe/Berlin":20260303T100000`)...), found: 1},
			{name: "quoted", in: zoned(pair, use(`"Europe/Berlin"`)...)},
		},
		"dt-floating": {
			{name: "one zone", in: zoned(pair, "DTSTART:20260302T100000", "DTEND:20260302T110000"), want: zoned(pair, "DTSTART;TZID=Europe/Berlin:20260302T100000", "DTEND;TZID=Europe/Berlin:20260302T110000"), found: 1},
			{name: "the calendar's zone", in: calendar("METHOD:REQUEST", "X-WR-TIMEZONE:Europe/Paris", "BEGIN:VEVENT", "DTSTART:20260302T100000", "END:VEVENT"), want: calendar("METHOD:REQUEST", "X-WR-TIMEZONE:Europe/Paris", "BEGIN:VEVENT", "DTSTART;TZID=Europe/Paris:20260302T100000", "END:VEVENT"), found: 1},
			{name: "two zones", in: zoned(append(append([]string{}, pair...), alone...), "DTSTART:20260302T100000"), found: 1, note: "does not name the zone"},
			{name: "nothing", in: event("DTSTART:20260302T100000"), found: 1, note: "does not name the zone"},
			{name: "a day", in: event("DTSTART;VALUE=DATE:20260302")},
			{name: "not for Exchange", in: zoned(pair, "DTSTART:20260302T100000"), with: with(forProfile(Google))},
		},
		"dt-tzid-property": {
			{name: "known", in: event("TZID:America/Halifax", "DTSTART:20260302T100000", "DTEND:20260302T110000"), want: event("DTSTART;TZID=America/Halifax:20260302T100000", "DTEND;TZID=America/Halifax:20260302T110000"), found: 1},
			{name: "unknown", in: event("TZID:Nowhere", "DTSTART:20260302T100000"), found: 1, note: "not known"},
			{name: "in UTC", in: event("TZID:America/Halifax", "DTSTART:20260302T100000Z")},
		},
	}
	for id, rows := range tests {
		t.Run(id, func(t *testing.T) { table(t, id, rows) })
	}
}
