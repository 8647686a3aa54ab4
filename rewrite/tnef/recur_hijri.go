package tnef

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// hijri reports whether months are those of the Hijri calendar. The patterns of
// its own say so with no calendar named ([MS-OXOCAL] §2.2.1.44.1).
func (r *recurrence) hijri() bool {
	if r.pattern&patternHijri != 0 {
		return true
	}
	return r.calendar == calendarHijri && r.pattern >= patternMonth
}

// The Hijri calendar of Windows is arithmetic: months of 30 and 29 days in
// turn, and eleven leap days in a cycle of thirty years.
const (
	hijriEpoch = 227013 // days from 1 January 1 to the first day of the year 1, 18 July 622
	hijriCycle = 10631  // days
	unixDays   = 719162 // from 1 January 1 to 1 January 1970
)

// hijriMonth gives the place of a day in the Hijri calendar: its month counted
// on through the years, the day in it, and how long that month is.
func hijriMonth(day time.Time) (month, date, length int) {
	days := int(day.Unix()/86400) + unixDays - hijriEpoch
	cycle := days / hijriCycle
	days -= cycle * hijriCycle
	year := 0 // of the cycle, from 0
	for days >= hijriNewYear(year+1) {
		year++
	}
	days -= hijriNewYear(year)
	// two months have 59 days; the leap day is the last of the last month
	in := min(days/59*2+min(days%59/30, 1), 11)
	date = days - (in/2*59 + in%2*30)
	length = 30 - in%2
	if in == 11 {
		length = hijriNewYear(year+1) - hijriNewYear(year) - 325
	}
	return (cycle*30+year)*12 + in, date + 1, length
}

// hijriNewYear gives the days of a cycle before one of its years. The years 2,
// 5, 7, 10, 13, 16, 18, 21, 24, 26 and 29 have a leap day.
func hijriNewYear(year int) int { return 354*year + (11*year+14)/30 }

// hijriDisputed reports whether a month is not the same for all of Windows: older
// ones have the leap day of the year 16 of a cycle in the year 15.
func hijriDisputed(month int) bool {
	month %= 30 * 12
	return month >= 15*12-1 && month < 16*12
}

// maxListed bounds the occurrences of a series that can only be listed.
const maxListed = 1000

// checkHijri returns why a series by Hijri months cannot be told. No rule that
// receivers understand counts in them (RSCALE of RFC 7529 is passed over, and
// the months are taken for Gregorian ones), but the days of a series that ends
// can be listed. The calendar can be set some days forward or back on each
// computer: the dates that the pattern holds must be those of ours.
func (r *recurrence) checkHijri() error {
	last, ok := r.lastDay()
	if !ok {
		return errors.New("a series by months of the Hijri calendar without an end: its days cannot be listed")
	}
	if wallMinutes(last)-r.startDate > maxScan*dayLength {
		return fmt.Errorf("%w: it lasts until %s", errRecurrence, last.Format(time.DateOnly))
	}
	days := r.days(last)
	known := make(map[uint32]bool, len(days))
	for _, d := range days {
		known[d] = true
		if month, _, _ := hijriMonth(wallTime(d)); hijriDisputed(month) {
			return fmt.Errorf("a series by months of the Hijri calendar to %s: the Hijri calendars of Windows disagree in that year", wallTime(d).Format(time.DateOnly))
		}
	}
	differs := !known[r.startDate] ||
		r.end == endAfter && r.endDate != wallMinutes(last) ||
		r.end == endByDate && r.count != 0 && int(r.count) != len(days)
	for _, d := range r.deleted {
		differs = differs || !known[d-d%dayLength]
	}
	switch {
	case len(days) > maxListed:
		return fmt.Errorf("a series by months of the Hijri calendar with more than %d occurrences", maxListed)
	case differs:
		return errors.New("a series by months of an adjusted Hijri calendar: its dates are not those of the pattern")
	}
	return nil
}

// days lists the days of the pattern from its start to the last one, one more
// than can be listed at most.
func (r *recurrence) days(last time.Time) []uint32 {
	var out []uint32
	for day := wallTime(r.startDate); !day.After(last) && len(out) <= maxListed; day = day.AddDate(0, 0, 1) {
		if r.occurs(day) {
			out = append(out, wallMinutes(day))
		}
	}
	return out
}

// list sets the days of the series instead of its rule. It returns those of the
// removed days that have to be taken out again: only the first day, which
// DTSTART names whatever else is listed.
//
// A rule for that one day stands beside the list. It says nothing new, but
// without it ical.js leaves the day out, and Exchange and calcurse refuse the
// whole event.
func (b *builder) list(removed []uint32, at func(uint32) stamp) (out []uint32) {
	b.master.rule = "FREQ=DAILY;COUNT=1"
	last, _ := b.recur.lastDay()
	for i, d := range b.recur.days(last) {
		d += b.recur.startOffset
		switch gone := slices.Contains(removed, d); {
		case gone && i == 0:
			out = append(out, d)
		case !gone && i > 0:
			b.master.rdates = append(b.master.rdates, at(d))
		}
	}
	return out
}
