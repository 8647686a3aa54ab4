package remedy

import (
	"strings"
	"testing"
)

const october, march = "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3"

func observance(kind, start, from, to string, rule ...string) []string {
	out := append([]string{"BEGIN:" + kind, "DTSTART:" + start, "TZOFFSETFROM:" + from, "TZOFFSETTO:" + to}, rule...)
	return append(out, "END:"+kind)
}

// declare returns the lines of a VTIMEZONE with some observances.
func declare(tzid string, observances ...[]string) []string {
	out := []string{"BEGIN:VTIMEZONE", "TZID:" + tzid}
	for _, o := range observances {
		out = append(out, o...)
	}
	return append(out, "END:VTIMEZONE")
}

// TestFlaws tries VTIMEZONEs under well-known names. What is repaired must have
// the rules of the zone, in which a meeting in June is an hour ahead of one in
// January.
func TestFlaws(t *testing.T) {
	const berlin = "Europe/Berlin"
	std, dst := "19701025T030000", "19700329T020000"
	june := []string{"DTSTART;TZID=@:20260610T100000", "DTEND;TZID=@:20260610T110000", "RRULE:FREQ=WEEKLY;COUNT=40"}
	winter := []string{"DTSTART;TZID=@:20260110T100000", "DTEND;TZID=@:20260110T110000"}
	sound := func(tzid string) []string {
		return declare(tzid, observance("DAYLIGHT", "19960331T020000", "+0100", "+0200", march), observance("STANDARD", "19961027T030000", "+0200", "+0100", october))
	}
	for _, tt := range []struct {
		name  string
		zone  []string // with the name @
		lines []string
		as    string // the ID of what must repair it, "" for none
	}{
		{name: "sound", zone: sound("@"), lines: june},
		{name: "nothing in it", zone: declare("@"), lines: june, as: "tz-empty"},
		{name: "unreadable", zone: declare("@", observance("STANDARD", "soon", "+0100", "+0100")), lines: june, as: "tz-empty"},
		{name: "a rule that nobody can read", zone: declare("@", observance("STANDARD", std, "+0200", "+0100", october), observance("DAYLIGHT", dst, "+0100", "+0200", "RRULE:FREQ=YEARLY;BYDAY=0SU;BYMONTH=3")), lines: june, as: "tz-empty"},
		{name: "no daylight", zone: declare("@", observance("STANDARD", std, "+0200", "+0100", october)), lines: june, as: "tz-half"},
		{name: "no daylight, in winter", zone: declare("@", observance("STANDARD", std, "+0200", "+0100", october)), lines: winter},
		{name: "no daylight, without its offset", zone: declare("@", observance("STANDARD", std, "+0100", "+0100", october)), lines: june, as: "tz-half"},
		{name: "no daylight, no rule", zone: declare("@", observance("STANDARD", std, "+0200", "+0100")), lines: june, as: "tz-half"},
		{name: "the end of summer time", zone: declare("@", observance("STANDARD", "20251026T030000", "+0200", "+0100")), lines: june},
		{name: "no standard", zone: declare("@", observance("DAYLIGHT", dst, "+0100", "+0200", march)), lines: june, as: "tz-half"},
		{name: "one offset", zone: constant("@", "+0100"), lines: june},
		{name: "offsets exchanged", zone: declare("@", observance("STANDARD", std, "+0100", "+0200", october), observance("DAYLIGHT", dst, "+0200", "+0100", march)), lines: june, as: "tz-swapped"},
		{name: "one pair exchanged", zone: declare("@", observance("STANDARD", std, "+0100", "+0200", october), observance("DAYLIGHT", dst, "+0100", "+0200", march)), lines: june, as: "tz-swapped"},
		{name: "rules exchanged", zone: declare("@", observance("STANDARD", dst, "+0200", "+0100", march), observance("DAYLIGHT", std, "+0100", "+0200", october)), lines: june, as: "tz-swapped"},
		{name: "names exchanged", zone: declare("@", observance("DAYLIGHT", std, "+0200", "+0100", october), observance("STANDARD", dst, "+0100", "+0200", march)), lines: june},
		{name: "west for east", zone: declare("@", observance("STANDARD", std, "-0200", "-0100", october), observance("DAYLIGHT", dst, "-0100", "-0200", march)), lines: june, as: "tz-swapped"},
		{name: "changes by nothing", zone: declare("@", observance("STANDARD", std, "+0000", "+0000", october), observance("DAYLIGHT", dst, "+0000", "+0000", march)), lines: june, as: "tz-swapped"},
		{name: "the rules of another place", zone: declare("@", observance("STANDARD", std, "+0300", "+0200", october), observance("DAYLIGHT", dst, "+0200", "+0300", march)), lines: june},
		{name: "the rules of another year", zone: declare("@", observance("STANDARD", "19700927T030000", "+0200", "+0100", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=9"), observance("DAYLIGHT", dst, "+0100", "+0200", march)), lines: june},
		{name: "offsets of nobody", zone: declare("@", observance("STANDARD", std, "+2000", "+1900", october), observance("DAYLIGHT", dst, "+1900", "+2000", march)), lines: june, as: "tz-absurd"},
		{name: "one offset of nobody", zone: constant("@", "-0545"), lines: june, as: "tz-absurd"},
		{name: "begins after the meeting", zone: declare("@", observance("STANDARD", "20401028T030000", "+0100", "+0100")), lines: june, as: "tz-absurd"},
	} {
		for _, tzid := range []string{berlin, "W. Europe Standard Time", "W. Europe Standard Time 1", "/mozilla.org/20070129_1/Europe/Berlin"} {
			t.Run(tt.name+"/"+tzid, func(t *testing.T) {
				name := func(lines []string) []string {
					return strings.Split(strings.ReplaceAll(strings.Join(lines, "\n"), "@", tzid), "\n")
				}
				in := zoned(name(tt.zone), name(tt.lines)...)
				for _, id := range []string{"tz-empty", "tz-half", "tz-swapped", "tz-absurd"} {
					r := row{name: id, in: in}
					if id == tt.as {
						r.found = 1
						r.want = zoned(sound(tzid), name(tt.lines)...)
					}
					table(t, id, []row{r})
				}
			})
		}
	}
	t.Run("unknown names", func(t *testing.T) {
		ten := []string{"DTSTART;TZID=Mine:20260610T100000"}
		table(t, "tz-empty", []row{{name: "empty", in: zoned(declare("Mine"), ten...), found: 1, note: "not known"}})
		table(t, "tz-swapped", []row{{name: "swapped", in: zoned(declare("Mine", observance("STANDARD", std, "+0100", "+0200", october), observance("DAYLIGHT", dst, "+0200", "+0100", march)), ten...)}})
		table(t, "tz-absurd", []row{{name: "absurd", in: zoned(constant("Mine", "-0545"), ten...)}})
	})
}
