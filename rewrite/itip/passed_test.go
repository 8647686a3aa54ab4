package itip_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/itip"
)

// What was checked before is found again where it was changed, moved or written
// and read again, and nothing else.
func TestFormsOfChangedDocuments(t *testing.T) {
	texts := map[string][]byte{"own": []byte("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20260302T090000Z\r\nRRULE:FREQ=WEEKLY;BYDAY=MO\r\nSTATUS:CONFIRMED\r\n" +
		"ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@x.example\r\nBEGIN:VALARM\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT\r\nBEGIN:VTODO\r\nSTATUS:COMPLETED\r\nDURATION:P\r\nEND:VTODO\r\nEND:VCALENDAR\r\n")}
	for _, name := range globbed(t, "../../testdata/meetings/*/in.eml") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if at := bytes.Index(text, []byte("BEGIN:VCALENDAR")); at >= 0 {
			texts[name] = text[at:]
		}
	}
	changes := map[string]func(d *ical.Document){
		"nothing": func(*ical.Document) {},
		"start":   func(d *ical.Document) { edit(d, "DTSTART", func(l *ical.Line) { l.SetValue("20260303T090000Z") }) },
		"no date": func(d *ical.Document) { edit(d, "DTSTART", func(l *ical.Line) { l.SetValue("soon") }) },
		"param":   func(d *ical.Document) { edit(d, "ATTENDEE", func(l *ical.Line) { l.SetParam("PARTSTAT", "PERHAPS") }) },
		"name":    func(d *ical.Document) { edit(d, "STATUS", func(l *ical.Line) { l.SetName("CLASS") }) },
		"added":   func(d *ical.Document) { d.Root.Items[0].Sub.Add(ical.NewLine("CREATED", "never")) },
		"moved": func(d *ical.Document) {
			if items := d.Root.Items[0].Sub.Children(""); len(items) > 1 {
				last := items[len(items)-1]
				for _, l := range items[0].Lines("") {
					items[0].Remove(l)
					last.Add(l)
				}
			}
		},
	}
	said := 0
	for name, text := range texts {
		for what, change := range changes {
			d := parse(t, text)
			if len(d.Root.Items) == 0 || d.Root.Items[0].Sub == nil {
				continue
			}
			itip.Forms(d)
			change(d)
			got := itip.Forms(d)
			written := d.Bytes()
			again, err := d.Reread(written, ical.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			want := sayings(itip.Forms(parse(t, written)))
			said += len(want)
			if !slices.Equal(sayings(got), want) {
				t.Errorf("%s, %s: %q, not %q", name, what, sayings(got), want)
			}
			if got := sayings(itip.Forms(again)); !slices.Equal(got, want) {
				t.Errorf("%s, %s, read again: %q, not %q", name, what, got, want)
			}
		}
	}
	if said == 0 {
		t.Error("nothing was ever wrong")
	}
}

func parse(t *testing.T, text []byte) *ical.Document {
	t.Helper()
	d, err := ical.Parse(text, ical.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func edit(d *ical.Document, name string, f func(*ical.Line)) {
	d.EachLine(func(_ *ical.Component, l *ical.Line) {
		if l.Name() == name {
			f(l)
		}
	})
}

func sayings(list []itip.Malformed) (out []string) {
	for _, m := range list {
		out = append(out, m.Component.Name+" "+m.Line.Text()+" "+m.Param+" "+m.Value+" "+m.Text)
	}
	return out
}

// globbed returns the files that a pattern names, of which there must be some.
func globbed(tb testing.TB, pattern string) []string {
	tb.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		tb.Fatalf("%s: %d files, %v", pattern, len(names), err)
	}
	return names
}
