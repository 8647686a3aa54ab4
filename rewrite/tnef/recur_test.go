package tnef

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
	"time"
)

// weeklyMonday is a real one: every Monday from 2013-12-23, 12:00 to 12:30,
// without an end.
const weeklyMonday = "043004300b2001000000c0210000010000000000000002000000" +
	"232000000a000000000000000000000000000000" + "8044f20cdf80e95a" +
	"0630000009300000d0020000ee0200000000" + "00000000" + "00000000"

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRecurrenceWorkedExample(t *testing.T) {
	b := unhex(t, weeklyMonday)
	r, err := parseRecurrence(b, defaultCodepage)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.check(); err != nil {
		t.Fatal(err)
	}
	if got, want := r.rule(""), "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;WKST=SU"; got != want {
		t.Errorf("rule %s, want %s", got, want)
	}
	if got := wallTime(r.startDate + r.startOffset).Format(time.DateTime); got != "2013-12-23 12:00:00" {
		t.Errorf("starts %s", got)
	}
	if got := wallTime(r.startDate + r.endOffset).Format(time.DateTime); got != "2013-12-23 12:30:00" {
		t.Errorf("ends %s", got)
	}
	if _, ends := r.lastDay(); ends {
		t.Error("it has an end")
	}
	if got := hex.EncodeToString(r.bytes(defaultCodepage)); got != weeklyMonday {
		t.Errorf("written again\n%s, want\n%s", got, weeklyMonday)
	}
}

func TestRecurrenceCut(t *testing.T) {
	b := unhex(t, weeklyMonday)
	for n := range len(b) - 4 { // the last block may be missing
		if _, err := parseRecurrence(b[:n], defaultCodepage); err == nil {
			t.Errorf("%d of %d octets are taken", n, len(b))
		}
	}
}

func TestRecurrenceRules(t *testing.T) {
	monday := wallMinutes(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))
	for _, tc := range []struct {
		name string
		r    recurrence
		want string // a rule, or part of an error
	}{
		{"every weekday is daily by frequency", recurrence{frequency: freqDaily, pattern: patternWeek, period: 1, weekdays: 0x3E}, "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR;WKST=SU"},
		{"days", recurrence{pattern: patternDay, period: 3 * dayLength}, "FREQ=DAILY;INTERVAL=3"},
		{"month end", recurrence{pattern: patternMonthEnd, period: 1, day: 28}, "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=-1"},
		{"day 31", recurrence{pattern: patternMonth, period: 2, day: 31}, "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=-1"},
		{"day 30", recurrence{pattern: patternMonth, period: 1, day: 30}, "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=28,29,30;BYSETPOS=-1"},
		{"day 30 of March", recurrence{pattern: patternMonth, period: 12, day: 30}, "FREQ=YEARLY;INTERVAL=1;BYMONTHDAY=30;BYMONTH=3"},
		{"second Wednesday", recurrence{pattern: patternNth, period: 1, weekdays: 8, nth: 2}, "FREQ=MONTHLY;INTERVAL=1;BYDAY=2WE"},
		{"last weekday", recurrence{pattern: patternNth, period: 24, weekdays: 0x3E, nth: 5}, "FREQ=YEARLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;BYMONTH=3"},
		{"count", recurrence{pattern: patternDay, period: dayLength, end: endAfter, count: 7}, "FREQ=DAILY;COUNT=7;INTERVAL=1"},
		{"the old number for no end", recurrence{pattern: patternDay, period: dayLength, end: endNever2, count: 10}, "FREQ=DAILY;INTERVAL=1"},
		{"Japanese years are Gregorian", recurrence{pattern: patternMonth, period: 1, day: 2, calendar: 3}, "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=2"},
		{"Korean years are Gregorian", recurrence{pattern: patternMonthEnd, period: 12, day: 31, calendar: 5}, "FREQ=YEARLY;INTERVAL=1;BYMONTHDAY=-1;BYMONTH=3"},
		{"weeks are the same in all calendars", recurrence{pattern: patternWeek, period: 1, weekdays: 2, calendar: 0xF}, "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;WKST=SU"},
		{"Hijri months without an end", recurrence{pattern: 0xA, period: 1, day: 2}, "error: without an end"},
		{"Hebrew months", recurrence{pattern: patternMonth, period: 1, day: 2, calendar: 8}, "error: calendar 8 (Hebrew)"},
		{"months by a table", recurrence{pattern: patternMonth, period: 1, day: 2, calendar: 0x17}, "error: calendar 23 (Umm al-Qura)"},
		{"a calendar that nobody knows", recurrence{pattern: patternMonth, period: 1, day: 2, calendar: 0x42}, "error: calendar 66 (unknown)"},
		{"two calendars at once", recurrence{pattern: 0xA, period: 1, day: 2, calendar: 1}, "error: with calendar 1"},
		{"a pattern that nobody knows", recurrence{pattern: 7, period: 1, day: 2}, "error: pattern 7"},
		{"Hijri days", recurrence{pattern: 8, period: dayLength}, "error: pattern 8"},
		{"no period", recurrence{pattern: patternWeek, weekdays: 1}, "error: period 0"},
		{"half a day", recurrence{pattern: patternDay, period: 720}, "error: period 720"},
		{"no weekday", recurrence{pattern: patternWeek, period: 1}, "error: weekdays 0"},
		{"sixth week", recurrence{pattern: patternNth, period: 1, weekdays: 1, nth: 6}, "error: week of the month 6"},
		{"day 0", recurrence{pattern: patternMonth, period: 1}, "error: day of the month 0"},
		{"no occurrences", recurrence{pattern: patternDay, period: dayLength, end: endAfter}, "error: no occurrences"},
		{"unknown end", recurrence{pattern: patternDay, period: dayLength, end: 7}, "error: end type"},
		{"ends early", recurrence{pattern: patternDay, period: dayLength, end: endByDate, endDate: 1440}, "error: before it starts"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := tc.r
			r.startDate, r.startOffset, r.endOffset = monday, 600, 660
			if r.end == 0 {
				r.end = endNever
			}
			err := r.check()
			if part, isError := strings.CutPrefix(tc.want, "error: "); isError {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("error %v, want %s", err, part)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := r.rule(""); got != tc.want {
				t.Errorf("rule %s, want %s", got, tc.want)
			}
		})
	}
}

// Outlook XP writes the old day of a moved occurrence where others write the
// new one; and every reader must compare days, not times.
func TestRecurrenceRemoved(t *testing.T) {
	day := wallMinutes(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))
	r := &recurrence{startOffset: 600, deleted: []uint32{day, day + dayLength}, modified: []uint32{day},
		exceptions: []exception{{original: day + 600, start: day + 900, end: day + 960}}}
	got := r.removed()
	if len(got) != 1 || got[0] != day+dayLength+600 {
		t.Errorf("removed %v, want only %d", got, day+dayLength+600)
	}
}

// Every field of an exception is read where it is, whatever flags are set.
func TestRecurrenceException(t *testing.T) {
	for flags := uint16(0); flags <= 0x3FF; flags++ {
		want := exception{start: 1, end: 2, original: 3, flags: flags}
		if flags&changedSubject != 0 {
			want.subject = "Größe €"
		}
		if flags&changedLocation != 0 {
			want.location = "東京"
		}
		if flags&changedReminder != 0 {
			want.reminder = 15
		}
		if flags&changedBusy != 0 {
			want.busy = 3
		}
		want.reminderSet, want.allDay = flags&changedReminderSet != 0, flags&changedAllDay != 0
		r := &recurrence{pattern: patternDay, period: dayLength, exceptions: []exception{want, want}}
		got, err := parseRecurrence(r.bytes(defaultCodepage), defaultCodepage)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.exceptions) != 2 || got.exceptions[0] != want || got.exceptions[1] != want {
			t.Fatalf("%+v, want twice %+v", got.exceptions, want)
		}
	}
}

// Writers before Outlook 2007 have no highlights, and some no Unicode.
func TestRecurrenceOldWriter(t *testing.T) {
	x := exception{start: 1, end: 2, original: 3, flags: changedSubject | changedBusy, subject: "Größe", busy: 2}
	r := &recurrence{pattern: patternDay, period: dayLength, exceptions: []exception{x}}
	b := r.bytes(defaultCodepage)
	extended := bytes.LastIndex(b, []byte("\x04\x00\x00\x00\x00\x00\x00\x00"))
	if got, err := parseRecurrence(b[:extended], defaultCodepage); err != nil || got.exceptions[0] != x {
		t.Errorf("without Unicode: %v", err)
	}
	old := append(append([]byte(nil), b[:extended]...), b[extended+8:]...)
	binary.LittleEndian.PutUint32(old[bytes.Index(old, []byte{0x09, 0x30, 0, 0}):], 0x3008)
	if got, err := parseRecurrence(old, defaultCodepage); err != nil || got.exceptions[0] != x {
		t.Errorf("without highlights: %v", err)
	}
}

// A blob may claim any number of anything.
func TestRecurrenceClaims(t *testing.T) {
	b := unhex(t, weeklyMonday)
	for _, at := range []int{38, 42} { // deleted and modified instances
		claim := append([]byte(nil), b...)
		copy(claim[at:], "\xff\xff\xff\xff")
		if _, err := parseRecurrence(claim, defaultCodepage); err == nil {
			t.Errorf("the count at %d is believed", at)
		}
	}
	many := &recurrence{pattern: patternDay, period: dayLength, end: endNever, deleted: make([]uint32, maxDeleted+1)}
	if _, err := parseRecurrence(many.bytes(defaultCodepage), defaultCodepage); err == nil {
		t.Error("a limit is not kept")
	}
}

func FuzzRecurrence(f *testing.F) {
	f.Add(unhex(f, weeklyMonday))
	for _, rule := range []string{"FREQ=DAILY;COUNT=5", "FREQ=MONTHLY;BYMONTHDAY=2", "FREQ=MONTHLY;BYDAY=1MO", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=2"} {
		start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		r, err := recurrenceOf(rule, start, time.Time{})
		if err != nil {
			f.Fatal(err)
		}
		r.startOffset, r.endOffset = 540, 600
		r.deleted = []uint32{r.startDate}
		r.exceptions = []exception{{start: r.startDate, end: r.startDate + 60, original: r.startDate + 540,
			flags: 0x3FF, subject: "ü", location: "x"}}
		f.Add(r.bytes(defaultCodepage))
	}
	f.Add(hijriSeries(nil).bytes(defaultCodepage))
	f.Add(hijriSeries(func(r *recurrence) { r.pattern, r.weekdays, r.nth = patternNth|patternHijri, 4, 2 }).bytes(defaultCodepage))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := parseRecurrence(b, defaultCodepage)
		if err != nil || r.check() != nil {
			return
		}
		if r.rule("") == "" {
			t.Error("no rule")
		}
		if r.hijri() {
			last, _ := r.lastDay()
			if n := len(r.days(last)); n == 0 || n > maxListed {
				t.Errorf("%d days are listed", n)
			}
		}
		if n := len(r.removed()); n > maxDeleted {
			t.Errorf("%d days are left out", n)
		}
		r.lastDay()
		again, err := parseRecurrence(r.bytes(defaultCodepage), defaultCodepage)
		if err != nil {
			t.Fatalf("written again: %v", err)
		}
		if again.rule("") != r.rule("") || again.startDate != r.startDate || len(again.exceptions) != len(r.exceptions) {
			t.Errorf("%v became %v", r, again)
		}
	})
}

func TestRecurrenceOccurs(t *testing.T) {
	monthEnd := &recurrence{pattern: patternMonthEnd, period: 1, day: 28, startDate: wallMinutes(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC))}
	thirtieth := &recurrence{pattern: patternMonth, period: 1, day: 30, startDate: wallMinutes(time.Date(2026, 1, 30, 0, 0, 0, 0, time.UTC))}
	for _, tc := range []struct {
		name string
		r    *recurrence
		day  time.Time
		want bool
	}{
		{"end of March", monthEnd, time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC), true},
		{"end of February", monthEnd, time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC), true},
		{"30th of March", thirtieth, time.Date(2026, 3, 30, 0, 0, 0, 0, time.UTC), true},
		{"31st of March", thirtieth, time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC), false},
		{"end of a short month", thirtieth, time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC), true},
		{"28th of March", thirtieth, time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC), false},
		{"28th, where the end is meant", monthEnd, time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.r.occurs(tc.day); got != tc.want {
				t.Errorf("occurs %v", got)
			}
		})
	}
}
