package zone

import (
	"fmt"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// run is a row of yearly changes that one rule describes: one observance.
type run struct {
	kind     string // STANDARD or DAYLIGHT
	from, to int    // offsets, seconds
	onsets   []int64
	forms    []form // the rules that describe all onsets, best first
	forever  bool   // the rule goes on after the last onset
}

// form is a yearly rule: the nth weekday of a month (negative from the end),
// or for nth 0 the weekday within seven days of the month from low on.
type form struct {
	month time.Month
	day   time.Weekday
	nth   int
	low   int
	clock int64
}

func clock(wall time.Time) int64 {
	hour, minute, second := wall.Clock()
	return int64(hour*3600 + minute*60 + second)
}

// nthForms returns the rules without days of the month that describe an onset.
func nthForms(wall time.Time) []form {
	f := form{month: wall.Month(), day: wall.Weekday(), clock: clock(wall)}
	last := wall.AddDate(0, 1, -wall.Day()).Day()
	var out []form
	if wall.Day()+7 > last {
		f.nth = -1
		out = append(out, f)
	}
	if f.nth = (wall.Day() + 6) / 7; f.nth < 5 {
		out = append(out, f)
	}
	return out
}

// rangeForms returns nthForms and then those with days of the month.
func rangeForms(wall time.Time) []form {
	out := nthForms(wall)
	for low := max(wall.Day()-6, 1); low <= wall.Day() && low <= 24; low++ {
		out = append(out, form{month: wall.Month(), day: wall.Weekday(), low: low, clock: clock(wall)})
	}
	return out
}

// collect groups changes into as few runs as it can, in the order of their
// first onsets.
func collect(list []change, forms func(time.Time) []form) []*run {
	var runs []*run
	open := map[[2]int]*run{}
	for _, c := range list {
		key := [2]int{c.from, c.to}
		if r := open[key]; r != nil && r.extends(c, 1) {
			r.onsets = append(r.onsets, c.at+int64(c.from))
			continue
		}
		wall := c.at + int64(c.from)
		r := &run{from: c.from, to: c.to, onsets: []int64{wall}, forms: forms(digits(wall))}
		open[key] = r
		runs = append(runs, r)
	}
	return runs
}

// extends reports whether the change is the run's onset of the year after (step
// 1) or before it (step -1), and narrows the forms to those that describe it
// too.
func (r *run) extends(c change, step int) bool {
	wall := digits(c.at + int64(c.from))
	edge := r.onsets[0]
	if step > 0 {
		edge = r.onsets[len(r.onsets)-1]
	}
	if wall.Year() != digits(edge).Year()+step {
		return false
	}
	var left []form
	for _, f := range r.forms {
		if f.describes(wall) {
			left = append(left, f)
		}
	}
	if len(left) == 0 {
		return false
	}
	r.forms = left
	return true
}

func (f form) describes(wall time.Time) bool {
	if wall.Month() != f.month || wall.Weekday() != f.day || clock(wall) != f.clock {
		return false
	}
	switch {
	case f.nth > 0:
		return (wall.Day()+6)/7 == f.nth
	case f.nth < 0:
		return wall.AddDate(0, 0, 7).Month() != f.month
	}
	return wall.Day() >= f.low && wall.Day() < f.low+7
}

// instant returns when the onset of that index takes place.
func (r *run) instant(i int) int64 { return r.onsets[i] - int64(r.from) }

// next returns when the best rule has its first onset after the last one of
// the run.
func (r *run) next() int64 {
	last := digits(r.onsets[len(r.onsets)-1])
	for day := time.Date(last.Year()+1, r.forms[0].month, 1, 0, 0, 0, 0, time.UTC); ; day = day.AddDate(0, 0, 1) {
		at := day.Add(time.Duration(r.forms[0].clock) * time.Second)
		if r.forms[0].describes(at) {
			return at.Unix() - int64(r.from)
		}
		if day.Month() != r.forms[0].month {
			return 1<<63 - 1
		}
	}
}

func (r *run) component() *ical.Component {
	c := ical.NewComponent(r.kind)
	c.Add(ical.NewLine("DTSTART", digits(r.onsets[0]).Format("20060102T150405")))
	c.Add(ical.NewLine("TZOFFSETFROM", utcOffset(r.from)))
	c.Add(ical.NewLine("TZOFFSETTO", utcOffset(r.to)))
	if len(r.forms) > 0 && (r.forever || len(r.onsets) > 1) {
		rule := r.forms[0].String()
		if !r.forever {
			rule += ";UNTIL=" + time.Unix(r.instant(len(r.onsets)-1), 0).UTC().Format("20060102T150405Z")
		}
		c.Add(ical.NewLine("RRULE", rule))
	}
	return c
}

func (f form) String() string {
	day := byDay(f.day)
	if f.nth != 0 {
		return fmt.Sprintf("FREQ=YEARLY;BYDAY=%d%s;BYMONTH=%d", f.nth, day, f.month)
	}
	days := make([]string, 7)
	for i := range days {
		days[i] = fmt.Sprint(f.low + i)
	}
	return fmt.Sprintf("FREQ=YEARLY;BYDAY=%s;BYMONTHDAY=%s;BYMONTH=%d", day, strings.Join(days, ","), f.month)
}
