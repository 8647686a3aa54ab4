package main

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestWriteDiff(t *testing.T) {
	tests := []struct{ name, before, after, want string }{
		{"equal", "a\r\nb\r\n", "a\r\nb\r\n", ""},
		{"one line", "a\nb\nc\n", "a\nB\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"},
		{"added at the end", "a\n", "a\nb\n", "@@ -1,1 +1,2 @@\n a\n+b\n"},
		{"all removed", "a\nb\n", "", "@@ -1,2 +1,0 @@\n-a\n-b\n"},
		{"far apart", "1\n2\n3\n4\n5\n6\n7\n8\n9\nx\n", "0\n2\n3\n4\n5\n6\n7\n8\n9\ny\n",
			"@@ -1,4 +1,4 @@\n-1\n+0\n 2\n 3\n 4\n@@ -7,4 +7,4 @@\n 7\n 8\n 9\n-x\n+y\n"},
		{"control characters", "a\x1b[2Jb\n", "ab\n", "@@ -1,1 +1,1 @@\n-a␛[2Jb\n+ab\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			any := writeDiff(&b, style{}, tt.before, tt.after)
			if b.String() != tt.want {
				t.Errorf("got:\n%s\nwant:\n%s", b.String(), tt.want)
			}
			if any != (tt.want != "") {
				t.Errorf("said %v", any)
			}
		})
	}
}

// The script must lead from one text to the other, whatever they are.
func TestDiffLinesApplies(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	text := func() []string {
		out := make([]string, rnd.IntN(40))
		for i := range out {
			out[i] = string(rune('a' + rnd.IntN(5)))
		}
		return out
	}
	for range 2000 {
		a, b := text(), text()
		checkScript(t, a, b)
	}
	// beyond the effort
	long := make([]string, 3*diffEffort)
	other := make([]string, 3*diffEffort)
	for i := range long {
		long[i], other[i] = "a", "b"
	}
	checkScript(t, long, other)
}

func checkScript(t *testing.T, a, b []string) {
	t.Helper()
	var left, right []string
	for _, op := range diffLines(a, b) {
		if op.kind != '+' {
			left = append(left, op.text)
		}
		if op.kind != '-' {
			right = append(right, op.text)
		}
	}
	if strings.Join(left, "\n") != strings.Join(a, "\n") || strings.Join(right, "\n") != strings.Join(b, "\n") {
		t.Fatalf("the script of\n%v\n%v\nyields\n%v\n%v", a, b, left, right)
	}
}
