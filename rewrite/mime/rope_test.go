package mime_test

import (
	"io"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite/mime"
)

func TestRope(t *testing.T) {
	src := strings.NewReader("0123456789")
	var r mime.Rope
	r.Copy(src, mime.Span{Start: 7, End: 9})
	r.Write([]byte("ab"))
	r.Write(nil)
	r.Copy(src, mime.Span{Start: 0, End: 3})
	const want = "78ab012"
	if r.Size() != int64(len(want)) || r.Held() != 2 {
		t.Fatalf("size %d, held %d", r.Size(), r.Held())
	}
	for from := range len(want) + 1 {
		for to := from; to <= len(want); to++ {
			b := make([]byte, to-from)
			n, err := r.ReadAt(b, int64(from))
			if n != len(b) || err != nil || string(b) != want[from:to] {
				t.Errorf("%d to %d: %q, %v", from, to, b[:n], err)
			}
		}
	}
	if n, err := r.ReadAt(make([]byte, 9), 3); n != 4 || err != io.EOF {
		t.Errorf("behind the end: %d, %v", n, err)
	}
	short := &mime.Rope{}
	short.Copy(src, mime.Span{Start: 8, End: 20})
	if n, err := short.ReadAt(make([]byte, 4), 0); n != 2 || err != io.ErrUnexpectedEOF {
		t.Errorf("a source that is shorter than it said: %d, %v", n, err)
	}
}

func TestRopeOfSplice(t *testing.T) {
	s, ok := mime.NewSplice(strings.NewReader("0123456789"), []mime.Edit{{Start: 2, End: 4, Text: []byte("x")}, {Start: 10, End: 10, Text: []byte("y")}})
	if !ok {
		t.Fatal("edits overlap")
	}
	r := s.Rope()
	b := make([]byte, r.Size())
	if _, err := r.ReadAt(b, 0); err != nil || string(b) != "01x456789y" {
		t.Errorf("%q, %v", b, err)
	}
}
