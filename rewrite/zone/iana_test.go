package zone_test

import (
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite/zone"
)

// TestKnownYears holds what is remembered of the years 2000 to 2060 against
// package time, for all zones: around each change, and at both ends.
func TestKnownYears(t *testing.T) {
	for _, name := range zone.Names() {
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		rules := zone.Load(name)
		check := func(at time.Time) {
			want := at.In(loc)
			if got := rules.Wall(at); got.Format(time.DateTime) != want.Format(time.DateTime) {
				t.Errorf("%s at %s: %s, want %s", name, at.UTC(), got.Format(time.DateTime), want.Format(time.DateTime))
			}
		}
		for _, year := range []int{1999, 2000, 2059, 2060, 2061} {
			check(day(year, 1, 1).Add(-time.Second))
			check(day(year, 1, 1))
			check(day(year, 1, 1).Add(time.Second))
		}
		for at := day(1999, 11, 30); at.Before(day(2061, 2, 1)); at = at.AddDate(0, 0, 9) {
			check(at)
			if _, end := at.In(loc).ZoneBounds(); end.Sub(at) < 10*24*time.Hour {
				check(end.Add(-time.Second))
				check(end)
			}
		}
		if !zone.Agree(rules, name, day(1999, 6, 1), day(2061, 6, 1)) {
			t.Errorf("%s does not agree with itself over both ends", name)
		}
	}
}
