package tnef_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/reconvene/reconvene/rewrite/tnef"
)

func TestCorpus(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/corpus/tnef/*/*.tnef")
	for _, f := range files {
		b, _ := os.ReadFile(f)
		m, err := tnef.Read(b, tnef.Limits{})
		if err != nil {
			t.Logf("%s: ERR %v", filepath.Base(f), err)
			continue
		}
		t.Logf("%s: %q cp %d attrs %d props %d recip %d att %d %q", filepath.Base(f), m.Class, m.Codepage, len(m.Attributes), len(m.Props), len(m.Recipients), len(m.Attachments), m.Warnings)
		for _, a := range m.Attachments {
			t.Logf("    %q %q %q %d %v %v", a.Name, a.Type, a.ContentID, len(a.Data), a.Inline, a.Embedded != nil)
		}
	}
}
