package convert

import (
	"strings"
	"testing"
)

func TestLines(t *testing.T) {
	full := strings.Repeat("x", 998)
	for _, tt := range []struct {
		in         string
		long, bare bool
	}{
		{"", false, false}, {"a\r\n", false, false}, {"a", false, false}, {full + "\r\n" + full, false, false}, {full + "x\r\n", true, false}, {full + "x", true, false},
		{"a\nb\r\n", false, true}, {"a\rb\r\n", false, true}, {"\n", false, true}, {"a\r\r\n", false, true}, {"a\r", false, true}, {"a\x00\r\n", false, true}, {full + "\r\r\n", true, true},
	} {
		for _, piece := range []int{1, 2, 3, 5000} {
			var l Lines
			for rest := tt.in; rest != ""; {
				n := min(piece, len(rest))
				_, _ = l.Write([]byte(rest[:n]))
				rest = rest[n:]
			}
			bare := l.Bare || !l.Regular() && !l.Long
			if l.Long != tt.long || bare != tt.bare || l.Regular() != (!tt.long && !tt.bare) {
				t.Errorf("%.20q in pieces of %d: %+v", tt.in, piece, l)
			}
		}
	}
}
