package mime_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/reconvene/reconvene/rewrite/mime"
)

func TestSplice(t *testing.T) {
	const text = "0123456789"
	edit := func(start, end int64, with string) mime.Edit {
		return mime.Edit{Start: start, End: end, Text: []byte(with)}
	}
	tests := []struct {
		name  string
		edits []mime.Edit
		ok    bool
		want  string
	}{
		{"none", nil, true, text},
		{"replace", []mime.Edit{edit(2, 4, "abc")}, true, "01abc456789"},
		{"front and end", []mime.Edit{edit(10, 10, "z"), edit(0, 0, "a")}, true, "a0123456789z"},
		{"out of order", []mime.Edit{edit(8, 9, "b"), edit(1, 2, "")}, true, "0234567b9"},
		{"at one place", []mime.Edit{edit(5, 5, "a"), edit(5, 5, "b"), edit(5, 7, "c")}, true, "01234abc789"},
		{"everything", []mime.Edit{edit(0, 10, "")}, true, ""},
		{"overlap", []mime.Edit{edit(2, 5, "a"), edit(4, 6, "b")}, false, text},
		{"behind the end", []mime.Edit{edit(9, 11, "a")}, false, text},
		{"backwards", []mime.Edit{edit(5, 4, "a")}, false, text},
		{"before the start", []mime.Edit{edit(-1, 4, "a")}, false, text},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, ok := mime.NewSplice(strings.NewReader(text), tt.edits)
			var b bytes.Buffer
			n, err := s.WriteTo(&b)
			if ok != tt.ok || err != nil || b.String() != tt.want || n != s.Size() || int(n) != len(tt.want) {
				t.Errorf("got %q (%d of %d octets), %v, %v", b.String(), n, s.Size(), ok, err)
			}
			if err := iotest.TestReader(s.Reader(), []byte(tt.want)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSpliceLarge(t *testing.T) {
	text := strings.Repeat("0123456789", 50_000)
	s, _ := mime.NewSplice(strings.NewReader(text), []mime.Edit{{Start: 300_000, End: 300_010, Text: []byte("x")}})
	var b bytes.Buffer
	if _, err := s.WriteTo(&b); err != nil || b.String() != text[:300_000]+"x"+text[300_010:] {
		t.Errorf("wrong result, %v", err)
	}
}

func TestSpliceShortSource(t *testing.T) {
	s, _ := mime.NewSplice(short{strings.NewReader("abc")}, nil)
	if _, err := s.WriteTo(io.Discard); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
	if _, err := io.ReadAll(s.Reader()); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("reader: got %v", err)
	}
}

// full is a writer that takes some octets and then fails.
type full struct{ room int }

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.room {
		return f.room, io.ErrShortWrite
	}
	f.room -= len(p)
	return len(p), nil
}

func TestSpliceWriterFails(t *testing.T) {
	edits := []mime.Edit{{Start: 1, End: 2, Text: []byte("xyz")}}
	for room := range 5 {
		s, _ := mime.NewSplice(strings.NewReader("abc"), edits)
		if n, err := s.WriteTo(&full{room}); !errors.Is(err, io.ErrShortWrite) || int(n) != room {
			t.Errorf("room for %d: wrote %d, %v", room, n, err)
		}
	}
}

func TestEightBit(t *testing.T) {
	plain := strings.Repeat("a", 1000)
	for _, tt := range []struct {
		name, text string
		edits      []mime.Edit
		want       bool
	}{
		{"plain", plain, nil, false},
		{"at the end", plain + "\xfc", nil, true},
		{"edited away", plain + "\xfc", []mime.Edit{{Start: 1000, End: 1001}}, false},
		{"in an edit", plain, []mime.Edit{{Text: []byte("\x80")}}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := mime.NewSplice(strings.NewReader(tt.text), tt.edits)
			if got, err := s.EightBit(); got != tt.want || err != nil {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}
