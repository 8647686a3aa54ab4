package mime

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// generous lets every golden mail be scanned to its end.
var generous = Limits{Depth: 1000}

// A scan can be given up at any octet: what was seen by then is what Scan sees
// first, and nothing fails. The golden mails are stopped as they are, and after
// and before a header section that is longer than one look of the scanner.
func TestArrivalStopsAtAnyOctet(t *testing.T) {
	golden, err := filepath.Glob("../../testdata/meetings/*/in.eml")
	if err != nil || len(golden) == 0 {
		t.Fatal("no golden mails", err)
	}
	names := []byte("To: " + strings.Repeat("\"A Name\" <a.name@example.net>,\r\n\t", 150) + "b@example.net\r\n")
	wrapped := []byte("Content-Type: multipart/mixed; boundary=around-it-all\r\n\r\n--around-it-all\r\nContent-Type: message/rfc822\r\nX-")
	for n, path := range golden {
		message, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			stopEverywhere(t, message, 0)
			switch n % 8 {
			case 0:
				stopEverywhere(t, append(bytes.Clone(names), message...), 4090)
			case 4:
				stopEverywhere(t, bytes.Join([][]byte{wrapped, names, []byte("\r\n"), message}, nil), 4090)
			}
		})
	}
}

// stopEverywhere stops a scan at each octet from an offset on; of the octets far
// after in a long message at some.
func stopEverywhere(t *testing.T, message []byte, from int) {
	t.Helper()
	want, err := Scan(bytes.NewReader(message), generous)
	if err != nil {
		t.Fatal(err)
	}
	for n := from; n <= len(message); n++ {
		if n > from+12<<10 {
			n += 96
		}
		stopAt(t, message[:min(n, len(message))], len(message), want)
	}
}

// stopAt stops a scan after some octets that come in pieces.
func stopAt(t *testing.T, begun []byte, piece int, want *Tree) {
	t.Helper()
	a := NewArrival(generous)
	for rest := begun; len(rest) > 0; {
		k := min(piece, len(rest))
		a.Write(rest[:k])
		rest = rest[k:]
	}
	a.Close()
	a.Close()
	a.Write([]byte("more"))
	a.End()
	for i, p := range a.Parts() {
		if i >= len(want.Parts) || p.Header != want.Parts[i].Header || p.MediaType != want.Parts[i].MediaType {
			t.Fatalf("stopped at %d: part %d is %+v", len(begun), i, *p)
		}
	}
}

func FuzzArrivalStops(f *testing.F) {
	for _, message := range arrivals {
		f.Add([]byte(message), uint16(len(message)/2), uint16(7))
		f.Add([]byte("To: "+strings.Repeat("a@example.net,\r\n\t", 300)+"b@example.net\r\n"+message), uint16(5000), uint16(600))
	}
	f.Fuzz(func(t *testing.T, message []byte, n, piece uint16) {
		want, err := Scan(bytes.NewReader(message), generous)
		if err != nil {
			return
		}
		stopAt(t, message[:min(int(n), len(message))], int(piece)+1, want)
	})
}
