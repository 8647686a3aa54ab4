package ical_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// FuzzParse wants of any octets: no panic, the same octets back, and after an
// edit of every line or of some lines the same lines read again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		invitation,
		"BEGIN:V\nX:1\n y\r\n\tz\r\r\nEND:V",
		"BEGIN:V\rX:1\r y\rEND:V\r\n",
		"\xef\xbb\xbfX;A=\"b:c\r\n\r\n d\r\n",
		"X:\\\r\n n\xc3\r\n \xa9\x00\x01\x85\r\n:\r\n;=:\r\n",
		"END:A\nBEGIN:A\nBEGIN:VEVENT\nBEGIN:VEVENT\nEND:A\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, err := ical.Parse(text, ical.Limits{})
		if err != nil {
			if !errors.Is(err, ical.ErrLimit) {
				t.Fatal(err)
			}
			return
		}
		if !bytes.Equal(doc.Bytes(), text) {
			t.Fatalf("not the same text: %q", doc.Bytes())
		}
		checkSomeEdited(t, text)
		checkSnapshot(t, "input", text)
		checkReread(t, "input", text)
		checkRewritten(t, "input", doc)
	})
}

// checkSomeEdited writes every second line anew and adds one to each
// component; what was read before must be read again.
func checkSomeEdited(t *testing.T, text []byte) {
	doc := parse(t, text)
	var want []string
	n := 0
	doc.EachLine(func(_ *ical.Component, l *ical.Line) {
		if n++; n%2 == 0 {
			l.Touch()
		}
	})
	doc.Root.Walk(func(c *ical.Component) {
		if c.Parent() != nil {
			c.AddFirst(ical.NewLine("X-NEW", "1", ical.Param{Name: "CN", Values: []string{"a\"b, c"}}))
		}
	})
	doc.EachLine(func(_ *ical.Component, l *ical.Line) { want = append(want, l.Text()) })
	out := doc.Bytes()
	var got []string
	parse(t, out).EachLine(func(_ *ical.Component, l *ical.Line) { got = append(got, l.Text()) })
	if strings.Join(got, "\x00\n") != strings.Join(want, "\x00\n") {
		t.Fatalf("%q\nwritten %q\nread %q\nwant %q", text, out, got, want)
	}
}

const invitation = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nPRODID:Microsoft CDO for Microsoft Exchange\r\nVERSION:2.0\r\n" +
	"BEGIN:VTIMEZONE\r\nTZID:(GMT+01.00) Amsterdam/Berlin/Bern/Rome\r\nX-MICROSOFT-CDO-TZID:4\r\n" +
	"BEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;WKST=MO;INTERVAL=1;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\n" +
	"BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;WKST=MO;INTERVAL=1;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n" +
	"BEGIN:VEVENT\r\nDTSTAMP:20260302T080000Z\r\nDTSTART;TZID=\"(GMT+01.00) Amsterdam/Berlin/Bern/Rome\":20260309T1\r\n 40000\r\n" +
	"SUMMARY:Planning\r\nUID:040000008200E00074C5B7101A82E00800000000\r\n" +
	"ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=\"Second, Person\"\r\n :MAILTO:second@receiver.example\r\n" +
	"DESCRIPTION:Where: room 1\\N\\N*~*~*~*~*\\N\r\nSEQUENCE:0\r\n" +
	"BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:REMINDER\r\nTRIGGER;RELATED=START:-PT00H15M00S\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

// sized repeats the event of the invitation until the text has that size.
func sized(octets int) []byte {
	start := strings.Index(invitation, "BEGIN:VEVENT")
	end := strings.Index(invitation, "END:VCALENDAR")
	var b strings.Builder
	b.WriteString(invitation[:start])
	for b.Len() < octets {
		b.WriteString(invitation[start:end])
	}
	b.WriteString(invitation[end:])
	return []byte(b.String())
}

func BenchmarkParse(b *testing.B) {
	for _, bb := range []struct {
		name string
		text []byte
	}{{"6K", sized(6 << 10)}, {"1M", sized(1 << 20)}} {
		b.Run(bb.name, func(b *testing.B) {
			b.SetBytes(int64(len(bb.text)))
			b.ReportAllocs()
			for b.Loop() {
				parse(b, bb.text)
			}
			b.ReportMetric(float64(len(lines(parse(b, bb.text)))), "lines")
		})
	}
}

func BenchmarkBytes(b *testing.B) {
	doc := parse(b, sized(6<<10))
	b.ReportAllocs()
	for b.Loop() {
		doc.Bytes()
	}
}

// BenchmarkHostile shows that no input is read in quadratic time: each text
// has a megabyte, and all should take about as long as an invitation of that
// size.
func BenchmarkHostile(b *testing.B) {
	const mb = 1 << 20
	for _, bb := range []struct{ name, text string }{
		{"backslashes", "X:" + strings.Repeat(strings.Repeat(`\`, 72)+"\r\n ", mb/75)},
		{"folds", "X:" + strings.Repeat("\r\n a", mb/4)},
		{"blank lines", "X:" + strings.Repeat("\r\n", 100_000)},
		{"CR", "X:1\r\n" + strings.Repeat("\r", mb)},
		{"CR lines", "X:1\r" + strings.Repeat("Y:1\r", mb/8)},
		{"parameters", "X" + strings.Repeat(";A=1", mb/4) + ":1"},
		{"values", "X;A=" + strings.Repeat(",", mb) + ":1"},
		{"quotes", "X;A=" + strings.Repeat(`"`, mb) + ":1"},
		{"one parameter", "X;A=" + strings.Repeat("a", mb) + ":1"},
		{"not UTF-8", "X:" + strings.Repeat("\xff", mb)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			text := []byte(bb.text)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				doc := parse(b, text)
				doc.EachLine(func(_ *ical.Component, l *ical.Line) { l.Touch() })
				doc.Bytes()
			}
		})
	}
}
