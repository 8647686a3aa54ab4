package zone

import (
	"testing"
	"time"
)

// An answer that is kept is the one to the same question only.
func TestAgreeKeepsAnswers(t *testing.T) {
	rules, err := Evaluate(Generate("Europe/Berlin", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)))
	if err != nil {
		t.Fatal(err)
	}
	z := rules.(*vtimezone)
	berlin, london := load("Europe/Berlin"), load("Europe/London")
	from, to := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Unix(), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	for range 2 {
		for _, other := range []*iana{berlin, london} {
			for _, span := range [][2]int64{{from, to}, {from, from + maxSpan + 1}, {from, to + year}, {from - 80*year, to + year}} {
				if got, want := agree(z, other, span[0], span[1]), compareOffsets(z, other, span[0], span[1]); got != want {
					t.Errorf("%s in %v: %v, not %v", other.name, span, got, want)
				}
			}
		}
	}
	if !agree(z, berlin, from, to) || agree(z, london, from, to) {
		t.Error("the rules are those of Berlin")
	}
}
