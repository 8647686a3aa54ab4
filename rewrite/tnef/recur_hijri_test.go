package tnef

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func TestHijriMonth(t *testing.T) {
	for _, tc := range []struct {
		day    time.Time
		want   string // year-month-day
		length int
	}{
		{day: date(622, 7, 18), want: "1-1-1", length: 30},
		{day: date(2000, 1, 1), want: "1420-9-25", length: 30},
		{day: date(2002, 4, 3), want: "1423-1-21", length: 30},
		{day: date(2026, 2, 16), want: "1447-8-29", length: 29},
		{day: date(2026, 2, 17), want: "1447-9-1", length: 30},
		{day: date(2027, 6, 4), want: "1448-12-29", length: 29},
		{day: date(2029, 5, 13), want: "1450-12-30", length: 30},
	} {
		month, d, length := hijriMonth(tc.day)
		if got := fmt.Sprintf("%d-%d-%d", month/12+1, month%12+1, d); got != tc.want || length != tc.length {
			t.Errorf("%s is %s in a month of %d days, want %s in %d", tc.day.Format(time.DateOnly), got, length, tc.want, tc.length)
		}
	}
}

// Every day has a place, and follows the day before.
func TestHijriMonthsAreWhole(t *testing.T) {
	day := date(1601, 1, 1)
	month, d, length := hijriMonth(day)
	for range 400 * 366 {
		day = day.AddDate(0, 0, 1)
		m, next, l := hijriMonth(day)
		if follows := m == month && next == d+1 && l == length || m == month+1 && next == 1 && d == length; !follows || l < 29 || l > 30 {
			t.Fatalf("%s is day %d of %d in month %d, after day %d of %d in month %d", day.Format(time.DateOnly), next, l, m, d, length, month)
		}
		month, d, length = m, next, l
	}
}

// hijriSeries is a series on the first days of the Hijri months from Ramadan
// 1447 on, the end of which is known.
func hijriSeries(change func(*recurrence)) *recurrence {
	r := &recurrence{
		frequency: freqMonthly, pattern: patternMonth | patternHijri, period: 1, day: 1, end: endAfter, count: 4,
		startDate: wallMinutes(date(2026, 2, 17)), endDate: wallMinutes(date(2026, 5, 17)), startOffset: 540, endOffset: 600,
	}
	if change != nil {
		change(r)
	}
	return r
}

func TestHijriSeries(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*recurrence)
		want   string // days, or part of an error
	}{
		{"first of the month", nil, "20260217 20260319 20260417 20260517"},
		{"with the calendar named", func(r *recurrence) { r.pattern, r.calendar = patternMonth, calendarHijri }, "20260217 20260319 20260417 20260517"},
		{"until a date", func(r *recurrence) { r.end, r.count, r.endDate = endByDate, 2, wallMinutes(date(2026, 4, 1)) }, "20260217 20260319"},
		{"end of the month", func(r *recurrence) {
			r.pattern, r.day, r.count = patternMonthEnd|patternHijri, 30, 3
			r.startDate, r.endDate = wallMinutes(date(2026, 3, 18)), wallMinutes(date(2026, 5, 16))
		}, "20260318 20260416 20260516"},
		{"day 30", func(r *recurrence) {
			r.day, r.count, r.startDate, r.endDate = 30, 2, wallMinutes(date(2026, 3, 18)), wallMinutes(date(2026, 4, 16))
		}, "20260318 20260416"},
		{"second Tuesday", func(r *recurrence) {
			r.pattern, r.weekdays, r.nth, r.count = patternNth|patternHijri, 4, 2, 2
			r.startDate, r.endDate = wallMinutes(date(2026, 2, 24)), wallMinutes(date(2026, 3, 31))
		}, "20260224 20260331"},
		{"every year", func(r *recurrence) { r.period, r.count, r.endDate = 12, 2, wallMinutes(date(2027, 2, 7)) }, "20260217 20270207"},
		{"no end", func(r *recurrence) { r.end = endNever }, "error: without an end"},
		{"a start beside the pattern", func(r *recurrence) { r.startDate += dayLength }, "error: an adjusted"},
		{"an end beside the pattern", func(r *recurrence) { r.endDate += dayLength }, "error: an adjusted"},
		{"another number of days", func(r *recurrence) { r.end, r.count = endByDate, 5 }, "error: an adjusted"},
		{"a deleted day beside the pattern", func(r *recurrence) { r.deleted = []uint32{r.startDate + dayLength} }, "error: an adjusted"},
		{"a year on which Windows disagrees", func(r *recurrence) {
			r.period, r.count, r.endDate = 12, 10, wallMinutes(date(2034, 11, 14))
		}, "error: disagree"},
		{"too many", func(r *recurrence) { r.count = 1200 }, "error: "},
		{"an end that nobody sees", func(r *recurrence) { r.end, r.count, r.endDate = endByDate, 0, 0xF0000000 }, "error: lasts until"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, err := parseRecurrence(hijriSeries(tc.change).bytes(defaultCodepage), defaultCodepage)
			if err == nil {
				err = r.check()
			}
			if part, isError := strings.CutPrefix(tc.want, "error: "); isError {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("error %v, want %s", err, part)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			last, _ := r.lastDay()
			var got []string
			for _, d := range r.days(last) {
				got = append(got, wallTime(d).Format("20060102"))
			}
			if strings.Join(got, " ") != tc.want {
				t.Errorf("days %s, want %s", got, tc.want)
			}
		})
	}
}

// A series by Hijri months is a list of days; the hour on the clock stays.
func TestHijriMeeting(t *testing.T) {
	r := hijriSeries(func(r *recurrence) {
		r.deleted = []uint32{wallMinutes(date(2026, 2, 17)), wallMinutes(date(2026, 3, 19)), wallMinutes(date(2026, 4, 17))}
		r.modified = []uint32{wallMinutes(date(2026, 4, 19))}
		moved := wallMinutes(date(2026, 4, 19)) + 600
		r.exceptions = []exception{{start: moved, end: moved + 60, original: wallMinutes(date(2026, 4, 17)) + 540}}
	})
	start := time.Date(2026, 2, 17, 8, 0, 0, 0, time.UTC)
	m := request(appointmentProp(lidRecurring, true), appointmentProp(lidRecur, r.bytes(defaultCodepage)),
		appointmentProp(lidStartWhole, start), appointmentProp(lidEndWhole, start.Add(time.Hour)),
		appointmentProp(lidZoneRecur, europe.definition("W. Europe Standard Time")))
	got, err := m.Meeting(outer)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Series || !got.Listed {
		t.Errorf("series %v, listed %v", got.Series, got.Listed)
	}
	text := string(got.Calendar)
	for _, want := range []string{
		"RRULE:FREQ=DAILY;COUNT=1", "DTSTART;TZID=Europe/Berlin:20260217T090000", "RDATE;TZID=Europe/Berlin:20260417T090000",
		"RDATE;TZID=Europe/Berlin:20260517T090000", "EXDATE;TZID=Europe/Berlin:20260217T090000",
		"RECURRENCE-ID;TZID=Europe/Berlin:20260417T090000", "DTSTART;TZID=Europe/Berlin:20260419T100000",
	} {
		if strings.Count(text, want+"\r\n") != 1 {
			t.Errorf("not once %s in\n%s", want, text)
		}
	}
	if strings.Contains(text, "\r\nRRULE:FREQ=M") || strings.Count(text, "RDATE") != 2 {
		t.Errorf("%s", text)
	}
}
