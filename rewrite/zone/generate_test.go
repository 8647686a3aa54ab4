package zone_test

import (
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/zone"
)

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func text(c *ical.Component) string {
	d := &ical.Document{Root: &ical.Component{}}
	d.Root.AddChild(c)
	return string(d.Bytes())
}

// compact writes a VTIMEZONE in one line for each observance.
func compact(c *ical.Component) []string {
	var out []string
	for _, o := range c.Children("") {
		s := o.Name + " " + o.Value("DTSTART") + " " + o.Value("TZOFFSETFROM") + o.Value("TZOFFSETTO")
		if r := o.Value("RRULE"); r != "" {
			s += " " + strings.TrimPrefix(r, "FREQ=YEARLY;")
		}
		out = append(out, s)
	}
	return out
}

func TestGenerate(t *testing.T) {
	for _, tc := range []struct {
		name     string
		from, to time.Time
		want     []string
	}{
		{"America/New_York", day(2026, 3, 1), day(2026, 3, 2), []string{
			"DAYLIGHT 20070311T020000 -0500-0400 BYDAY=2SU;BYMONTH=3",
			"STANDARD 20071104T020000 -0400-0500 BYDAY=1SU;BYMONTH=11"}},
		{"America/New_York", day(2005, 3, 1), day(2005, 3, 2), []string{ // the law of before 2007
			"STANDARD 19861026T020000 -0400-0500 BYDAY=-1SU;BYMONTH=10",
			"DAYLIGHT 19870405T020000 -0500-0400 BYDAY=1SU;BYMONTH=4"}},
		{"Europe/Dublin", day(2026, 3, 1), day(2027, 3, 2), []string{ // negative daylight saving in the tz database
			"DAYLIGHT 19960331T010000 +0000+0100 BYDAY=-1SU;BYMONTH=3",
			"STANDARD 19961027T020000 +0100+0000 BYDAY=-1SU;BYMONTH=10"}},
		{"Africa/Casablanca", day(2026, 2, 1), day(2026, 2, 1), []string{
			"STANDARD 20250223T030000 +0100+0000 BYDAY=-1SU;BYMONTH=2",
			"DAYLIGHT 20250406T020000 +0000+0100 BYDAY=1SU;BYMONTH=4"}},
		{"Asia/Tokyo", day(2026, 3, 1), day(2036, 3, 2), []string{"STANDARD 19700101T000000 +0900+0900"}},
		{"Asia/Kolkata", day(2026, 3, 1), day(2036, 3, 2), []string{"STANDARD 19700101T000000 +0530+0530"}},
		{"Australia/Sydney", day(2026, 3, 1), day(2036, 3, 2), []string{
			"STANDARD 20080406T030000 +1100+1000 BYDAY=1SU;BYMONTH=4",
			"DAYLIGHT 20081005T020000 +1000+1100 BYDAY=1SU;BYMONTH=10"}},
		{"America/Santiago", day(2027, 3, 1), day(2034, 3, 2), []string{ // "Sunday after the first", RFC 5545 §3.3.10
			"STANDARD 20230402T000000 -0300-0400 BYDAY=SU;BYMONTHDAY=2,3,4,5,6,7,8;BYMONTH=4",
			"DAYLIGHT 20230903T000000 -0400-0300 BYDAY=SU;BYMONTHDAY=2,3,4,5,6,7,8;BYMONTH=9"}},
		{"Asia/Jerusalem", day(2026, 6, 1), day(2026, 6, 1), []string{
			"STANDARD 20231029T020000 +0300+0200 BYDAY=-1SU;BYMONTH=10",
			"DAYLIGHT 20240329T020000 +0200+0300 BYDAY=-1FR;BYMONTH=3"}},
		{"Europe/Istanbul", day(2026, 6, 1), day(2036, 6, 1), []string{"STANDARD 19700101T000000 +0300+0300"}},
		{"europe/berlin", day(2026, 3, 1), day(2026, 3, 1), []string{
			"DAYLIGHT 19960331T020000 +0100+0200 BYDAY=-1SU;BYMONTH=3",
			"STANDARD 19961027T030000 +0200+0100 BYDAY=-1SU;BYMONTH=10"}},
	} {
		t.Run(tc.name+tc.from.Format(" 2006"), func(t *testing.T) {
			got := strings.Join(compact(zone.Generate(tc.name, tc.from, tc.to)), "\n")
			if want := strings.Join(tc.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	for _, name := range []string{"", "Local", "Nowhere/Town", "../etc/passwd"} {
		if c := zone.Generate(name, day(2026, 1, 1), day(2026, 1, 1)); c != nil {
			t.Errorf("Generate(%q) = %s", name, text(c))
		}
	}
}

func evaluate(t testing.TB, c *ical.Component) zone.Rules {
	t.Helper()
	d, err := ical.Parse([]byte("BEGIN:VCALENDAR\r\n"+text(c)+"END:VCALENDAR\r\n"), ical.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := zone.Evaluate(d.Calendars()[0].Children("VTIMEZONE")[0])
	if err != nil {
		t.Fatalf("%v in\n%s", err, text(c))
	}
	return r
}

// What Generate writes, read by Evaluate and compared with what package time
// makes of the same zone: by the hour around every change, and by the week.
func TestGenerateIsTrue(t *testing.T) {
	for _, name := range zone.WindowsZones() {
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, span := range [][2]int{{2000, 2040}, {2026, 2026}, {2026, 2036}, {2005, 2008}, {2016, 2017}} {
			from, to := day(span[0], 1, 1), day(span[1], 12, 31)
			c := zone.Generate(name, from, to)
			r := evaluate(t, c)
			check := func(at time.Time) bool {
				_, want := at.In(loc).Zone()
				if got := r.Wall(at).Sub(at.UTC()); got != time.Duration(want)*time.Second {
					t.Errorf("%s %v at %v: %v, want %ds\n%s", name, span, at, got, want, strings.Join(compact(c), "\n"))
					return false
				}
				return true
			}
			for at := from; !at.After(to); at = at.AddDate(0, 0, 5) {
				if !check(at) {
					break
				}
				if _, end := at.In(loc).ZoneBounds(); !end.IsZero() && end.Before(to) && end.Sub(at) < 5*24*time.Hour {
					if !check(end.UTC().Add(-time.Second)) || !check(end.UTC()) {
						break
					}
				}
			}
			if !zone.Agree(r, name, from, to) {
				t.Errorf("Agree(%s, %v) = false for what Generate made of it", name, span)
			}
			if z := zone.Load(name); z.OffsetAt(from) != r.OffsetAt(from) {
				t.Errorf("%s: OffsetAt differs", name)
			}
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		zone.Generate("Europe/Berlin", day(2026, 3, 1), day(2036, 3, 1))
	}
}
