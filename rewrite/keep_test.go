package rewrite

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reconvene/reconvene/rewrite/remedy"
)

// What is kept before the first change is the calendar as it came: no remedy
// changes anything before it asks.
func TestKept(t *testing.T) {
	kept, direct := 0, 0
	patterns := []string{"../testdata/meetings/*/in.*"}
	if _, err := os.Stat("../../shared/corpus/ics"); err == nil {
		patterns = append(patterns, "../../shared/corpus/ics/*/*.ics")
	}
	for _, pattern := range patterns {
		for i, name := range globFiles(t, pattern) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if at := bytes.Index(text, []byte("BEGIN:VCALENDAR")); at > 0 {
				text = text[at:]
			}
			for k, p := range remedy.Profiles() {
				if pattern != "../testdata/meetings/*/in.*" && (i+k)%4 != 0 {
					continue
				}
				r := newPipeline(strings.NewReader(""), Options{Profile: p, Now: time.Unix(1_770_000_000, 0)}, allRemedies()).repairer
				out, err := r.attempt(input{text: text, header: remedy.PartHeader{Bare: true}}, nil)
				switch {
				case err != nil:
				case out.before == nil:
					if direct++; !out.c.Doc.Unchanged() {
						t.Errorf("%s for %s: it was changed and nothing was kept", name, p)
					}
				default:
					kept++
					out.before.Doc.Restore()
					if got := out.before.Doc.Bytes(); !bytes.Equal(got, out.base) {
						t.Errorf("%s for %s, %v: what was kept is not what came: %s", name, p, out.applied, cmp.Diff(string(out.base), string(got)))
					}
				}
			}
		}
	}
	if kept == 0 || direct == 0 {
		t.Errorf("%d kept, %d not", kept, direct)
	}
}

// What the components were is found the quick way where none came or went, and
// the other way says the same.
func TestPairs(t *testing.T) {
	paired, not := 0, 0
	for _, name := range globFiles(t, "../testdata/meetings/*/in.*") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if at := bytes.Index(text, []byte("BEGIN:VCALENDAR")); at > 0 {
			text = text[at:]
		}
		for _, p := range []remedy.Profile{remedy.Standard, remedy.Exchange2003, remedy.Domino} {
			r := newPipeline(strings.NewReader(""), Options{Profile: p, Now: time.Unix(1_770_000_000, 0)}, allRemedies()).repairer
			out, err := r.attempt(input{text: text, header: remedy.PartHeader{Bare: true}}, nil)
			if err != nil || !out.textChanged() {
				continue
			}
			items := itemsOf(out.c.Doc)
			before := out.pairs(items)
			came, gone := out.came(items, nil)
			if before == nil {
				not++
				continue
			}
			paired++
			if len(gone) > 0 || len(came) != len(items) {
				t.Errorf("%s for %s: %d of %d items, %d gone", name, p, len(came), len(items), len(gone))
			}
			for i, it := range items {
				if got := identity(methodOf(before[i], ""), before[i]); got != came[it] {
					t.Errorf("%s for %s: %+v, not %+v", name, p, got, came[it])
				}
			}
		}
	}
	if paired == 0 || not == 0 {
		t.Errorf("%d paired, %d not", paired, not)
	}
}

// globFiles returns the files that a pattern names, of which there must be some.
func globFiles(tb testing.TB, pattern string) []string {
	tb.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		tb.Fatalf("%s: %d files, %v", pattern, len(names), err)
	}
	return names
}
