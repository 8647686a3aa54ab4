package guard

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/reconvene/reconvene/rewrite/charset"
)

// labels are charset parameters of all sorts: none, known ones in which ASCII
// is ASCII and others, unknown ones, and those that say nothing.
var labels = []string{"", "us-ascii", "ASCII", "utf-8", "UTF-8", "utf-7", "utf-16", "iso-8859-1", "windows-1252", "iso-2022-jp",
	"shift_jis", "hz-gb-2312", "ibm037", "koi8-r", "x-unknown", "8bit", "no-such-charset"}

// The quick answer for texts without letters is that of the comparison.
func TestLettersOfASCII(t *testing.T) {
	known := map[bool]int{}
	for _, text := range []string{"", "SUMMARY:a", "SUMMARY:a\r\n b\r\n", "+AOQ- ~{VP~} \x1b$B%F\x1b(B =E4 \\ ~", "\x7f\x01"} {
		for _, after := range []string{text, "SUMMARY:other"} {
			for _, label := range labels {
				for _, now := range append(labels, "No-Such-Charset") {
					quick, long := KeepsLetters([]byte(text), label, []byte(after), now), comparesLetters([]byte(text), label, []byte(after), now)
					if quick != long {
						t.Errorf("%q in %q, then %q in %q: %v, letter by letter %v", text, label, after, now, quick, long)
					}
					known[quick]++
				}
			}
		}
	}
	if known[true] == 0 || known[false] == 0 {
		t.Errorf("one answer only: %v", known)
	}
	if charset.Lookup("no-such-charset") != nil {
		t.Error("the unknown label is known")
	}
}

// Letters are compared in place as they are when they are collected.
func TestSameHigh(t *testing.T) {
	parts := []string{"", "a", "\r\n", "ä", "é", "ß", "\ufeff", "日本", "日", "😀", "\u00ff", "\uff00"}
	var texts []string
	for _, a := range parts {
		for _, b := range parts {
			for _, c := range parts {
				texts = append(texts, a+b+c)
			}
		}
	}
	same := map[bool]int{}
	for i, a := range texts {
		for _, b := range append(texts[i%7:min(len(texts), i%7+200)], a, a+"x", "x\ufeff"+a) {
			got, want := sameHigh([]byte(a), []byte(b)), letters(a) == letters(b)
			if got != want {
				t.Fatalf("%q and %q: %v", a, b, got)
			}
			same[got]++
		}
	}
	if same[true] < 1000 || same[false] < 1000 {
		t.Errorf("one answer only: %v", same)
	}
}

// A fold is what the pattern says.
func TestUnfolded(t *testing.T) {
	pattern := regexp.MustCompile(`\r*\n[ \t]`)
	texts := []string{"", "\n", "\r\n", "\n ", "a\r\n b", "a\r\r\n\tb", "a\n \n b", "a\r\n \r\n b\r\n", "a\r b\n\n c", "\r\n\r\n ", "a\n\r b", "a\n "}
	for _, name := range globbed(t, "../../testdata/meetings/*/in.*") {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(b))
	}
	for i, text := range texts {
		if got, want := string(unfolded([]byte(text))), string(pattern.ReplaceAll([]byte(text), nil)); got != want {
			t.Error(fmt.Sprintf("text %d:", i), firstDifference(got, want))
		}
	}
}

// firstDifference shows where two texts part.
func firstDifference(a, b string) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("%q and %q", a[max(0, i-20):min(len(a), i+20)], b[max(0, i-20):min(len(b), i+20)])
		}
	}
	return fmt.Sprintf("%d and %d octets", len(a), len(b))
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
