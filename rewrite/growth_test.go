package rewrite_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite"
)

// published is a calendar of n events as Exchange writes them, each to be
// repaired.
func published(n int) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\nMETHOD:PUBLISH\nPRODID:Microsoft CDO for Microsoft Exchange\nVERSION:2.0\n")
	for i := range n {
		fmt.Fprintf(&b, "BEGIN:VEVENT\nUID:%d@example.com\nDTSTAMP:20260301T090000Z\nDTSTART:202603%02dT090000Z\nDTEND:202603%02dT100000Z\n"+
			"SUMMARY:Review %d\nLOCATION:Room 1\nDESCRIPTION:Please read the notes before we meet.\\n%s\n"+
			"ORGANIZER;CN=Anna:MAILTO:anna@example.com\nATTENDEE;CN=Bert;PARTSTAT=ACCEPTED:MAILTO:bert@example.com\nSEQUENCE:0\nX-MICROSOFT-CDO-APPT-SEQUENCE:2\nEND:VEVENT\n",
			i, i%28+1, i%28+1, i, strings.Repeat("x", 60))
	}
	b.WriteString("END:VCALENDAR\n")
	return strings.ReplaceAll(b.String(), "\n", "\r\n")
}

// BenchmarkMessage2MB repairs a calendar of 5,000 events.
func BenchmarkMessage2MB(b *testing.B) {
	text := published(5000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		res, err := rewrite.Message(strings.NewReader(text), rewrite.Options{Now: now})
		if err != nil || !res.Changed() {
			b.Fatal(res.Report.Skipped, err)
		}
	}
}

// TestGrowth doubles calendars that make careless programs slow, and wants what
// is allocated for them to double too, or a limit to be met. It counts and does
// not look at a clock.
func TestGrowth(t *testing.T) {
	if raceDetector || testing.Short() {
		t.Skip("reads megabytes")
	}
	inEvent := func(body string) string {
		return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\n" + body + "END:VEVENT\r\nEND:VCALENDAR\r\n"
	}
	texts := map[string]func(n int) string{
		"events": func(n int) string { return published(n / 400) },
		"a long parameter": func(n int) string {
			return inEvent("ATTENDEE;CN=" + strings.Repeat("a, ", n/3) + ":MAILTO:a@example.com\r\n")
		},
		"many parameters": func(n int) string {
			return inEvent("ATTENDEE" + strings.Repeat(";A=1", n/4) + ":MAILTO:a@example.com\r\n")
		},
		"quotes": func(n int) string {
			return inEvent("ATTENDEE;CN=" + strings.Repeat(`"a`, n/2) + ":MAILTO:a@example.com\r\n")
		},
		"folds":       func(n int) string { return inEvent("SUMMARY:a" + strings.Repeat("\n\ta", n/3) + "\n") },
		"short lines": func(n int) string { return inEvent(strings.Repeat("X:1\r\n", n/5)) },
		"empty lines": func(n int) string { return inEvent(strings.Repeat("\r\n", n/2)) },
		"alarms":      func(n int) string { return inEvent(strings.Repeat("BEGIN:VALARM\r\nEND:VALARM\r\n", n/26)) },
		"nesting":     func(n int) string { return inEvent(strings.Repeat("BEGIN:X-A\r\n", n/11)) },
		"time zones": func(n int) string {
			return "BEGIN:VCALENDAR\r\n" + strings.Repeat("BEGIN:VTIMEZONE\r\nTZID:A\r\nEND:VTIMEZONE\r\n", n/41) + "END:VCALENDAR\r\n"
		},
	}
	const size = 100_000
	limited := []string{"empty lines", "nesting"} // more lines than are read, or deeper
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			small, tooLarge := allocated(t, text(size))
			if tooLarge != (name == "nesting") {
				t.Errorf("a limit is met by %d octets: %v", size, tooLarge)
			}
			big, tooLarge := allocated(t, text(4*size))
			t.Logf("%d octets for %d, %d for %d", small, size, big, 4*size)
			if tooLarge != slices.Contains(limited, name) {
				t.Errorf("a limit is met by %d octets: %v", 4*size, tooLarge)
			}
			if !tooLarge && big > 6*small {
				t.Errorf("%d octets for %d, but %d for %d", small, size, big, 4*size)
			}
		})
	}
}

// allocated returns how many octets are allocated for a calendar, and whether it is
// left alone because it is too large.
func allocated(t *testing.T, text string) (octets uint64, tooLarge bool) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	res, err := rewrite.Message(strings.NewReader(text), rewrite.Options{Now: now, Form: rewrite.Calendar})
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	for _, skip := range res.Report.Skipped {
		tooLarge = tooLarge || strings.HasPrefix(skip.Why, "too large: ")
	}
	return after.TotalAlloc - before.TotalAlloc, tooLarge
}
