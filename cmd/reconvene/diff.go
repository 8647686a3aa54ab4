package main

import (
	"fmt"
	"io"
	"strings"
)

// A unified diff of two texts, line by line, for people. Line ends do not
// count as a difference that can be seen, unless they are the only one.

const (
	diffContext = 3
	// diffEffort bounds the search for the shortest edit: beyond that many
	// differing lines the rest is shown as one replaced block.
	diffEffort = 1500
)

type diffOp struct {
	kind byte // ' ', '-', '+'
	text string
}

// writeDiff prints the hunks of before→after and reports whether there were any.
func writeDiff(w io.Writer, s style, before, after string) bool {
	ops := diffLines(splitLines(before), splitLines(after))
	hunks := 0
	for start := 0; start < len(ops); {
		if ops[start].kind == ' ' {
			start++
			continue
		}
		from, to := hunk(ops, start)
		a, b := lineNumbers(ops[:from])
		n, m := lineNumbers(ops[from:to])
		fmt.Fprintln(w, s.cyan(fmt.Sprintf("@@ -%d,%d +%d,%d @@", a+1, n, b+1, m)))
		for _, op := range ops[from:to] {
			line := string(op.kind) + visible(op.text)
			switch op.kind {
			case '-':
				line = s.red(line)
			case '+':
				line = s.green(line)
			}
			fmt.Fprintln(w, line)
		}
		hunks++
		start = to
	}
	return hunks > 0
}

// hunk returns the span of operations around the first change at or after
// start: changes that are close to each other, and their context.
func hunk(ops []diffOp, start int) (from, to int) {
	from = max(start-diffContext, 0)
	last := start
	for i := start; i < len(ops) && i <= last+2*diffContext; i++ {
		if ops[i].kind != ' ' {
			last = i
		}
	}
	return from, min(last+1+diffContext, len(ops))
}

// lineNumbers counts how many lines of the old and of the new text ops cover.
func lineNumbers(ops []diffOp) (before, after int) {
	for _, op := range ops {
		if op.kind != '+' {
			before++
		}
		if op.kind != '-' {
			after++
		}
	}
	return before, after
}

// splitLines cuts at LF; a CR before it is no part of the line.
func splitLines(s string) []string {
	if s == "" {
		return nil
	}
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSuffix(l, "\r")
	}
	return lines
}

// diffLines computes an edit script: the common beginning and end first, then
// Myers' greedy algorithm in between.
func diffLines(a, b []string) []diffOp {
	var head, tail []diffOp
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		head = append(head, diffOp{' ', a[0]})
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		tail = append(tail, diffOp{' ', a[len(a)-1]})
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	ops := append(head, myers(a, b)...)
	for i := len(tail) - 1; i >= 0; i-- {
		ops = append(ops, tail[i])
	}
	return ops
}

// myers finds a shortest edit script in O((N+M)·D); it gives up at diffEffort
// differences and replaces everything.
func myers(a, b []string) []diffOp {
	limit := min(len(a)+len(b), diffEffort)
	reach := make([]int, 2*limit+3) // how far each diagonal gets in a
	at := func(k int) *int { return &reach[k+limit+1] }
	var history [][]int
	for d := 0; d <= limit; d++ {
		history = append(history, append([]int(nil), reach[limit+1-d:limit+2+d]...))
		for k := -d; k <= d; k += 2 {
			x := 0
			switch {
			case d == 0:
			case k == -d || k != d && *at(k - 1) < *at(k + 1):
				x = *at(k + 1)
			default:
				x = *at(k - 1) + 1
			}
			for x < len(a) && x-k < len(b) && a[x] == b[x-k] {
				x++
			}
			*at(k) = x
			if x >= len(a) && x-k >= len(b) {
				return backtrack(a, b, history)
			}
		}
	}
	ops := make([]diffOp, 0, len(a)+len(b))
	for _, l := range a {
		ops = append(ops, diffOp{'-', l})
	}
	for _, l := range b {
		ops = append(ops, diffOp{'+', l})
	}
	return ops
}

// backtrack reads the script off the history of diagonals: history[d] holds
// diagonals -d to d as they were before round d.
func backtrack(a, b []string, history [][]int) []diffOp {
	x, y := len(a), len(b)
	var ops []diffOp
	for d := len(history) - 1; d >= 0; d-- {
		k := x - y
		prevX, prevY := 0, 0
		if d > 0 {
			reach := func(k int) int { return history[d][k+d] }
			prevK := k - 1
			if k == -d || k != d && reach(k-1) < reach(k+1) {
				prevK = k + 1
			}
			prevX = reach(prevK)
			prevY = prevX - prevK
		}
		for x > prevX && y > prevY {
			x, y = x-1, y-1
			ops = append(ops, diffOp{' ', a[x]})
		}
		if d > 0 {
			if x > prevX {
				ops = append(ops, diffOp{'-', a[prevX]})
			} else {
				ops = append(ops, diffOp{'+', b[prevY]})
			}
			x, y = prevX, prevY
		}
	}
	for i, j := 0, len(ops)-1; i < j; i, j = i+1, j-1 {
		ops[i], ops[j] = ops[j], ops[i]
	}
	return ops
}
