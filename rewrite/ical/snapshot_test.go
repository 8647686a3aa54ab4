package ical_test

import (
	"bytes"
	"testing"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// checkSnapshot changes every line and the tree, and wants the snapshot to be
// what a parser makes of the text.
func checkSnapshot(tb testing.TB, name string, text []byte) {
	tb.Helper()
	doc, want := parse(tb, text), parse(tb, text)
	snap := doc.Snapshot()
	doc.EachLine(func(c *ical.Component, l *ical.Line) {
		l.Touch()
		l.SetValue("changed twice")
		l.SetName("X-CHANGED")
		c.Name = "X-CHANGED"
	})
	doc.Root.Walk(func(c *ical.Component) {
		c.AddFirst(ical.NewLine("X-FIRST", "1"))
		c.RemoveIf(func(l *ical.Line) bool { return l.Name() != "X-FIRST" })
	})
	snap.Restore()
	if got := snap.Bytes(); !bytes.Equal(got, text) {
		tb.Errorf("%s: the snapshot is\n%q, want\n%q", name, got, text)
	}
	sameComponents(tb, name, snap.Root, want.Root)
}

func sameComponents(tb testing.TB, name string, a, b *ical.Component) {
	tb.Helper()
	if a.Name != b.Name || len(a.Items) != len(b.Items) {
		tb.Fatalf("%s: component %s of %d items, want %s of %d", name, a.Name, len(a.Items), b.Name, len(b.Items))
	}
	sameLine(tb, name, a.Begin, b.Begin)
	sameLine(tb, name, a.End, b.End)
	for i, it := range a.Items {
		other := b.Items[i]
		if (it.Sub == nil) != (other.Sub == nil) {
			tb.Fatalf("%s: item %d of %s is of another kind", name, i, a.Name)
		}
		if it.Sub == nil {
			sameLine(tb, name, it.Prop, other.Prop)
			continue
		}
		if it.Sub.Parent() != a {
			tb.Errorf("%s: %s does not know its parent", name, it.Sub.Name)
		}
		sameComponents(tb, name, it.Sub, other.Sub)
	}
}

func sameLine(tb testing.TB, name string, a, b *ical.Line) {
	tb.Helper()
	if (a == nil) != (b == nil) {
		tb.Fatalf("%s: line %v, want %v", name, a, b)
	}
	if a != nil && (a.Raw() != b.Raw() || a.Text() != b.Text() || a.Name() != b.Name() || a.Value() != b.Value() ||
		a.Faults() != b.Faults() || len(a.Params()) != len(b.Params())) {
		tb.Errorf("%s: line %q with faults %b, want %q with %b", name, a.Raw(), a.Faults(), b.Raw(), b.Faults())
	}
}

func TestSnapshot(t *testing.T) {
	for _, text := range []string{
		"",
		"\xef\xbb\xbfBEGIN:VCALENDAR\r\nEND:VCALENDAR",
		"BEGIN:VCALENDAR\rX-A:1\rX-B:2\r 3\rEND:VCALENDAR\r",
		"BEGIN:VCALENDAR\r\nX-A;B=c:1\r\n\r\n 2\n\n\tx\r\nEND:VEVENT\r\nEND:VCALENDAR\r",
		"no line\r\nBEGIN:VEVENT\r\nSUMMARY:a\rb\r\r\n c\r\nEND:VEVENT\r\n",
	} {
		checkSnapshot(t, text, []byte(text))
	}
	eachCorpusFile(t, func(name string, text []byte) { checkSnapshot(t, name, text) })
}
