package rewrite

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reconvene/reconvene/rewrite/remedy"
)

// What is read while the calendar is at hand is what is read of it when it is parsed again.
func TestReadEarly(t *testing.T) {
	patterns := []string{"../testdata/meetings/*/in.*"}
	if _, err := os.Stat("../../shared/corpus/ics"); err == nil {
		patterns = append(patterns, "../../shared/corpus/ics/*/*.ics")
	}
	read, changed := 0, 0
	for _, pattern := range patterns {
		for i, name := range globFiles(t, pattern) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			keep := KeepOptions{Texts: i%2 == 0, People: i%3 > 0}
			o := Options{Now: time.Unix(1_770_000_000, 0), Profile: remedy.Profiles()[i%len(remedy.Profiles())], Keep: &keep}
			res, err := Message(bytes.NewReader(text), o)
			if err != nil {
				continue
			}
			for _, m := range res.Report.Meetings {
				if m.early == nil || !bytes.Equal(m.early.text, m.text) {
					continue
				}
				read++
				if len(m.Applied) > 0 {
					changed++
				}
				again := m
				again.early = nil
				if d := cmp.Diff(again.Sent().Details(), m.Sent().Details()); d != "" {
					t.Errorf("%s: details %s", name, d)
				}
				for _, o := range []KeepOptions{keep, {}, {Texts: true, People: true}} {
					if d := cmp.Diff(again.Sent().Keep(o), m.Sent().Keep(o)); d != "" {
						t.Errorf("%s: kept with %+v %s", name, o, d)
					}
				}
			}
		}
	}
	if read < 100 || changed < 50 {
		t.Errorf("%d calendars were read early, %d of them repaired", read, changed)
	}
	t.Logf("%d calendars were read early, %d of them repaired", read, changed)
}
