package zone

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// yearly is the part of RFC 5545 §3.3.10 that time-zone rules are made of:
// FREQ=YEARLY with months, and in them weekdays ("-1SU", or "SU" within days
// of the month) or days of the month.
type yearly struct {
	start    time.Time // DTSTART, wall-clock digits
	until    int64     // UNTIL as an instant, Unix seconds
	hasUntil bool
	count    int // COUNT, 0 without one
	interval int
	months   []int
	days     []int // BYMONTHDAY, negative from the end
	weekdays []weekday
	clock    time.Duration // time of day
}

type weekday struct {
	nth int // 0: every one
	day time.Weekday
}

// maxOnsets bounds the onsets of one rule in one year; no zone on earth has
// more than two, and a rule with more is no rule of a time zone.
const maxOnsets = 8

// maxList bounds the lists of a rule. Seven days are the range that a weekday
// is looked for in.
const maxList = 8

var weekdays = map[string]time.Weekday{
	"SU": time.Sunday, "MO": time.Monday, "TU": time.Tuesday, "WE": time.Wednesday,
	"TH": time.Thursday, "FR": time.Friday, "SA": time.Saturday,
}

// parseYearly reads an RRULE of an observance. from is its TZOFFSETFROM,
// which an UNTIL in local time is meant in.
func parseYearly(value string, start time.Time, from int) (*yearly, error) {
	hour, minute, second := start.Clock()
	r := &yearly{start: start, interval: 1}
	clock := [3]int{hour, minute, second}
	freq := ""
	for field := range strings.SplitSeq(value, ";") {
		name, v, _ := strings.Cut(field, "=")
		v = strings.ToUpper(strings.ReplaceAll(v, " ", ""))
		var err error
		switch strings.ToUpper(strings.TrimSpace(name)) {
		case "":
		case "FREQ":
			freq = v
		case "INTERVAL":
			r.interval, err = number(v, 1, 100)
		case "COUNT":
			r.count, err = number(v, 1, 50)
		case "UNTIL":
			err = r.parseUntil(v, from)
		case "BYMONTH":
			r.months, err = numbers(v, 1, 12)
		case "BYMONTHDAY":
			r.days, err = numbers(v, -31, 31)
		case "BYDAY":
			err = r.parseDays(v)
		case "BYHOUR":
			clock[0], err = number(v, 0, 23)
		case "BYMINUTE":
			clock[1], err = number(v, 0, 59)
		case "BYSECOND":
			clock[2], err = number(v, 0, 59)
		case "WKST":
		default:
			err = fmt.Errorf("%s is not known in the rule of a time zone", name)
		}
		if err != nil {
			return nil, fmt.Errorf("recurrence rule %q: %w", value, err)
		}
	}
	if freq != "YEARLY" {
		return nil, fmt.Errorf("recurrence rule %q: not FREQ=YEARLY", value)
	}
	r.clock = time.Duration(clock[0])*time.Hour + time.Duration(clock[1])*time.Minute + time.Duration(clock[2])*time.Second
	return r, r.complete(value)
}

// complete fills what DTSTART says (RFC 5545 §3.3.10: information missing in
// the rule is taken from DTSTART) and refuses rules that are too broad.
func (r *yearly) complete(value string) error {
	if len(r.months) == 0 {
		if len(r.weekdays) > 0 && len(r.days) == 0 {
			return fmt.Errorf("recurrence rule %q: BYDAY without BYMONTH", value)
		}
		r.months = []int{int(r.start.Month())}
	}
	if len(r.days) == 0 && len(r.weekdays) == 0 {
		r.days = []int{r.start.Day()}
	}
	if len(r.onsets(r.start.Year()+r.interval)) > maxOnsets {
		return fmt.Errorf("recurrence rule %q: more than %d onsets a year", value, maxOnsets)
	}
	return nil
}

func (r *yearly) parseUntil(v string, from int) error {
	d, ok := ical.ParseDateTime(v)
	if !ok {
		return fmt.Errorf("UNTIL=%s is no date", v)
	}
	switch r.hasUntil, r.until = true, d.Wall.Unix(); d.Form {
	case ical.Date:
		r.until += 24*3600 - 1 - int64(from)
	case ical.Local:
		r.until -= int64(from)
	}
	return nil
}

func (r *yearly) parseDays(v string) error {
	for s := range strings.SplitSeq(v, ",") {
		if len(s) < 2 {
			return fmt.Errorf("BYDAY=%s is no weekday", v)
		}
		day, ok := weekdays[s[len(s)-2:]]
		if !ok {
			return fmt.Errorf("BYDAY=%s is no weekday", v)
		}
		w := weekday{day: day}
		if n := strings.TrimPrefix(s[:len(s)-2], "+"); n != "" {
			var err error
			if w.nth, err = number(n, -5, 5); err != nil || w.nth == 0 {
				return fmt.Errorf("BYDAY=%s is no weekday", v)
			}
		}
		if len(r.weekdays) >= 7 {
			return fmt.Errorf("BYDAY=%s has too many days", v)
		}
		r.weekdays = append(r.weekdays, w)
	}
	return nil
}

func number(s string, low, high int) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("%q is no number from %d to %d", s, low, high)
	}
	return n, nil
}

func numbers(s string, low, high int) ([]int, error) {
	var out []int
	for part := range strings.SplitSeq(s, ",") {
		n, err := number(part, low, high)
		if err != nil || n == 0 {
			return nil, fmt.Errorf("%q is no list of numbers from %d to %d", s, low, high)
		}
		if len(out) >= maxList {
			return nil, fmt.Errorf("a list of more than %d numbers", maxList)
		}
		out = append(out, n)
	}
	return out, nil
}

// onsets returns the wall-clock onsets of the rule in a year, in order and
// without regard to UNTIL and COUNT; at most maxOnsets+1.
//
// It is small enough to be inlined, so that the list lies on the caller's stack.
func (r *yearly) onsets(year int) []int64 {
	return r.appendOnsets(make([]int64, 0, maxOnsets+1), year)
}

func (r *yearly) appendOnsets(out []int64, year int) []int64 {
	if year < r.start.Year() || (year-r.start.Year())%r.interval != 0 {
		return out
	}
	for _, m := range r.months {
		first := time.Date(year, time.Month(m), 1, 0, 0, 0, 0, time.UTC)
		last := time.Date(year, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day()
		for day := r.earliest(first.Weekday(), last); day <= last && len(out) <= maxOnsets; day++ {
			if r.includes(day, last, (first.Weekday()+time.Weekday(day-1))%7) {
				at := first.Unix() + int64(day-1)*24*3600 + int64(r.clock/time.Second)
				if at >= r.start.Unix() {
					out = append(out, at)
				}
				if r.once() {
					break
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// once reports whether a month has one onset at most: the rule names one weekday
// by its number, as nearly all rules of time zones do.
func (r *yearly) once() bool {
	return len(r.days) == 0 && len(r.weekdays) == 1 && r.weekdays[0].nth != 0
}

// earliest returns the first day that is worth looking at in a month of so many
// days that begins on a weekday.
func (r *yearly) earliest(begins time.Weekday, last int) int {
	if !r.once() {
		return 1
	}
	w := r.weekdays[0]
	first := 1 + int(w.day-begins+7)%7
	if w.nth > 0 {
		return first + 7*(w.nth-1)
	}
	return max(first, first+7*((last-first)/7+1+w.nth))
}

// includes reports whether a day of a month with so many days belongs to the
// rule.
func (r *yearly) includes(day, last int, on time.Weekday) bool {
	if len(r.days) > 0 && !slices.Contains(r.days, day) && !slices.Contains(r.days, day-last-1) {
		return false
	}
	if len(r.weekdays) == 0 {
		return true
	}
	for _, w := range r.weekdays {
		if w.day == on && (w.nth == 0 || w.nth == (day+6)/7 || w.nth == -((last-day)/7+1)) {
			return true
		}
	}
	return false
}
