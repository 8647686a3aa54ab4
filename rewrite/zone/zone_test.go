package zone_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/zone"
)

func calendar(t testing.TB, body string) *ical.Component {
	t.Helper()
	body = strings.ReplaceAll(strings.TrimSpace(body), "\n", "\r\n")
	d, err := ical.Parse([]byte("BEGIN:VCALENDAR\r\n"+body+"\r\nEND:VCALENDAR\r\n"), ical.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return d.Calendars()[0]
}

func observance(kind, start, from, to string, more ...string) string {
	lines := []string{"BEGIN:" + kind, "DTSTART:" + start, "TZOFFSETTO:" + to}
	if from != "" {
		lines = append(lines, "TZOFFSETFROM:"+from)
	}
	return strings.Join(append(append(lines, more...), "END:"+kind, ""), "\n")
}

func timezone(id string, observances ...string) string {
	return "BEGIN:VTIMEZONE\nTZID:" + id + "\n" + strings.Join(observances, "") + "END:VTIMEZONE\n"
}

var berlin = timezone("W. Europe Standard Time",
	observance("STANDARD", "16010101T030000", "+0200", "+0100", "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10"),
	observance("DAYLIGHT", "16010101T020000", "+0100", "+0200", "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3"))

func TestEvaluate(t *testing.T) {
	sunday := "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH="
	for _, tc := range []struct {
		name, zone string
		wall       map[string]string
	}{
		{"exchange 1601", berlin, map[string]string{
			"20260115T120000": "1h", "20260715T120000": "2h",
			"20260329T015959": "1h", "20260329T023000": "1h", "20260329T030000": "2h", // the gap takes the offset before it
			"20261025T023000": "2h", "20261025T025959": "2h", "20261025T030000": "1h"}}, // the first of two
		{"notes with BYHOUR", timezone("GMT",
			observance("STANDARD", "19501029T020000", "+0100", "+0000", "RRULE:FREQ=YEARLY;BYMINUTE=0;BYHOUR=2;BYDAY=-1SU;BYMONTH=10"),
			observance("DAYLIGHT", "19500326T020000", "+0000", "+0100", "RRULE:FREQ=YEARLY;BYMINUTE=0;BYHOUR=1;BYDAY=-1SU;BYMONTH=3")),
			map[string]string{"20260329T005959": "0s", "20260329T020000": "1h", "20261025T015959": "1h", "20261025T020000": "0s"}},
		{"until and a second law", timezone("x",
			observance("DAYLIGHT", "19870405T020000", "-0500", "-0400", "RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU;UNTIL=20060402T070000Z"),
			observance("STANDARD", "19871025T020000", "-0400", "-0500", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20061029T060000Z"),
			observance("DAYLIGHT", "20070311T020000", "-0500", "-0400", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"),
			observance("STANDARD", "20071104T020000", "-0400", "-0500", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU")),
			map[string]string{"20060320T120000": "-5h", "20070320T120000": "-4h", "20061101T120000": "-5h", "20071101T120000": "-4h", "19800701T120000": "-5h"}},
		{"local UNTIL", timezone("x", observance("STANDARD", "20000101T000000", "+0200", "+0100", sunday+"11"),
			observance("DAYLIGHT", "20000101T000000", "+0100", "+0200", sunday+"3;UNTIL=20050306T000000")),
			map[string]string{"20050701T000000": "2h", "20060701T000000": "1h"}},
		{"COUNT", timezone("x", observance("STANDARD", "20000101T000000", "+0200", "+0100", sunday+"11"),
			observance("DAYLIGHT", "20000101T000000", "+0100", "+0200", sunday+"3;COUNT=2")),
			map[string]string{"20010701T000000": "2h", "20020701T000000": "1h"}},
		{"BYMONTHDAY range", timezone("x", observance("STANDARD", "20000101T000000", "-0300", "-0400", "RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=SU;BYMONTHDAY=2,3,4,5,6,7,8"),
			observance("DAYLIGHT", "20000101T000000", "-0400", "-0300", "RRULE:FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=-30")),
			map[string]string{"20260404T235959": "-3h", "20260405T000000": "-4h", "20260831T235959": "-4h", "20260901T010000": "-3h"}},
		{"RDATE", timezone("x", observance("DAYLIGHT", "20250406T020000", "+0000", "+0100", "RDATE:20260322T020000,20270314T020000"),
			observance("STANDARD", "20250223T030000", "+0100", "+0000", "RDATE:20260215T030000")),
			map[string]string{"20260301T000000": "0s", "20260401T000000": "1h", "20250301T000000": "0s", "20300101T000000": "1h", "20200101T000000": "1h"}},
		{"no daylight saving, two observances", timezone("x", observance("STANDARD", "16010101T000000", "+0900", "+0900"), observance("DAYLIGHT", "16010101T000000", "+0900", "+0900")),
			map[string]string{"20260301T000000": "9h"}},
		{"no TZOFFSETFROM", timezone("x", observance("STANDARD", "16010101T030000", "", "+0100", sunday+"10"), observance("DAYLIGHT", "16010101T020000", "", "+0200", sunday+"3")),
			map[string]string{"20260701T000000": "2h", "20260101T000000": "1h"}},
		{"seconds and colons", timezone("x", observance("STANDARD", "18000101T000000", "+00:53:28", "+00:53:28")),
			map[string]string{"20260701T000000": "53m28s"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := zone.NewSet(calendar(t, tc.zone)).All()[0]
			if d.Err != nil {
				t.Fatal(d.Err)
			}
			for wall, want := range tc.wall {
				v, _ := ical.ParseDateTime(wall)
				w, _ := time.ParseDuration(want)
				if got := d.Rules.OffsetAt(v.Wall); got != w {
					t.Errorf("OffsetAt(%s) = %v, want %v", wall, got, w)
				}
			}
		})
	}
}

func TestEvaluateRefuses(t *testing.T) {
	for name, body := range map[string]string{
		"no observance":   timezone("x"),
		"no TZOFFSETTO":   timezone("x", "BEGIN:STANDARD\nDTSTART:20000101T000000\nEND:STANDARD\n"),
		"bad offset":      timezone("x", observance("STANDARD", "20000101T000000", "+0100", "+9900")),
		"no DTSTART":      timezone("x", "BEGIN:STANDARD\nTZOFFSETTO:+0100\nEND:STANDARD\n"),
		"daily":           timezone("x", observance("STANDARD", "20000101T000000", "+0100", "+0200", "RRULE:FREQ=DAILY")),
		"too many onsets": timezone("x", observance("STANDARD", "20000101T000000", "+0100", "+0200", "RRULE:FREQ=YEARLY;BYMONTH=1,2,3;BYDAY=MO,TU")),
		"BYSETPOS":        timezone("x", observance("STANDARD", "20000101T000000", "+0100", "+0200", "RRULE:FREQ=YEARLY;BYMONTH=1;BYDAY=MO;BYSETPOS=1")),
		"many":            timezone("x", strings.Repeat(observance("STANDARD", "20000101T000000", "+0100", "+0200"), 401)),
	} {
		if d := zone.NewSet(calendar(t, body)).All()[0]; d.Err == nil || d.Rules != nil {
			t.Errorf("%s: evaluated", name)
		}
	}
}

func TestInstant(t *testing.T) {
	s := zone.NewSet(calendar(t, berlin))
	for _, tc := range []struct{ value, tzid, want string }{
		{"20260701T100000Z", "anything", "2026-07-01T10:00:00Z"},
		{"20260701T100000", "W. Europe Standard Time", "2026-07-01T08:00:00Z"},
		{"20260701T100000", `"W. Europe  Standard Time"`, "2026-07-01T08:00:00Z"},
		{"20260701T100000", "Tokyo Standard Time", "2026-07-01T01:00:00Z"}, // not declared
		{"20260329T023000", "Europe/Berlin", "2026-03-29T01:30:00Z"},       // does not exist
		{"20261025T023000", "Europe/Berlin", "2026-10-25T00:30:00Z"},       // exists twice
		{"20260701T100000", "", ""},
		{"20260701T100000", "Nowhere", ""},
		{"20260701", "Europe/Berlin", ""},
	} {
		v, _ := ical.ParseDateTime(tc.value)
		got, ok := s.Instant(v, tc.tzid)
		if ok != (tc.want != "") || ok && got.Format(time.RFC3339) != tc.want {
			t.Errorf("Instant(%s, %q) = %v, %v, want %s", tc.value, tc.tzid, got, ok, tc.want)
		}
	}
	var none *zone.Set
	if none.Rules("Europe/Berlin") != nil || none.Declared("x") != nil || none.All() != nil {
		t.Error("a nil Set knows something")
	}
}

func TestMatch(t *testing.T) {
	from, to := day(2026, 3, 1), day(2036, 3, 1)
	for name, want := range map[string]string{
		"Europe/Paris": "Europe/Berlin", "America/Toronto": "America/New_York", "Europe/Bucharest": "Europe/Athens",
		"Australia/Hobart": "Australia/Sydney", "Asia/Tokyo": "Etc/GMT-9", "America/Phoenix": "Etc/GMT+7",
		"Asia/Kolkata": "", "Europe/Lisbon": "Europe/London", "Etc/UTC": "Etc/UTC", "America/Santiago": "America/Santiago",
	} {
		r := evaluate(t, zone.Generate(name, from, to))
		if got, ok := zone.Match(r, from, to); got != want || ok != (want != "") {
			t.Errorf("Match(rules of %s) = %q, want %q", name, got, want)
		}
	}
	// one date must not be enough to match Berlin by a zone without summer time
	lagos := evaluate(t, zone.Generate("Africa/Lagos", from, from))
	if zone.Agree(lagos, "Europe/Berlin", from, to) || !zone.Agree(lagos, "Europe/Berlin", from, from) {
		t.Error("Agree does not look at the whole span")
	}
}

// Of the VTIMEZONEs of real calendars nine in ten can be evaluated; of
// those with a Windows name, four in five have had its rules in some year.
func TestCorpus(t *testing.T) {
	root := "."
	for range 5 {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		root = filepath.Join(root, "..")
	}
	corpus := filepath.Join(root, "..", "shared", "corpus", "ics")
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("no corpus")
	}
	var agreed, named, evaluated, total, windows, truthful int
	err := filepath.WalkDir(corpus, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		d, err := ical.Parse(text, ical.Limits{})
		if err != nil {
			return nil
		}
		for _, cal := range d.Calendars() {
			for _, z := range zone.NewSet(cal).All() {
				if total++; z.Rules == nil {
					t.Logf("%s: %q: %v", filepath.Base(path), z.TZID, z.Err)
					continue
				}
				evaluated++
				if z.Kind == zone.Windows {
					if windows++; agreesOnce(z) {
						truthful++
					}
				}
				if name, ok := zone.Lookup(z.TZID, z.Hints); ok {
					if named++; zone.Agree(z.Rules, name, day(2008, 1, 1), day(2012, 1, 1)) {
						agreed++
					} else {
						t.Logf("%s: %q is not %s", filepath.Base(path), z.TZID, name)
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d VTIMEZONEs, %d evaluated, %d with a known name, %d of those agree", total, evaluated, named, agreed)
	if evaluated*10 < total*9 || named == 0 {
		t.Error("too few can be read")
	}
	if truthful*5 < windows*4 || windows == 0 {
		t.Errorf("only %d of %d Windows zones have their rules", truthful, windows)
	}
}

// agreesOnce reports whether the rules are those of the named zone in one year at
// least: laws change, and calendars are not all from today.
func agreesOnce(z *zone.Declared) bool {
	name, _ := zone.Lookup(z.TZID, z.Hints)
	for y := 2000; y < 2026; y++ {
		if zone.Agree(z.Rules, name, day(y, 1, 15), day(y, 12, 15)) {
			return true
		}
	}
	return false
}

// A calendar with very many time zones costs no more than one with some: the
// others are known and not evaluated.
func TestTooMany(t *testing.T) {
	var b strings.Builder
	for i := range 60 {
		b.WriteString(timezone(fmt.Sprintf("Zone %d", i), observance("STANDARD", "16010101T000000", "+0100", "+0100")))
	}
	s := zone.NewSet(calendar(t, b.String()))
	if d := s.Declared("Zone 59"); d == nil || d.Rules != nil || d.Err == nil {
		t.Errorf("got %+v", d)
	}
	if s.Rules("Zone 1") == nil {
		t.Error("the first ones are not evaluated")
	}
}

// Dates that are no dates of meetings take the offset of the nearest year
// that is evaluated.
func TestFarYears(t *testing.T) {
	r := zone.NewSet(calendar(t, berlin)).All()[0].Rules
	for wall, want := range map[string]time.Duration{"16010701T000000": time.Hour, "99990701T000000": time.Hour, "21990701T000000": 2 * time.Hour} {
		v, _ := ical.ParseDateTime(wall)
		if got := r.OffsetAt(v.Wall); got != want {
			t.Errorf("OffsetAt(%s) = %v, want %v", wall, got, want)
		}
	}
	if zone.Agree(r, "Europe/Berlin", day(1601, 1, 1), day(2026, 1, 1)) {
		t.Error("a span of centuries is said to agree")
	}
}

func FuzzRules(f *testing.F) {
	f.Add(berlin, int64(1780000000))
	f.Add(timezone("x", observance("STANDARD", "20000229T000000", "+0100", "+0200", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;INTERVAL=3;COUNT=7")), int64(0))
	f.Add(timezone("x", observance("DAYLIGHT", "99991231T235959", "-0000", "+2359", "RDATE:00010101T000000")), int64(-1<<40))
	f.Fuzz(func(t *testing.T, body string, at int64) {
		d, err := ical.Parse([]byte("BEGIN:VCALENDAR\n"+body+"\nEND:VCALENDAR\n"), ical.Limits{Size: 1 << 16})
		if err != nil || len(d.Calendars()) == 0 {
			return
		}
		moment := time.Unix(at%(1<<37), 0)
		for _, z := range zone.NewSet(d.Calendars()[0]).All() {
			if z.Rules == nil {
				continue
			}
			wall := z.Rules.Wall(moment)
			off := z.Rules.OffsetAt(wall)
			if off < -24*time.Hour || off > 24*time.Hour {
				t.Fatalf("offset %v", off)
			}
			zone.Match(z.Rules, moment, moment.AddDate(10, 0, 0))
			zone.Lookup(z.TZID, z.Hints)
		}
	})
}

func BenchmarkNewSet(b *testing.B) {
	cal := calendar(b, berlin)
	v, _ := ical.ParseDateTime("20260701T100000")
	b.ReportAllocs()
	for b.Loop() {
		zone.NewSet(cal).Instant(v, "W. Europe Standard Time")
	}
}

func BenchmarkAgreeTenYears(b *testing.B) {
	r := zone.NewSet(calendar(b, berlin)).All()[0].Rules
	from, to := day(2026, 1, 1), day(2036, 1, 1)
	b.ReportAllocs()
	for b.Loop() {
		if !zone.Agree(r, "Europe/Berlin", from, to) {
			b.Fatal("no")
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	r := zone.NewSet(calendar(b, berlin)).All()[0].Rules
	from, to := day(2026, 1, 1), day(2036, 1, 1)
	b.ReportAllocs()
	for b.Loop() {
		zone.Match(r, from, to)
	}
}
