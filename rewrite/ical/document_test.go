package ical_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// TestParseKeepsText holds every kind of text against the promise that what
// nobody edited comes out as it was, and checks what the reader saw.
func TestParseKeepsText(t *testing.T) {
	tests := []struct {
		name, text string
		faults     ical.Fault // of all lines together
		names      string     // of all lines, "-" for none
	}{
		{"empty", "", 0, ""},
		{"clean", "BEGIN:VCALENDAR\r\nX:1\r\nEND:VCALENDAR\r\n", 0, "BEGIN X END"},
		{"byte order mark", "\xef\xbb\xbfBEGIN:V\r\nEND:V\r\n", 0, "BEGIN END"},
		{"LF", "BEGIN:V\nX:1\nEND:V\n", ical.FaultEndLF, "BEGIN X END"},
		{"mixed", "BEGIN:V\r\nX:1\nEND:V\r\n", ical.FaultEndLF, "BEGIN X END"},
		{"CR", "BEGIN:V\rX:a\r b\rEND:V\r", ical.FaultEndCR, "BEGIN X END"},
		{"CR, then a transport's CRLF", "BEGIN:V\rX:1\rEND:V\r\n", ical.FaultEndCR, "BEGIN X END"},
		{"CR CR LF", "BEGIN:V\r\r\nEND:V\r\r\n", ical.FaultEndCRCRLF, "BEGIN END"},
		{"last line ends in CR", "BEGIN:V\r\nEND:V\r", ical.FaultEndCR, "BEGIN END"},
		{"no last line end", "BEGIN:V\r\nEND:V", ical.FaultNoEnd, "BEGIN END"},
		{"lone CR inside", "A:1\r\nX:a\rb\r\n", ical.FaultControl, "A X"},
		{"blank lines", "A:1\r\n\r\nB:2\r\n", ical.FaultBlank | ical.FaultSyntax, "A - B"},
		{"fold with TAB", "X:a\r\n\tb\r\n", ical.FaultFoldTab, "X"},
		{"fold inside a character", "X:\xc3\r\n \xa9\r\n", ical.FaultFoldRune, "X"},
		{"fold inside an escape", "X:a\\\r\n nb\r\n", ical.FaultFoldEscape, "X"},
		{"fold behind an escaped backslash", "X:a\\\\\r\n nb\r\n", 0, "X"},
		{"backslashes over two folds", "X:\\\r\n \\\r\n n\r\n", ical.FaultFoldEscape, "X"},
		{"fold inside a date", "DTSTART:20260302T1\r\n 40000\r\n", ical.FaultFoldValue, "DTSTART"},
		{"fold inside a number too long for a line", "UID:" + strings.Repeat("0", 71) + "\r\n " + strings.Repeat("0", 10) + "\r\n", 0, "UID"},
		{"fold before a date", "DTSTART:\r\n 20260302T140000\r\n", 0, "DTSTART"},
		{"fold parted by a blank line", "X:a\r\n\r\n b\r\nY:1\r\n", ical.FaultFoldBlank, "X Y"},
		{"empty continuation", "X:a\r\n \r\nY:1\r\n", 0, "X Y"},
		{"continuation of nothing", " X:a\r\nY:1\r\n", ical.FaultSyntax, "- Y"},
		{"no colon", "X;A=1\r\nY:1\r\n", ical.FaultSyntax, "- Y"},
		{"blank in the name", "X Y:1\r\n", ical.FaultSyntax, "-"},
		{"unclosed quote", "X;CN=\"a:b\r\nY:1\r\n", ical.FaultSyntax, "X Y"},
		{"quoted colon", "X;CN=\"a:b\":c\r\n", 0, "X"},
		{"76 octets", "X:" + strings.Repeat("a", 74) + "\r\n", ical.FaultLong, "X"},
		{"75 octets", "X:" + strings.Repeat("a", 73) + "\r\n", 0, "X"},
		{"999 octets", "X:" + strings.Repeat("a", 997) + "\r\n", ical.FaultLong | ical.FaultHuge, "X"},
		{"control", "X:a\x00b\r\n", ical.FaultControl, "X"},
		{"C1 control", "X:a\u0085b\r\n", ical.FaultControl, "X"},
		{"non-character", "X:a\uffffb\r\n", ical.FaultControl, "X"},
		{"replacement character", "X:a\ufffdb\r\n", 0, "X"},
		{"TAB", "X:a\tb\r\n", ical.FaultTab, "X"},
		{"Latin-1", "X:caf\xe9\r\n", ical.FaultUTF8, "X"},
		{"lower case", "begin:vevent\r\nuid:1\r\nend:vevent\r\n", 0, "BEGIN UID END"},
		{"stray END", "END:VEVENT\r\nX:1\r\n", ical.FaultSyntax, "END X"},
		{"BEGIN without name", "BEGIN:\r\nEND:\r\n", 0, "BEGIN END"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := parse(t, []byte(tt.text))
			if got := string(doc.Bytes()); got != tt.text {
				t.Fatalf("got %q, want %q", got, tt.text)
			}
			var faults ical.Fault
			var names []string
			for _, l := range lines(doc) {
				faults |= l.Faults()
				names = append(names, or(l.Name(), "-"))
			}
			if doc.Faults() != tt.faults {
				t.Errorf("faults of the document %#x, want %#x", doc.Faults(), tt.faults)
			}
			if faults != tt.faults {
				t.Errorf("faults %#x, want %#x", faults, tt.faults)
			}
			if got := strings.Join(names, " "); got != tt.names {
				t.Errorf("lines %q, want %q", got, tt.names)
			}
			checkRewritten(t, tt.name, doc)
		})
	}
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// outline writes the tree as NAME(PROP CHILD(…)), with "?" after a component
// that lacks its END.
func outline(c *ical.Component) string {
	var parts []string
	for _, it := range c.Items {
		if it.Prop != nil {
			parts = append(parts, or(it.Prop.Name(), "-"))
		} else {
			parts = append(parts, outline(it.Sub))
		}
	}
	mark := ""
	if c.Begin != nil && c.End == nil {
		mark = "?"
	}
	return fmt.Sprintf("%s%s(%s)", c.Name, mark, strings.Join(parts, " "))
}

func TestComponents(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"nested", "BEGIN:VCALENDAR|BEGIN:VEVENT|BEGIN:VALARM|END:VALARM|UID:1|END:VEVENT|END:VCALENDAR|", "(VCALENDAR(VEVENT(VALARM() UID)))"},
		{"no END:VCALENDAR", "BEGIN:VCALENDAR|BEGIN:VEVENT|END:VEVENT|", "(VCALENDAR?(VEVENT()))"},
		{"no END:VEVENT", "BEGIN:VCALENDAR|BEGIN:VEVENT|UID:1|END:VCALENDAR|", "(VCALENDAR(VEVENT?(UID)))"},
		{"no END between events", "BEGIN:VCALENDAR|BEGIN:VEVENT|UID:1|BEGIN:VEVENT|UID:2|END:VEVENT|END:VCALENDAR|", "(VCALENDAR(VEVENT?(UID) VEVENT(UID)))"},
		{"no END:VALARM", "BEGIN:VEVENT|BEGIN:VALARM|END:VEVENT|", "(VEVENT(VALARM?()))"},
		{"no END between calendars", "BEGIN:VCALENDAR|BEGIN:VEVENT|BEGIN:VCALENDAR|END:VCALENDAR|", "(VCALENDAR?(VEVENT?()) VCALENDAR())"},
		{"END with a trailing blank, in lower case", "BEGIN:VEVENT|end:vevent |UID:1|", "(VEVENT() UID)"},
		{"stray END", "BEGIN:VCALENDAR|END:VEVENT|X:1|END:VCALENDAR|", "(VCALENDAR(END X))"},
		{"zone parts", "BEGIN:VTIMEZONE|BEGIN:STANDARD|END:STANDARD|BEGIN:DAYLIGHT|END:DAYLIGHT|END:VTIMEZONE|", "(VTIMEZONE(STANDARD() DAYLIGHT()))"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := parse(t, []byte(strings.ReplaceAll(tt.text, "|", "\r\n")))
			if got := outline(doc.Root); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestClose(t *testing.T) {
	doc := parse(t, []byte("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1"))
	doc.Root.Walk(func(c *ical.Component) { c.Close() })
	want := "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	if got := string(doc.Bytes()); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestLastLineWithoutEnd moves the last line of the input away from the end.
func TestLastLineWithoutEnd(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "A:1\r\nB:2", "B:2\r\nA:1\r\n"},
		{"CR", "A:1\r\nB:2\r", "B:2\r\nA:1\r\n"},
		{"CR file", "A:1\rB:2", "B:2\r\nA:1\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc := parse(t, []byte(tt.text))
			slices.Reverse(doc.Root.Items)
			if got := string(doc.Bytes()); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestEditInFileWithCR wants a text whose line ends are CR in CRLF once one
// line of it has changed: new lines among the old would not be lines.
func TestEditInFileWithCR(t *testing.T) {
	doc := parse(t, []byte("BEGIN:VEVENT\rUID:1\r 2\rEND:VEVENT\r"))
	ev := doc.Root.Children("VEVENT")[0]
	ev.Add(ical.NewLine("SEQUENCE", "1"))
	if got, want := string(doc.Bytes()), "BEGIN:VEVENT\r\nUID:12\r\nSEQUENCE:1\r\nEND:VEVENT\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLimits(t *testing.T) {
	tests := []struct {
		name string
		text string
		lim  ical.Limits
	}{
		{"size", "A:1\r\n", ical.Limits{Size: 4}},
		{"lines", "A:1\r\nB:2\r\nC:3\r\n", ical.Limits{Lines: 2}},
		{"depth", "BEGIN:A\r\nBEGIN:B\r\nBEGIN:C\r\n", ical.Limits{Depth: 2}},
		{"default depth", strings.Repeat("BEGIN:X\r\n", 1<<16), ical.Limits{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := ical.Parse([]byte(tt.text), tt.lim); !errors.Is(err, ical.ErrLimit) {
				t.Errorf("got %v, want ErrLimit", err)
			}
		})
	}
}

func TestComponentEdits(t *testing.T) {
	const text = "BEGIN:VEVENT\r\nUID:1\r\nX-A:1\r\nBEGIN:VALARM\r\nEND:VALARM\r\nEND:VEVENT\r\n"
	tests := []struct {
		name string
		edit func(*ical.Component)
		want string
	}{
		{"Add", func(c *ical.Component) { c.Add(ical.NewLine("B", "")) }, "VEVENT(UID X-A B VALARM())"},
		{"AddFirst", func(c *ical.Component) { c.AddFirst(ical.NewLine("B", "")) }, "VEVENT(B UID X-A VALARM())"},
		{"InsertAfter", func(c *ical.Component) { c.InsertAfter(c.First("UID"), ical.NewLine("B", "")) }, "VEVENT(UID B X-A VALARM())"},
		{"InsertAfter nothing", func(c *ical.Component) { c.InsertAfter(nil, ical.NewLine("B", "")) }, "VEVENT(UID X-A B VALARM())"},
		{"Remove", func(c *ical.Component) { c.Remove(c.First("UID")) }, "VEVENT(X-A VALARM())"},
		{"Remove nothing", func(c *ical.Component) { c.Remove(nil); c.RemoveChild(nil) }, "VEVENT(UID X-A VALARM())"},
		{"RemoveIf", func(c *ical.Component) { c.RemoveIf(func(l *ical.Line) bool { return l.Name() != "UID" }) }, "VEVENT(UID VALARM())"},
		{"RemoveChild", func(c *ical.Component) { c.RemoveChild(c.Children("VALARM")[0]) }, "VEVENT(UID X-A)"},
		{"AddChild", func(c *ical.Component) { c.AddChild(ical.NewComponent("b")) }, "VEVENT(UID X-A VALARM() B())"},
		{"InsertChild", func(c *ical.Component) { c.InsertChild(c.Children("")[0], ical.NewComponent("b")) }, "VEVENT(UID X-A B() VALARM())"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := parse(t, []byte(text))
			tt.edit(doc.Root.Children("VEVENT")[0])
			if got := outline(doc.Root); got != "("+tt.want+")" {
				t.Errorf("got %s, want (%s)", got, tt.want)
			}
			if got := outline(parse(t, doc.Bytes()).Root); got != "("+tt.want+")" {
				t.Errorf("read again: %s, want (%s)", got, tt.want)
			}
		})
	}
}
