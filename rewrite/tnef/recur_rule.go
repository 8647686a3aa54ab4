package tnef

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

var dayNames = [7]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// check returns what about the pattern cannot be said in a recurrence rule, or
// cannot be at all.
func (r *recurrence) check() error {
	unknown := func(what string, v uint32) error {
		return fmt.Errorf("%w: %s %d", errRecurrence, what, v)
	}
	if err := r.checkCalendar(); err != nil {
		return err
	}
	interval, unit := r.period, uint32(1)
	if r.pattern == patternDay {
		unit = dayLength
	}
	if interval == 0 || interval%unit != 0 || interval/unit > 9999 {
		return unknown("period", interval)
	}
	switch r.kind() {
	case patternNth:
		if r.nth < 1 || r.nth > 5 {
			return unknown("week of the month", r.nth)
		}
		fallthrough
	case patternWeek:
		if r.weekdays == 0 || r.weekdays > 0x7F {
			return unknown("weekdays", r.weekdays)
		}
	case patternMonth, patternMonthEnd:
		if r.day < 1 || r.day > 31 {
			return unknown("day of the month", r.day)
		}
	}
	if r.weekStart > 6 {
		return unknown("first day of the week", r.weekStart)
	}
	if r.startDate%dayLength != 0 || r.startOffset >= dayLength || r.endOffset < r.startOffset {
		return unknown("start of day", r.startOffset)
	}
	if err := r.checkEnd(); err != nil || !r.hijri() {
		return err
	}
	return r.checkHijri()
}

func (r *recurrence) checkEnd() error {
	switch r.end {
	case endByDate:
		if r.endDate < r.startDate {
			return fmt.Errorf("%w: it ends before it starts", errRecurrence)
		}
	case endAfter:
		if r.count == 0 {
			return fmt.Errorf("%w: it has no occurrences", errRecurrence)
		}
	case endNever, endNever2:
	default:
		return fmt.Errorf("%w: end type %#x", errRecurrence, r.end)
	}
	return nil
}

// checkCalendar returns why the days of a pattern cannot be known. The calendars
// that only count years or name months differently are Gregorian; days and
// weeks are the same in all of them.
func (r *recurrence) checkCalendar() error {
	name := calendarNames[r.calendar]
	switch kind := r.kind(); {
	case kind > patternMonthEnd || kind < patternMonth && r.pattern != kind:
		return fmt.Errorf("%w: pattern %d", errRecurrence, r.pattern)
	case r.pattern != kind && r.calendar != 0 && r.calendar != calendarHijri:
		return fmt.Errorf("%w: a pattern of the Hijri calendar with calendar %d", errRecurrence, r.calendar)
	case kind < patternMonth || r.hijri() || r.calendar <= 0xC && name == "":
		return nil
	}
	if name == "" {
		name = "unknown"
	}
	return fmt.Errorf("a series by months of calendar %d (%s), which no rule in the Gregorian calendar can describe", r.calendar, name)
}

// calendarNames are those of the calendars with other months. All but the
// Hijri one that Windows calculates follow the moon by tables, or have months
// that come in some years only, and the pattern does not say what becomes of
// these.
var calendarNames = map[uint16]string{
	calendarHijri: "Hijri", 8: "Hebrew", 0xE: "Japanese lunar", 0xF: "Chinese lunar", 0x10: "Saka", 0x11: "Chinese lunar",
	0x12: "Korean lunar", 0x13: "Japanese lunar", 0x14: "Korean lunar", 0x17: "Umm al-Qura",
}

// kind returns the pattern without its calendar.
func (r *recurrence) kind() uint16 { return r.pattern &^ patternHijri }

// yearly reports whether the pattern of a month comes once in so many years.
func (r *recurrence) yearly() bool { return r.kind() >= patternMonth && r.period%12 == 0 }

// last reports whether the day of the month is its last one. Of February each
// day from 29 on is: a series goes to the end of a month that is too short.
func (r *recurrence) last() bool {
	if r.hijri() {
		return r.kind() == patternMonthEnd || r.day >= 30
	}
	return r.pattern == patternMonthEnd || r.day == 31 || r.yearly() && r.day > 28 && r.month() == time.February
}

func (r *recurrence) month() time.Month { return wallTime(r.startDate).Month() }

// rule writes the RRULE (RFC 5545 §3.3.10). PatternType
// counts, not the frequency: "every weekday" is daily by frequency and a week
// by pattern. until is after FREQ unless the series has a count.
func (r *recurrence) rule(until string) string {
	if r.end == endAfter {
		until = ";COUNT=" + strconv.FormatUint(uint64(r.count), 10)
	}
	switch r.pattern {
	case patternDay:
		return "FREQ=DAILY" + until + ";INTERVAL=" + strconv.Itoa(int(r.period/dayLength))
	case patternWeek:
		return fmt.Sprintf("FREQ=WEEKLY%s;INTERVAL=%d;BYDAY=%s;WKST=%s", until, r.period, r.byDay(), dayNames[r.weekStart])
	}
	head := fmt.Sprintf("FREQ=MONTHLY%s;INTERVAL=%d", until, r.period)
	if r.yearly() {
		head = fmt.Sprintf("FREQ=YEARLY%s;INTERVAL=%d", until, r.period/12)
	}
	body := r.monthDay()
	if r.pattern == patternNth {
		body = r.nthDay()
	}
	if r.yearly() {
		body += ";BYMONTH=" + strconv.Itoa(int(r.month()))
	}
	return head + body
}

// monthDay writes a day of the month. In a month without day 29 or 30 the
// occurrence is on the last day, where BYMONTHDAY alone would leave it out
// (RFC 5545 §3.3.10).
func (r *recurrence) monthDay() string {
	switch {
	case r.last():
		return ";BYMONTHDAY=-1"
	case r.day == 30 && !r.yearly():
		return ";BYMONTHDAY=28,29,30;BYSETPOS=-1"
	case r.day == 29 && !r.yearly():
		return ";BYMONTHDAY=28,29;BYSETPOS=-1"
	}
	return ";BYMONTHDAY=" + strconv.Itoa(int(r.day))
}

func (r *recurrence) nthDay() string {
	nth := int(r.nth)
	if nth == 5 {
		nth = -1
	}
	if bits.OnesCount32(r.weekdays) == 1 {
		return fmt.Sprintf(";BYDAY=%d%s", nth, r.byDay())
	}
	return fmt.Sprintf(";BYDAY=%s;BYSETPOS=%d", r.byDay(), nth)
}

func (r *recurrence) byDay() string {
	var days []string
	for i, name := range dayNames {
		if r.weekdays&(1<<i) != 0 {
			days = append(days, name)
		}
	}
	return strings.Join(days, ",")
}

// occurs reports whether a day belongs to the pattern that starts on startDate.
// The end is not looked at.
func (r *recurrence) occurs(day time.Time) bool {
	start := wallTime(r.startDate)
	days := int(day.Sub(start) / (24 * time.Hour))
	switch r.pattern {
	case patternDay:
		return days%int(r.period/dayLength) == 0
	case patternWeek:
		lead := (int(start.Weekday()) - int(r.weekStart) + 7) % 7
		return r.weekdays&(1<<day.Weekday()) != 0 && (days+lead)/7%int(r.period) == 0
	}
	month, date, length := r.monthOf(day)
	if first, _, _ := r.monthOf(start); (month-first)%int(r.period) != 0 {
		return false
	}
	if r.kind() != patternNth {
		return date == choose(r.last(), length, min(int(r.day), length))
	}
	return date == r.nthOf(day.Weekday(), date, length)
}

// monthOf gives the place of a day in the calendar: its month counted on
// through the years, the day in it, and how long that month is.
func (r *recurrence) monthOf(day time.Time) (month, date, length int) {
	if r.hijri() {
		return hijriMonth(day)
	}
	length = time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return 12*day.Year() + int(day.Month()), day.Day(), length
}

// nthOf gives the day of a month on which the nth of the weekdays falls, in
// the month of which one weekday is known.
func (r *recurrence) nthOf(known time.Weekday, date, length int) int {
	n, found := 0, 0
	for d := 1; d <= length; d++ {
		weekday := (int(known) + d - date + 70) % 7
		if r.weekdays&(1<<weekday) == 0 {
			continue
		}
		found = d
		if n++; n == int(r.nth) && r.nth != 5 {
			return d
		}
	}
	if r.nth != 5 {
		return 0
	}
	return found
}

// maxScan bounds the days that are looked at for the last occurrence: 400
// years.
const maxScan = 146097

// lastDay gives the day of the last occurrence: by count, or by the end date;
// ok is false for a series without an end.
func (r *recurrence) lastDay() (day time.Time, ok bool) {
	switch {
	case r.end == endByDate && r.endDate != noEndDate:
		return wallTime(r.endDate), true
	case r.end != endAfter:
		return time.Time{}, false
	}
	day = wallTime(r.startDate)
	for n := uint32(0); ; day = day.AddDate(0, 0, 1) {
		if r.occurs(day) {
			if n++; n == r.count {
				return day, true
			}
		}
		if wallMinutes(day)-r.startDate > maxScan*dayLength {
			return day, true
		}
	}
}

// removed gives the occurrences that were deleted and not moved, with their
// times.
func (r *recurrence) removed() []uint32 {
	moved := make(map[uint32]bool, len(r.exceptions))
	for _, e := range r.exceptions {
		moved[e.original/dayLength] = true
	}
	var out []uint32
	for _, d := range r.deleted {
		if !moved[d/dayLength] {
			out = append(out, d-d%dayLength+r.startOffset)
		}
	}
	return out
}
