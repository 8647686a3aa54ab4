package tnef

import (
	"errors"
	"fmt"
	"time"
)

// recurrence is AppointmentRecurrencePattern ([MS-OXOCAL] §2.2.1.44.5). Its
// times are minutes since 1601 on the organizer's wall clock.
type recurrence struct {
	frequency, pattern, calendar uint16
	first, period                uint32
	weekdays                     uint32 // a bit each, Sunday first; week and nth patterns
	day                          uint32 // of the month; 31 for the last
	nth                          uint32 // of those weekdays in the month; 5 for the last
	end, count                   uint32
	weekStart                    uint32 // 0 for Sunday
	deleted                      []uint32
	modified                     []uint32
	startDate, endDate           uint32
	startOffset, endOffset       uint32 // of an occurrence, from midnight
	exceptions                   []exception
}

// exception is ExceptionInfo with its ExtendedException: an occurrence that
// was changed. What flags do not name is that of the series.
type exception struct {
	start, end, original uint32
	flags                uint16
	subject, location    string
	reminder             uint32 // minutes before the start
	reminderSet          bool
	busy                 uint32
	allDay               bool
}

// Frequencies, patterns and ends.
const (
	freqDaily   = 0x200A
	freqWeekly  = 0x200B
	freqMonthly = 0x200C
	freqYearly  = 0x200D

	patternDay      = 0
	patternWeek     = 1
	patternMonth    = 2
	patternNth      = 3
	patternMonthEnd = 4
	patternHijri    = 8 // or one of the last three: by months of the Hijri calendar

	calendarHijri = 6

	endByDate = 0x2021
	endAfter  = 0x2022
	endNever  = 0x2023
	endNever2 = 0xFFFFFFFF

	noEndDate = 0x5AE980DF
)

// Flags of an exception.
const (
	changedSubject     = 0x0001
	changedType        = 0x0002
	changedReminder    = 0x0004
	changedReminderSet = 0x0008
	changedLocation    = 0x0010
	changedBusy        = 0x0020
	changedAttachment  = 0x0040
	changedAllDay      = 0x0080
	changedColor       = 0x0100
	changedBody        = 0x0200
)

const (
	recurVersion  = 0x3004
	recurVersion2 = 0x3006
	writer2007    = 0x3009
)

// Limits of one series: what a person deletes and changes by hand.
const (
	maxDeleted    = 5000
	maxExceptions = 1000
)

var errRecurrence = errors.New("recurrence is damaged")

// parseRecurrence reads PidLidAppointmentRecur. The 8-bit strings in it are
// of the code page.
func parseRecurrence(b []byte, page codepage) (*recurrence, error) {
	in := &recurCursor{cursor{b: b}}
	r := &recurrence{}
	if in.u16() != recurVersion {
		return nil, fmt.Errorf("%w: unknown version", errRecurrence)
	}
	in.u16()
	r.frequency, r.pattern, r.calendar = in.u16(), in.u16(), in.u16()
	r.first, r.period = in.u32(), in.u32()
	in.u32() // sliding, for tasks
	switch r.pattern {
	case patternDay:
	case patternWeek:
		r.weekdays = in.u32()
	case patternNth, patternNth | patternHijri:
		r.weekdays, r.nth = in.u32(), in.u32()
	default:
		r.day = in.u32()
	}
	r.end, r.count, r.weekStart = in.u32(), in.u32(), in.u32()
	r.deleted = in.list(maxDeleted)
	r.modified = in.list(maxExceptions)
	r.startDate, r.endDate = in.u32(), in.u32()
	if in.u32() != recurVersion2 {
		in.fail("unknown version")
	}
	writer := in.u32()
	r.startOffset, r.endOffset = in.u32(), in.u32()
	r.parseExceptions(in, page)
	r.parseExtended(in, writer)
	if in.err != nil {
		return nil, in.err
	}
	return r, nil
}

func (r *recurrence) parseExceptions(in *recurCursor, page codepage) {
	n := int(in.u16())
	if n > maxExceptions {
		in.fail("too many exceptions")
	}
	for i := 0; i < n && in.err == nil; i++ {
		e := exception{start: in.u32(), end: in.u32(), original: in.u32(), flags: in.u16()}
		if e.flags&changedSubject != 0 {
			e.subject = in.short(page)
		}
		if e.flags&changedType != 0 {
			in.u32()
		}
		if e.flags&changedReminder != 0 {
			e.reminder = in.u32()
		}
		if e.flags&changedReminderSet != 0 {
			e.reminderSet = in.u32() != 0
		}
		if e.flags&changedLocation != 0 {
			e.location = in.short(page)
		}
		if e.flags&changedBusy != 0 {
			e.busy = in.u32()
		}
		if e.flags&changedAttachment != 0 {
			in.u32()
		}
		if e.flags&changedAllDay != 0 {
			e.allDay = in.u32() != 0
		}
		if e.flags&changedColor != 0 {
			in.u32()
		}
		r.exceptions = append(r.exceptions, e)
	}
	in.skip()
}

// parseExtended reads what follows the exceptions: their texts in Unicode. A
// blob that ends before has none, and nothing is lost by that but characters
// that the code page lacks.
func (r *recurrence) parseExtended(in *recurCursor, writer uint32) {
	if in.err != nil || in.left() == 0 {
		return
	}
	for i := range r.exceptions {
		e := &r.exceptions[i]
		if writer >= writer2007 {
			in.skip() // ChangeHighlight
		}
		in.skip()
		if e.flags&(changedSubject|changedLocation) == 0 {
			continue
		}
		in.take(12) // the times again
		if e.flags&changedSubject != 0 {
			e.subject = in.wide()
		}
		if e.flags&changedLocation != 0 {
			e.location = in.wide()
		}
		in.skip()
	}
}

// wallTime gives the wall-clock time of minutes since 1601, its digits in
// time.UTC.
func wallTime(minutes uint32) time.Time { return time.Unix(since1601+60*int64(minutes), 0).UTC() }

// wallMinutes is the inverse of wallTime.
func wallMinutes(wall time.Time) uint32 { return uint32((wall.Unix() - since1601) / 60) }

const (
	since1601 = -11644473600 // 1601-01-01 in Unix seconds
	dayLength = 24 * 60      // minutes
)

// recurCursor reads the values of a recurrence.
type recurCursor struct{ cursor }

func (c *recurCursor) u16() uint16       { return c.cursor.u16("recurrence") }
func (c *recurCursor) u32() uint32       { return c.cursor.u32("recurrence") }
func (c *recurCursor) take(n int) []byte { return c.cursor.take(n, "recurrence") }

func (c *recurCursor) fail(what string) {
	if c.err == nil {
		c.err = fmt.Errorf("%w: %s at octet %d", errRecurrence, what, c.off)
	}
}

// skip leaves out a block with its length.
func (c *recurCursor) skip() { c.take(c.length("recurrence")) }

// list reads a counted list of at most limit values.
func (c *recurCursor) list(limit int) []uint32 {
	n := c.length("recurrence")
	if n > limit {
		c.fail(fmt.Sprintf("%d occurrences, at most %d are read,", n, limit))
	}
	if c.err != nil {
		return nil
	}
	out := make([]uint32, n)
	for i := range out {
		out[i] = c.u32()
	}
	return out
}

// short reads an 8-bit string: its length and one more, its length, octets.
func (c *recurCursor) short(page codepage) string {
	c.u16()
	s, err := page.decode(c.take(int(c.u16())))
	if err != nil && c.err == nil {
		c.err = err
	}
	return s
}

// wide reads a counted string in UTF-16.
func (c *recurCursor) wide() string { return decodeUTF16(c.take(2 * int(c.u16()))) }
