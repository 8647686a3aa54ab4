package tnef_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/reconvene/reconvene/rewrite/tnef"
)

// corpus gives the folder of collected mail beside the project, and skips the
// test where it is not.
func corpus(t testing.TB) string {
	dir, err := os.Getwd()
	for err == nil {
		if _, e := os.Stat(filepath.Join(dir, "go.mod")); e == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Skip("outside the project")
		}
		dir = filepath.Dir(dir)
	}
	dir = filepath.Join(dir, "..", "shared", "corpus", "tnef")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no corpus beside the project")
	}
	return dir
}

// streams gives the corpus by file name.
func streams(t testing.TB) map[string][]byte {
	files, err := filepath.Glob(filepath.Join(corpus(t), "*", "*.tnef"))
	if err != nil || len(files) == 0 {
		t.Fatal("the corpus has no streams", err)
	}
	all := make(map[string][]byte)
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(f)] = b
	}
	return all
}

func TestCorpus(t *testing.T) {
	for name, b := range streams(t) {
		m, err := tnef.Read(b, tnef.Limits{})
		if err != nil {
			t.Logf("%s: ERR %v", name, err)
			continue
		}
		t.Logf("%s: %q cp %d attrs %d props %d recip %d att %d %q", name, m.Class, m.Codepage, len(m.Attributes), len(m.Props), len(m.Recipients), len(m.Attachments), m.Warnings)
	}
}
