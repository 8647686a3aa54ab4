package mime

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
)

// arrivals are messages whose structure is easily misread when it comes in pieces.
var arrivals = map[string]string{
	"empty":       "",
	"header only": "Subject: x\r\n",
	"plain":       "Subject: x\r\n\r\nbody\r\n",
	"nested": "Content-Type: multipart/mixed; boundary=a\r\n\r\npreamble\r\n--a\r\nContent-Type: multipart/alternative; boundary=ab\r\n\r\n" +
		"--ab\r\n\r\ntext\r\n--ab\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n--ab--\r\n\r\n--a\r\nContent-Type: application/pdf\r\n\r\nJVBE\r\n--a--\r\nepilogue\r\n",
	"message":        "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\nContent-Type: text/calendar\r\n\r\nx\r\n--a--\r\n",
	"digest":         "Content-Type: multipart/digest; boundary=a\r\n\r\n--a\r\n\r\nSubject: inner\r\n\r\nx\r\n--a--\r\n",
	"no end":         "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nx\r\n--a",
	"bare LF":        "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nx\n--a--\n",
	"padded":         "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a \t\r\n\r\nx\r\n--ab\r\n--a-\r\n--a-- \r\n",
	"dashes":         "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\n" + strings.Repeat("--"+strings.Repeat("-", 700)+"\r\n", 5) + "--a--\r\n",
	"header to line": "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: text/calendar\r\n--a\r\n\r\nx\r\n--a--",
	"long body":      "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\n" + strings.Repeat(strings.Repeat("x", 76)+"\r\n", 100) + "--a\r\nContent-Type: text/calendar\r\n\r\nx\r\n--a--\r\n",
}

func TestArrivalSeesWhatScanSees(t *testing.T) {
	for name, message := range arrivals {
		for _, piece := range []int{1, 2, 3, 7, 100, 599, 1200, 1300, 5000, 1 << 20} {
			t.Run(fmt.Sprintf("%s/%d", name, piece), func(t *testing.T) { checkArrival(t, []byte(message), piece, Limits{}) })
		}
	}
}

// A header section that comes octet by octet is not looked at from its start with
// each of them.
func TestArrivalOfALongHeader(t *testing.T) {
	m := []byte("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nX-Long: " + strings.Repeat("x,\r\n\t", 40_000) + "\r\n\r\ntext\r\n--a\r\nContent-Type: text/calendar\r\n\r\nx\r\n--a--\r\n")
	for _, piece := range []int{1, 300, 5000, 70_000} {
		checkArrival(t, m, piece, Limits{})
	}
	a := NewArrival(Limits{})
	defer a.Close()
	resume, looks := a.resume, 0
	a.resume = func() (struct{}, bool) { looks++; return resume() }
	for i := range m[:180_000] {
		a.Write(m[i : i+1])
	}
	if looks > 4*patient {
		t.Errorf("%d looks", looks)
	}
}

func TestArrivalLimits(t *testing.T) {
	m := []byte(arrivals["nested"])
	for _, lim := range []Limits{{Parts: 2}, {Depth: 2}, {Header: 20}} {
		checkArrival(t, m, 10, lim)
	}
}

func FuzzArrival(f *testing.F) {
	for _, message := range arrivals {
		f.Add([]byte(message), uint16(5))
		f.Add([]byte(message), uint16(600))
	}
	f.Fuzz(func(t *testing.T, message []byte, piece uint16) {
		checkArrival(t, message, int(piece)+1, Limits{Parts: 50, Depth: 10, Header: 4096})
	})
}

// checkArrival feeds a message in pieces and compares with Scan. No part begins in
// front of what was said to be passed before.
func checkArrival(t *testing.T, message []byte, piece int, lim Limits) {
	t.Helper()
	want, wantErr := Scan(bytes.NewReader(message), lim)
	a := NewArrival(lim)
	defer a.Close()
	seen, passed, came := 0, int64(0), 0
	look := func() {
		for ; seen < len(a.Parts()); seen++ {
			if at := a.Parts()[seen].Header.Start; at < passed {
				t.Fatalf("part %d begins at %d, but %d was passed", seen, at, passed)
			}
		}
		if a.Passed() < passed {
			t.Fatalf("passed went back from %d to %d", passed, a.Passed())
		}
		if passed = a.Passed(); passed > int64(came) && passed != math.MaxInt64 {
			t.Fatalf("%d passed of %d", passed, came)
		}
	}
	for rest := message; len(rest) > 0; {
		p := bytes.Clone(rest[:min(piece, len(rest))])
		rest = rest[len(p):]
		came += len(p)
		a.Write(p)
		clear(p) // it is not ours any more
		look()
	}
	a.End()
	look()
	tree, err := a.Tree()
	switch {
	case wantErr != nil || err != nil:
		if !errors.Is(err, ErrLimit) || wantErr == nil || err.Error() != wantErr.Error() {
			t.Fatalf("error %v, want %v", err, wantErr)
		}
	case !reflect.DeepEqual(tree, want):
		t.Fatalf("the trees differ:\n%+v\n%+v", dump(tree), dump(want))
	}
}

func dump(t *Tree) (out []Part) {
	for _, p := range t.Parts {
		out = append(out, *p)
	}
	return out
}

func BenchmarkArrival(b *testing.B) {
	line := strings.Repeat("QUJD", 19) + "\r\n"
	message := []byte("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\ntext\r\n--a\r\nContent-Type: application/pdf\r\n\r\n" +
		strings.Repeat(line, 5<<20/len(line)) + "--a--\r\n")
	b.SetBytes(int64(len(message)))
	b.ReportAllocs()
	for b.Loop() {
		a := NewArrival(Limits{})
		for rest := message; len(rest) > 0; {
			n := min(64<<10, len(rest))
			a.Write(rest[:n])
			rest = rest[n:]
		}
		a.End()
		a.Close()
	}
}
