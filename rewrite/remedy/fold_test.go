package remedy

import (
	"strings"
	"testing"
)

// spellingRow is one line of a table about how lines are written. The tables
// of other remedies do not look at folds.
type spellingRow struct {
	name, in, want string // want "" means that nothing may change
	found          int
	before         string // part of Before of the first finding
	with           []func(*Object)
}

func spellingTable(t *testing.T, id string, rows []spellingRow) {
	t.Helper()
	for _, tt := range rows {
		t.Run(tt.name, func(t *testing.T) {
			out, findings := run(t, id, tt.in, tt.with...)
			want := tt.want
			if want == "" {
				want = tt.in
			}
			if out != want {
				t.Errorf("got  %q\nwant %q", out, want)
			}
			if len(findings) != tt.found {
				t.Fatalf("%d findings, want %d: %+v", len(findings), tt.found, findings)
			}
			if tt.found > 0 && !strings.Contains(findings[0].Before, tt.before) {
				t.Errorf("before %q, want %q in it", findings[0].Before, tt.before)
			}
		})
	}
}

func TestFoldMidUTF8(t *testing.T) {
	spellingTable(t, "fold-midutf8", []spellingRow{
		{name: "two octets", in: event("SUMMARY:caf\xc3\r\n \xa9 bar"), want: event("SUMMARY:café bar"), found: 1, before: "1 line"},
		{name: "two lines", in: event("SUMMARY:\xe2\x82\r\n \xac", "LOCATION:\xe2\r\n \x82\xac"), want: event("SUMMARY:€", "LOCATION:€"), found: 1, before: "2 lines"},
		{name: "between characters", in: event("SUMMARY:é\r\n é")},
		{name: "not UTF-8 is kept", in: event("SUMMARY:\xe9\r\n \xe9")},
	})
}

func TestFoldEscape(t *testing.T) {
	spellingTable(t, "fold-escape", []spellingRow{
		{name: "line break", in: event("DESCRIPTION:time out\\\r\n ntime in"), want: event("DESCRIPTION:time out\\ntime in"), found: 1},
		{name: "behind an escaped backslash", in: event("DESCRIPTION:a\\\\\r\n nb")},
	})
}

func TestFoldValue(t *testing.T) {
	spellingTable(t, "fold-value", []spellingRow{
		{
			name:  "date with a long zone",
			in:    event("DTSTART;TZID=\"(GMT+01.00) Amsterdam/Berlin/Bern/Rome/Stockholm/Vienna\":20260\r\n 302T140000"),
			want:  event("DTSTART;TZID=\"(GMT+01.00) Amsterdam/Berlin/Bern/Rome/Stockholm/Vienna\":\r\n 20260302T140000"),
			found: 1,
		},
		{name: "short line", in: event("DTSTAMP:20260302T1\r\n 40000Z"), want: event("DTSTAMP:20260302T140000Z"), found: 1},
		{name: "before the value", in: event("DTSTAMP:\r\n 20260302T140000Z")},
		{name: "inside a text", in: event("SUMMARY:2026 \r\n 0302")},
	})
}

func TestFoldTab(t *testing.T) {
	spellingTable(t, "fold-tab", []spellingRow{
		{name: "tab", in: event("SUMMARY:a\r\n\tb", "LOCATION:c\r\n\t d"), want: event("SUMMARY:ab", "LOCATION:c d"), found: 1, before: "2 lines"},
		{name: "blank", in: event("SUMMARY:a\r\n b")},
	})
}

func TestLongLine(t *testing.T) {
	long := "ATTENDEE;CN=" + strings.Repeat("a", 1500) + ":mailto:a@b.example"
	out, findings := run(t, "long-line", event(long))
	if got := strings.ReplaceAll(out, "\r\n ", ""); got != event(long) {
		t.Errorf("the line is not the same: %q", got)
	}
	if len(findings) != 1 || longest(out) > 75 {
		t.Errorf("%d findings, %d octets on a line", len(findings), longest(out))
	}
	spellingTable(t, "long-line", []spellingRow{
		{name: "998 octets", in: event("SUMMARY:" + strings.Repeat("a", 990))},
	})
}

func longest(text string) (n int) {
	for line := range strings.SplitSeq(text, "\r\n") {
		n = max(n, len(line))
	}
	return n
}

func TestUnfoldedLong(t *testing.T) {
	a := strings.Repeat("a ", 40)
	spellingTable(t, "unfolded-long", []spellingRow{
		{name: "not folded", in: event("SUMMARY:" + a), want: event("SUMMARY:" + a[:67] + "\r\n " + a[67:]), found: 1},
		{name: "folded too late", in: event("SUMMARY:" + a + "\r\n b")},
		{name: "75 octets", in: event("SUMMARY:" + a[:67])},
	})
}

func TestFoldWidth(t *testing.T) {
	a := strings.Repeat("a ", 40)
	spellingTable(t, "fold-width", []spellingRow{
		{name: "folded too late", in: event("SUMMARY:" + a + "\r\n b"), want: event("SUMMARY:" + a[:67] + "\r\n " + a[67:] + "b"), found: 1},
		{name: "characters counted, not octets", in: event("SUMMARY:" + strings.Repeat("é", 60) + "\r\n b"), want: event("SUMMARY:" + strings.Repeat("é", 33) + "\r\n " + strings.Repeat("é", 27) + "b"), found: 1},
		{name: "folded early", in: event("SUMMARY:" + a[:40] + "\r\n b")},
		{name: "not folded", in: event("SUMMARY:" + a)},
	})
}

func TestFoldLF(t *testing.T) {
	spellingTable(t, "fold-lf", []spellingRow{
		{name: "fold in LF", in: event("SUMMARY:a\n b"), want: event("SUMMARY:ab"), found: 1},
		{name: "line in LF", in: "BEGIN:VCALENDAR\nEND:VCALENDAR\n"},
	})
}

func TestBareLF(t *testing.T) {
	lf := func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
	cr := func(s string) string { return strings.ReplaceAll(s, "\r\n", "\r") }
	clean := event("UID:1", "SUMMARY:a")
	spellingTable(t, "bare-lf", []spellingRow{
		{name: "LF", in: lf(clean), want: clean, found: 1, before: "9 lines"},
		{name: "CR", in: cr(clean), want: clean, found: 1, before: "9 lines"},
		{name: "CR and a last CRLF", in: strings.TrimSuffix(cr(clean), "\r") + "\r\n", want: clean, found: 1, before: "8 lines"},
		{name: "one line of many", in: event("UID:1") + "X:1\n", want: event("UID:1") + "X:1\r\n", found: 1, before: "1 line "},
		{name: "CRLF", in: clean},
		{name: "no last line end", in: strings.TrimSuffix(clean, "\r\n")},
		{name: "no calendar", in: "some text\nin a calendar part\n"},
		{name: "meeting without calendar", in: "BEGIN:VEVENT\nEND:VEVENT\n", want: "BEGIN:VEVENT\r\nEND:VEVENT\r\n", found: 1},
	})
}

// TestFoldsTogether runs all remedies for content lines over a text that has
// every fault of spelling at once.
func TestFoldsTogether(t *testing.T) {
	in := "BEGIN:VCALENDAR\n\nBEGIN:VEVENT\r\r\nDTSTAMP:2026030\n\t2T140000Z\nSUMMARY:\xc3\n\n \xa9\\\n n" + strings.Repeat("x ", 600) + "\r\nEND:VEVENT\nEND:VCALENDAR\n\n"
	c := newCase(t, Find("bare-lf"), in)
	for _, r := range All() {
		if r.Stage == Calendar && r.Includes(Standard) {
			c.Do(r)
		}
	}
	out := text(c)
	if strings.Contains(strings.ReplaceAll(out, "\r\n", ""), "\n") || longest(out) > 75 {
		t.Errorf("not in canonical form: %q", out)
	}
	if !strings.Contains(strings.ReplaceAll(out, "\r\n ", ""), "SUMMARY:é\\nx x") {
		t.Errorf("the summary is not the same: %q", out)
	}
	if len(c.Findings()) > 40 {
		t.Errorf("%d findings", len(c.Findings()))
	}
}
