package delivery

import "testing"

// noScan finds the end of a header wherever the pieces end.
func TestNoScanFindsTheHeader(t *testing.T) {
	for in, want := range map[string]int{"\r\n": 2, "\n": 1, "A: b\r\n\r\nbody": 8, "A: b\n\nbody": 6, "A: b\r\n c\r\n": -1, "": -1, "A\r\n.\r\n\r\n": 8} {
		for piece := 1; piece < 4; piece++ {
			u := &noScan{empty: true}
			at := -1
			for rest := []byte(in); len(rest) > 0; {
				k := min(piece, len(rest))
				u.Write(rest[:k])
				rest = rest[k:]
				if at < 0 && u.HeaderSeen() {
					at = len(in) - len(rest)
				}
			}
			if (at < 0) != (want < 0) || at >= 0 && (at < want || at >= want+piece) {
				t.Errorf("%q in pieces of %d: header seen at %d, want %d", in, piece, at, want)
			}
			if u.Clear() != int64(len(in)) || u.Found() {
				t.Errorf("%q: clear up to %d", in, u.Clear())
			}
		}
	}
}
