package ical_test

import (
	"testing"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// checkReread edits some lines and wants Reread to make of the result, and of
// other texts, what Parse makes of them.
func checkReread(tb testing.TB, name string, text []byte) {
	tb.Helper()
	for _, every := range []int{1 << 30, 7, 2, 1} {
		doc := parse(tb, text)
		n := 0
		doc.EachLine(func(_ *ical.Component, l *ical.Line) {
			if n++; n%every == 0 {
				l.Touch()
				l.SetParam("X-NEW", "1")
			}
		})
		doc.Root.Walk(func(c *ical.Component) {
			if c.Parent() != nil && every == 7 {
				c.AddFirst(ical.NewLine("X-FIRST", "1"))
				c.RemoveIf(func(l *ical.Line) bool { return l.Name() == "SUMMARY" })
			}
		})
		written := doc.Bytes()
		rereadAs(tb, name, doc, written)
		rereadAs(tb, name, doc, written[len(written)/3:])
		rereadAs(tb, name, doc, written[:len(written)/2])
		rereadAs(tb, name, doc, text)
	}
}

func rereadAs(tb testing.TB, name string, doc *ical.Document, text []byte) {
	tb.Helper()
	got, err := doc.Reread(text, ical.Limits{})
	want, wantErr := ical.Parse(text, ical.Limits{})
	if (err == nil) != (wantErr == nil) {
		tb.Fatalf("%s: %v, want %v", name, err, wantErr)
	}
	if err != nil {
		return
	}
	if got.Faults() != want.Faults() {
		tb.Errorf("%s: faults %b, want %b", name, got.Faults(), want.Faults())
	}
	sameComponents(tb, name, got.Root, want.Root)
}

func TestReread(t *testing.T) {
	for _, text := range []string{
		"",
		invitation,
		"\xef\xbb\xbfBEGIN:VCALENDAR\r\nX-A;B=\"c\":1\r\n 2\r\nEND:VCALENDAR\r\n",
		"BEGIN:VCALENDAR\rX-A:1\rX-B:2\r 3\rEND:VCALENDAR\r",
		"END:VEVENT\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nX:1\r\n\r\n 2\r\nX:1\r\n\r\nY:1\r\r\nEND:VEVENT\r\nEND:VEVENT\r\n",
		"X:1\nX:2\nX:3\nX:4\n\tx\nX:5",
	} {
		checkReread(t, text, []byte(text))
	}
	eachCorpusFile(t, func(name string, text []byte) { checkReread(t, name, text) })
}
