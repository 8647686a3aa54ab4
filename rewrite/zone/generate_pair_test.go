package zone

import (
	"fmt"
	"testing"
	"time"
)

// ramadan are the days on which the clocks of Morocco go back and forward again,
// as its government has set them and tzdata has them.
var ramadan = [][2]string{{"2024-03-10", "2024-04-14"}, {"2025-02-23", "2025-04-06"}, {"2026-02-15", "2026-03-22"}, {"2027-02-07", "2027-03-14"}, {"2028-01-23", "2028-03-05"}}

// TestMorocco asks the rules that are written for a meeting in Ramadan, before it
// and after it, and for a series through it, for offsets that the test knows by
// itself.
func TestMorocco(t *testing.T) {
	day := func(s string) time.Time {
		at, err := time.Parse("2006-01-02", s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, name := range []string{"Africa/Casablanca", "Africa/El_Aaiun"} {
		for _, r := range ramadan {
			begin, end := day(r[0]), day(r[1])
			for i, span := range [][2]time.Time{
				{begin.AddDate(0, 0, 3), begin.AddDate(0, 0, 10)},
				{begin.AddDate(0, 0, -5), begin.AddDate(0, 0, 5)},
				{end.AddDate(0, 0, -5), end.AddDate(0, 0, 5)},
				{begin.AddDate(0, 0, -20), end.AddDate(0, 0, 20)},
				{end.AddDate(0, 0, 10), end.AddDate(0, 0, 40)},
				{begin.AddDate(0, 0, -20), end.AddDate(2, 0, 0)},
			} {
				t.Run(fmt.Sprintf("%s %s %d", name, r[0], i), func(t *testing.T) {
					z := Generate(name, span[0], span[1])
					if p := GeneratePair(name, span[0], span[1]); p != nil {
						z = p
						if len(p.Children("STANDARD")) != 1 || len(p.Children("DAYLIGHT")) != 1 {
							t.Errorf("no pair")
						}
					} else if i == 3 {
						t.Fatal("no pair")
					}
					rules, err := Evaluate(z)
					if err != nil {
						t.Fatal(err)
					}
					for at := span[0].Add(12 * time.Hour); at.Before(span[1]) && at.Before(end.AddDate(0, 6, 0)); at = at.AddDate(0, 0, 1) {
						want := time.Hour
						if !at.Before(begin) && at.Before(end) {
							want = 0
						}
						if got := rules.OffsetAt(at); got != want {
							t.Fatalf("%v: %v, want %v", at, got, want)
						}
					}
				})
			}
		}
	}
	for _, span := range [][2]string{{"2026-01-05", "2027-06-01"}, {"2026-05-05", "2026-06-01"}, {"2026-02-20", "2026-03-01"}} {
		if GeneratePair("Africa/Casablanca", day(span[0]), day(span[1])) != nil {
			t.Errorf("%v: a pair for clocks that do not change twice", span)
		}
	}
	if GeneratePair("Nowhere", day("2026-01-05"), day("2026-06-01")) != nil {
		t.Error("a pair for an unknown zone")
	}
}
