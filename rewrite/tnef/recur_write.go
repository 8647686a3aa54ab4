package tnef

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// recurrenceOf reads an RRULE for a series that starts at a wall-clock time.
// until is the wall-clock time of UNTIL, if there is one. It fails for rules
// that Outlook does not know.
//
// A day of the month from 29 on is read as Outlook means it: the last day of
// shorter months.
func recurrenceOf(rule string, start time.Time, until time.Time) (*recurrence, error) {
	p := ruleParts(rule)
	r := &recurrence{frequency: freqDaily, period: 1, end: endNever, count: 10, endDate: noEndDate}
	r.startDate = wallMinutes(start.Truncate(24 * time.Hour))
	if p["INTERVAL"] != "" {
		n, err := strconv.ParseUint(p["INTERVAL"], 10, 16)
		if err != nil {
			return nil, fmt.Errorf("INTERVAL=%s", p["INTERVAL"])
		}
		r.period = uint32(n)
	}
	if i := slices.Index(dayNames[:], p["WKST"]); i >= 0 {
		r.weekStart = uint32(i)
	} else {
		r.weekStart = 1 // Monday, RFC 5545 §3.3.10
	}
	if err := r.setPattern(p, start); err != nil {
		return nil, fmt.Errorf("RRULE:%s: %w", rule, err)
	}
	r.setFirst(start)
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("RRULE:%s: %w", rule, err)
	}
	if !r.occurs(start.Truncate(24 * time.Hour)) {
		return nil, fmt.Errorf("RRULE:%s does not start on %s", rule, start.Format(time.DateOnly))
	}
	return r, r.setEnd(p["COUNT"], until, start)
}

func (r *recurrence) setPattern(p map[string]string, start time.Time) error {
	for name := range p {
		if !slices.Contains([]string{"", "FREQ", "INTERVAL", "WKST", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS"}, name) {
			return fmt.Errorf("Outlook does not support %s", name)
		}
	}
	switch p["FREQ"] {
	case "DAILY":
		if p["BYDAY"] == "" {
			r.pattern, r.period = patternDay, r.period*dayLength
			return nil
		}
		if r.period != 1 {
			return fmt.Errorf("BYDAY with INTERVAL=%d", r.period)
		}
		r.pattern = patternWeek
		return r.setDays(p["BYDAY"], start)
	case "WEEKLY":
		r.frequency, r.pattern = freqWeekly, patternWeek
		return r.setDays(p["BYDAY"], start)
	case "MONTHLY":
		r.frequency = freqMonthly
	case "YEARLY":
		r.frequency, r.period = freqYearly, 12*r.period
		if p["BYMONTH"] == "" && p["BYDAY"] != "" {
			return fmt.Errorf("BYDAY=%s of a whole year", p["BYDAY"])
		}
	default:
		return fmt.Errorf("FREQ=%s", p["FREQ"])
	}
	if m := p["BYMONTH"]; m != "" && (m != strconv.Itoa(int(start.Month())) || r.frequency != freqYearly) {
		return fmt.Errorf("BYMONTH=%s", m)
	}
	if p["BYDAY"] != "" {
		return r.setNth(p["BYDAY"], p["BYSETPOS"], start)
	}
	return r.setDay(p["BYMONTHDAY"], p["BYSETPOS"], start)
}

func (r *recurrence) setDays(list string, start time.Time) error {
	r.weekdays = 1 << start.Weekday()
	if list == "" {
		return nil
	}
	r.weekdays = 0
	for _, d := range strings.Split(list, ",") {
		i := slices.Index(dayNames[:], strings.TrimSpace(d))
		if i < 0 {
			return fmt.Errorf("BYDAY=%s", list)
		}
		r.weekdays |= 1 << i
	}
	return nil
}

func (r *recurrence) setNth(days, pos string, start time.Time) error {
	r.pattern = patternNth
	if pos == "" && len(days) > 2 {
		pos, days = days[:len(days)-2], days[len(days)-2:]
	}
	n, err := strconv.Atoi(pos)
	if err != nil || n == 0 || n < -1 || n > 4 {
		return fmt.Errorf("BYSETPOS=%s", pos)
	}
	if r.nth = uint32(n); n == -1 {
		r.nth = 5
	}
	return r.setDays(days, start)
}

func (r *recurrence) setDay(days, pos string, start time.Time) error {
	r.pattern = patternMonth
	switch {
	case days == "":
		r.day = uint32(start.Day())
	case days == "-1" && pos == "":
		r.day = 31
	case days == "28,29,30" && pos == "-1":
		r.day = 30
	case days == "28,29" && pos == "-1":
		r.day = 29
	default:
		n, err := strconv.ParseUint(days, 10, 8)
		if err != nil || pos != "" {
			return fmt.Errorf("BYMONTHDAY=%s", days)
		}
		r.day = uint32(n)
	}
	return nil
}

// setFirst sets FirstDateTime: where in its cycle, counted from 1601, the
// series lies ([MS-OXOCAL] §2.2.1.44.1.2).
func (r *recurrence) setFirst(start time.Time) {
	switch r.pattern {
	case patternDay:
		if r.period > 0 {
			r.first = r.startDate % r.period
		}
	case patternWeek:
		week := r.startDate - uint32((int(start.Weekday())-int(r.weekStart)+7)%7)*dayLength
		if r.period > 0 {
			r.first = week % (r.period * 7 * dayLength)
		}
	default:
		months := uint32(12*(start.Year()-1601) + int(start.Month()) - 1)
		if r.period > 0 {
			months %= r.period
		}
		r.first = wallMinutes(time.Date(1601, 1+time.Month(months), 1, 0, 0, 0, 0, time.UTC))
	}
}

// setEnd sets the end, and the date of the last occurrence.
func (r *recurrence) setEnd(count string, until, start time.Time) error {
	switch {
	case count != "":
		n, err := strconv.ParseUint(count, 10, 16)
		if err != nil || n == 0 {
			return fmt.Errorf("COUNT=%s", count)
		}
		r.end, r.count = endAfter, uint32(n)
		last, _ := r.lastDay()
		r.endDate = wallMinutes(last)
	case !until.IsZero():
		r.end, r.count = endByDate, 0
		clock := start.Sub(start.Truncate(24 * time.Hour))
		for day := start.Truncate(24 * time.Hour); !day.Add(clock).After(until) && r.count < maxScan; day = day.AddDate(0, 0, 1) {
			if r.occurs(day) {
				r.count++
				r.endDate = wallMinutes(day)
			}
		}
		if r.count == 0 {
			return fmt.Errorf("UNTIL is before the start")
		}
	}
	return nil
}

// bytes writes PidLidAppointmentRecur as Outlook 2007 and later do.
func (r *recurrence) bytes(page codepage) []byte {
	w := &recurWriter{page: page}
	w.u16(recurVersion, recurVersion, r.frequency, r.pattern, r.calendar)
	w.u32(r.first, r.period, 0)
	switch r.pattern {
	case patternDay:
	case patternWeek:
		w.u32(r.weekdays)
	case patternNth, patternNth | patternHijri:
		w.u32(r.weekdays, r.nth)
	default:
		w.u32(r.day)
	}
	w.u32(r.end, r.count, r.weekStart)
	w.u32(uint32(len(r.deleted)))
	w.u32(r.deleted...)
	w.u32(uint32(len(r.modified)))
	w.u32(r.modified...)
	w.u32(r.startDate, r.endDate, recurVersion2, writer2007, r.startOffset, r.endOffset)
	w.u16(uint16(len(r.exceptions)))
	for i := range r.exceptions {
		w.exception(&r.exceptions[i])
	}
	w.u32(0) // reserved
	for i := range r.exceptions {
		w.extended(&r.exceptions[i])
	}
	w.u32(0)
	return w.b
}

type recurWriter struct {
	b    []byte
	page codepage
}

func (w *recurWriter) u16(v ...uint16) {
	for _, n := range v {
		w.b = binary.LittleEndian.AppendUint16(w.b, n)
	}
}

func (w *recurWriter) u32(v ...uint32) {
	for _, n := range v {
		w.b = binary.LittleEndian.AppendUint32(w.b, n)
	}
}

func (w *recurWriter) exception(e *exception) {
	w.u32(e.start, e.end, e.original)
	w.u16(e.flags)
	if e.flags&changedSubject != 0 {
		w.narrow(e.subject)
	}
	if e.flags&changedType != 0 {
		w.u32(0)
	}
	if e.flags&changedReminder != 0 {
		w.u32(e.reminder)
	}
	if e.flags&changedReminderSet != 0 {
		w.u32(choose[uint32](e.reminderSet, 1, 0))
	}
	if e.flags&changedLocation != 0 {
		w.narrow(e.location)
	}
	if e.flags&changedBusy != 0 {
		w.u32(e.busy)
	}
	if e.flags&changedAttachment != 0 {
		w.u32(0)
	}
	if e.flags&changedAllDay != 0 {
		w.u32(choose[uint32](e.allDay, 1, 0))
	}
	if e.flags&changedColor != 0 {
		w.u32(0)
	}
}

func (w *recurWriter) extended(e *exception) {
	w.u32(4, 0) // ChangeHighlight
	w.u32(0)
	if e.flags&(changedSubject|changedLocation) == 0 {
		return
	}
	w.u32(e.start, e.end, e.original)
	if e.flags&changedSubject != 0 {
		w.wide(e.subject)
	}
	if e.flags&changedLocation != 0 {
		w.wide(e.location)
	}
	w.u32(0)
}

// narrow writes a string in the code page; what that lacks is "?". The same
// string follows in Unicode.
func (w *recurWriter) narrow(s string) {
	b, ok := w.page.encode(s)
	if !ok {
		b = []byte(strings.Map(func(r rune) rune {
			if r >= 0x80 {
				return '?'
			}
			return r
		}, s))
	}
	b = b[:min(len(b), 1<<15)]
	w.u16(uint16(len(b)+1), uint16(len(b)))
	w.b = append(w.b, b...)
}

func (w *recurWriter) wide(s string) {
	b := encodeUTF16(s)
	b = b[:min(len(b), 1<<16)]
	w.u16(uint16(len(b) / 2))
	w.b = append(w.b, b...)
}
