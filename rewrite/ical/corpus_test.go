package ical_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// eachCorpusFile calls f for every calendar of the shared corpus, which stands
// beside the project; without one it skips the test.
func eachCorpusFile(tb testing.TB, f func(name string, text []byte)) {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			tb.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	root := filepath.Join(dir, "..", "shared", "corpus", "ics")
	if _, err := os.Stat(root); err != nil {
		tb.Skip("no shared corpus")
	}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil {
			f(path[len(root)+1:], text)
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// TestCorpusRoundTrip wants every real file back as it was, and after every
// line was written anew the same names, parameters and values.
func TestCorpusRoundTrip(t *testing.T) {
	files := 0
	eachCorpusFile(t, func(name string, text []byte) {
		files++
		doc := parse(t, text)
		if got := doc.Bytes(); !bytes.Equal(got, text) {
			t.Errorf("%s: not the same text", name)
		}
		checkRewritten(t, name, doc)
	})
	if files < 600 {
		t.Errorf("only %d files", files)
	}
}

func parse(tb testing.TB, text []byte) *ical.Document {
	tb.Helper()
	doc, err := ical.Parse(text, ical.Limits{})
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

// checkRewritten touches every line and wants to read the same lines again,
// in canonical form.
func checkRewritten(tb testing.TB, name string, doc *ical.Document) {
	tb.Helper()
	doc.EachLine(func(_ *ical.Component, l *ical.Line) { l.Touch() })
	before := lines(doc)
	again := parse(tb, doc.Bytes())
	after := lines(again)
	if len(before) != len(after) {
		tb.Fatalf("%s: %d lines became %d\n%q", name, len(before), len(after), doc.Bytes())
	}
	const physical = ical.FaultEndLF | ical.FaultEndCR | ical.FaultEndCRCRLF | ical.FaultNoEnd | ical.FaultFoldTab |
		ical.FaultFoldEscape | ical.FaultFoldBlank | ical.FaultLong | ical.FaultHuge
	for i, l := range after {
		if l.Text() != before[i].Text() || l.Name() != before[i].Name() || l.Value() != before[i].Value() {
			tb.Fatalf("%s: line %d: %q became %q", name, i, before[i].Text(), l.Text())
		}
		if f := l.Faults() & physical; f != 0 {
			tb.Fatalf("%s: line %d: fault %#x in %q", name, i, f, l.Raw())
		}
		if l.Faults()&(ical.FaultUTF8|ical.FaultFoldRune) == ical.FaultFoldRune {
			tb.Fatalf("%s: line %d: a character was parted in %q", name, i, l.Raw())
		}
	}
}

func lines(doc *ical.Document) (out []*ical.Line) {
	doc.EachLine(func(_ *ical.Component, l *ical.Line) { out = append(out, l) })
	return out
}

func BenchmarkParseCorpus(b *testing.B) {
	var texts [][]byte
	size := 0
	eachCorpusFile(b, func(_ string, text []byte) { texts, size = append(texts, text), size+len(text) })
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, text := range texts {
			parse(b, text)
		}
	}
}
