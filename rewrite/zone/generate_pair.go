package zone

import (
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// GeneratePair returns a VTIMEZONE of one STANDARD and one DAYLIGHT for a span in
// which the clocks of a zone change twice, on dates that no rule has in the years
// around it (Morocco, for Ramadan); nil for any other span. Each observance has a
// rule that matches its date, and begins in the year before, so that both are in
// force when the span begins.
//
// It is for receivers that accept one observance of each kind only: it is correct
// for the span and not beyond. The caller must check it by Agree.
func GeneratePair(name string, from, to time.Time) *ical.Component {
	z := load(name)
	if z == nil || to.Sub(from) > 2*year*time.Second {
		return nil
	}
	list := z.changes(from.Unix(), to.Unix())
	if len(list) != 2 {
		return nil
	}
	runs := collect(list, nthForms)
	if len(runs) != 2 || !runs[0].beginEarlier() || !runs[1].beginEarlier() {
		return nil
	}
	if runs = pair(runs, from.Unix(), to.Unix()); runs == nil {
		return nil
	}
	c := ical.NewComponent("VTIMEZONE")
	c.Add(ical.NewLine("TZID", z.name))
	for _, r := range runs {
		c.AddChild(r.component())
	}
	return c
}

// beginEarlier puts the onset that the best rule has in the year before in front
// of the first one.
func (r *run) beginEarlier() bool {
	if len(r.forms) == 0 {
		return false
	}
	f := r.forms[0]
	first := digits(r.onsets[0])
	for day := time.Date(first.Year()-1, f.month, 1, 0, 0, 0, 0, time.UTC); day.Month() == f.month; day = day.AddDate(0, 0, 1) {
		if at := day.Add(time.Duration(f.clock) * time.Second); f.describes(at) {
			r.onsets = append([]int64{at.Unix()}, r.onsets...)
			return true
		}
	}
	return false
}
