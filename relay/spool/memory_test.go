package spool

import (
	"strings"
	"testing"
)

// Bodies in memory are bounded together: beyond that they lie in files, and come
// out as they went in.
func TestMemoryIsShared(t *testing.T) {
	shared := &Memory{most: 3 * BlockSize}
	var open []*Body
	for range 4 {
		s := New(Options{Directory: t.TempDir(), InMemory: 1 << 20, Memory: shared})
		for range 3 {
			if _, err := s.Write([]byte(strings.Repeat("x", BlockSize/2))); err != nil {
				t.Fatal(err)
			}
		}
		open = append(open, s)
	}
	inFiles := 0
	for _, s := range open {
		if s.InFile() {
			inFiles++
		}
		var b strings.Builder
		if _, err := s.WriteTo(&b); err != nil || b.String() != strings.Repeat("x", 3*BlockSize/2) {
			t.Errorf("%d octets, %v", b.Len(), err)
		}
	}
	if shared.used > shared.most || inFiles != 3 {
		t.Errorf("%d of %d in use, %d in files", shared.used, shared.most, inFiles)
	}
	for _, s := range open {
		s.Close()
		s.Close()
	}
	if shared.used != 0 {
		t.Errorf("%d left", shared.used)
	}
}
