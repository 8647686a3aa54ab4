package ical_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/reconvene/reconvene/rewrite/ical"
)

func line(t testing.TB, text string) *ical.Line {
	t.Helper()
	all := lines(parse(t, []byte(text+"\r\n")))
	if len(all) != 1 {
		t.Fatalf("%q is %d lines", text, len(all))
	}
	return all[0]
}

func TestLineParts(t *testing.T) {
	tests := []struct {
		text, name, value string
		params            []string // NAME=value|value
	}{
		{"SUMMARY:a", "SUMMARY", "a", nil},
		{"Summary:a:b", "SUMMARY", "a:b", nil},
		{"X;A=1;b=2:v", "X", "v", []string{"A=1", "B=2"}},
		{`X;CN="a;b:c,d":v`, "X", "v", []string{"CN=a;b:c,d"}},
		{`X;MEMBER="mailto:a","mailto:b":v`, "X", "v", []string{"MEMBER=mailto:a|mailto:b"}},
		{"X;A:v", "X", "v", []string{"A"}},
		{"X;A=:v", "X", "v", []string{"A="}},
		{"X;;A=1:v", "X", "v", []string{"", "A=1"}},
		{"X; A =1:v", "X", "v", []string{"A=1"}},
		{`X;A="b"c:v`, "X", "v", []string{`A="b"c`}},
		{"X:", "X", "", nil},
		{":v", "", "", nil},
		{"X", "", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			l := line(t, tt.text)
			if l.Name() != tt.name || l.Value() != tt.value {
				t.Errorf("got %q %q, want %q %q", l.Name(), l.Value(), tt.name, tt.value)
			}
			var params []string
			for _, p := range l.Params() {
				s := p.Name
				if p.Values != nil {
					s += "=" + strings.Join(p.Values, "|")
				}
				params = append(params, s)
			}
			if !slices.Equal(params, tt.params) {
				t.Errorf("parameters %q, want %q", params, tt.params)
			}
		})
	}
}

func TestLineEdits(t *testing.T) {
	const text = `ATTENDEE;CN="a;b";RSVP=TRUE;X=y:mailto:a@b.example`
	tests := []struct {
		name string
		edit func(*ical.Line)
		want string
	}{
		{"nothing", func(l *ical.Line) {}, text},
		{"touch", func(l *ical.Line) { l.Touch() }, text},
		{"value", func(l *ical.Line) { l.SetValue("c") }, `ATTENDEE;CN="a;b";RSVP=TRUE;X=y:c`},
		{"value with a line break", func(l *ical.Line) { l.SetValue("c\r\nEND:VEVENT\nd\re") }, `ATTENDEE;CN="a;b";RSVP=TRUE;X=y:c\nEND:VEVENT\nd\ne`},
		{"name", func(l *ical.Line) { l.SetName("Organizer") }, `Organizer;CN="a;b";RSVP=TRUE;X=y:mailto:a@b.example`},
		{"parameter replaced", func(l *ical.Line) { l.SetParam("RSVP", "FALSE") }, `ATTENDEE;CN="a;b";RSVP=FALSE;X=y:mailto:a@b.example`},
		{"parameter added", func(l *ical.Line) { l.SetParam("partstat", "ACCEPTED") }, `ATTENDEE;CN="a;b";RSVP=TRUE;X=y;PARTSTAT=ACCEPTED:mailto:a@b.example`},
		{"parameter quoted", func(l *ical.Line) { l.SetParam("CN", "a, b", "c") }, `ATTENDEE;CN="a, b",c;RSVP=TRUE;X=y:mailto:a@b.example`},
		{"parameter not ASCII", func(l *ical.Line) { l.SetParam("CN", "é") }, `ATTENDEE;CN="é";RSVP=TRUE;X=y:mailto:a@b.example`},
		{"parameter that cannot be written", func(l *ical.Line) { l.SetParam("CN", "a\"\r\nb\x00") }, `ATTENDEE;CN=a'  b ;RSVP=TRUE;X=y:mailto:a@b.example`},
		{"parameters mapped", func(l *ical.Line) {
			l.MapParams(func(_, v string) string { return strings.ReplaceAll(v, ";", ", ") })
		}, `ATTENDEE;CN="a, b";RSVP=TRUE;X=y:mailto:a@b.example`},
		{"parameters mapped to themselves", func(l *ical.Line) { l.MapParams(func(_, v string) string { return v }) }, text},
		{"parameter removed", func(l *ical.Line) { l.DelParam("CN") }, `ATTENDEE;RSVP=TRUE;X=y:mailto:a@b.example`},
		{"parameter that makes another line", func(l *ical.Line) { l.SetParam(`A"B`, "1") }, `ATTENDEE;CN="a;b";RSVP=TRUE;X=y;A"B=1:mailto:a@b.example`},
		{"name that has parameters", func(l *ical.Line) { l.SetName("X;Y=1") }, `X;Y=1;CN="a;b";RSVP=TRUE;X=y:mailto:a@b.example`},
		{"parameter without a name mapped", func(l *ical.Line) {
			l.SetName("X;é=y;=y")
			l.MapParams(func(_, v string) string { return strings.ReplaceAll(v, "y", "z") })
		}, `X;é=y;=y;CN="a;b";RSVP=TRUE;X=z:mailto:a@b.example`},
		{"parameter not there", func(l *ical.Line) { l.DelParam("ROLE") }, text},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := line(t, text)
			tt.edit(l)
			if l.Text() != tt.want {
				t.Fatalf("got  %q\nwant %q", l.Text(), tt.want)
			}
			again := line(t, strings.TrimSuffix(l.Raw(), "\r\n"))
			if again.Text() != tt.want || again.Value() != l.Value() || again.Name() != l.Name() ||
				!reflect.DeepEqual(again.Params(), l.Params()) {
				t.Errorf("read again: %q %+v, want %q %+v", again.Text(), again.Params(), tt.want, l.Params())
			}
		})
	}
}

// TestSplitAt mends a line whose quotes are missing.
func TestSplitAt(t *testing.T) {
	const text = "ATTENDEE;CN=Team: Sales;RSVP=TRUE:mailto:a@b.example"
	tests := []struct {
		name, param, want, value string
	}{
		{"quoted", "CN", `ATTENDEE;CN="Team: Sales";RSVP=TRUE:mailto:a@b.example`, "mailto:a@b.example"},
		{"not quoted", "RSVP", text, " Sales;RSVP=TRUE:mailto:a@b.example"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := line(t, text)
			l.SplitAt(strings.Index(text, ":mailto"), func() {
				if l.Value() != "mailto:a@b.example" || l.ParamValue("CN") != "Team: Sales" {
					t.Errorf("value %q, CN %q", l.Value(), l.ParamValue("CN"))
				}
				l.SetParam(tt.param, l.ParamValue(tt.param))
			})
			if l.Text() != tt.want || l.Value() != tt.value {
				t.Errorf("got %q, value %q\nwant %q, value %q", l.Text(), l.Value(), tt.want, tt.value)
			}
		})
	}
}

// TestNoContentLine wants what has no name to survive every edit.
func TestNoContentLine(t *testing.T) {
	l := line(t, "some junk")
	l.SetName("X")
	l.SetValue("v")
	l.SetParam("A", "1")
	l.DelParam("A")
	l.SplitAt(4, func() { t.Error("split") })
	l.Touch()
	if got, want := l.Raw(), "some junk\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestFaultsAfterEdit wants the faults of the octets to follow the octets.
func TestFaultsAfterEdit(t *testing.T) {
	l := lines(parse(t, []byte("DESCRIPTION:a\x01\tb\n\tc\xff\n")))[0]
	if want := ical.FaultEndLF | ical.FaultFoldTab | ical.FaultTab | ical.FaultControl | ical.FaultUTF8; l.Faults() != want {
		t.Errorf("as read: %#x, want %#x", l.Faults(), want)
	}
	l.Touch()
	if want := ical.FaultTab | ical.FaultControl | ical.FaultUTF8; l.Faults() != want {
		t.Errorf("touched: %#x, want %#x", l.Faults(), want)
	}
	l.SetValue("a")
	if l.Faults() != 0 {
		t.Errorf("with another value: %#x", l.Faults())
	}
	l.SetParam("X", "\u0085")
	if l.Faults() != ical.FaultControl {
		t.Errorf("with a control in a parameter: %#x", l.Faults())
	}
}

func TestFold(t *testing.T) {
	long := strings.Repeat("a", 50)
	tests := []struct{ name, text, want string }{
		{"75 octets", "X:" + strings.Repeat("a", 73), "X:" + strings.Repeat("a", 73) + "\r\n"},
		{"76 octets with a blank", "X:b " + strings.Repeat("a", 72), "X:b " + strings.Repeat("a", 71) + "\r\n a\r\n"},
		{"character", "X:b " + strings.Repeat("a", 70) + "é", "X:b " + strings.Repeat("a", 70) + "\r\n é\r\n"},
		{"escape", "X:b " + strings.Repeat("a", 70) + `\n`, "X:b " + strings.Repeat("a", 70) + "\r\n \\n\r\n"},
		{"escaped backslash", "X:b " + strings.Repeat("a", 69) + `\\c`, "X:b " + strings.Repeat("a", 69) + `\\` + "\r\n c\r\n"},
		{"date", "DTSTART;TZID=" + long + ":20260302T140000", "DTSTART;TZID=" + long + ":\r\n 20260302T140000\r\n"},
		{"one word too long for a line", "X:" + strings.Repeat("a", 75), "X:" + strings.Repeat("a", 73) + "\r\n aa\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := line(t, tt.text)
			l.Touch()
			if got := l.Raw(); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// TestFoldWidth holds lines of many shapes against RFC 5545 §3.1.
func TestFoldWidth(t *testing.T) {
	for _, unit := range []string{"a", "é", "€", "𝄞", `\`, `\n`, "\xff", "\x80", "a ", "é\\,"} {
		for n := 60; n < 240; n++ {
			value := strings.Repeat(unit, n/len(unit))
			l := ical.NewLine("X", value)
			raw := l.Raw()
			for part := range strings.SplitSeq(raw, "\r\n") {
				if len(part) > 75 {
					t.Fatalf("%q x %d: %d octets on a line", unit, n, len(part))
				}
				if utf8.ValidString(value) && !utf8.ValidString(part) {
					t.Fatalf("%q x %d: a character was parted: %q", unit, n, part)
				}
			}
			again := line(t, strings.TrimSuffix(raw, "\r\n"))
			if again.Value() != value || again.Faults()&ical.FaultFoldEscape != 0 {
				t.Fatalf("%q x %d: read again as %q, faults %#x", unit, n, again.Value(), again.Faults())
			}
		}
	}
}
