package main

import (
	"fmt"
	"slices"
	"strings"
)

// doubtful returns why a new start of a receiver is not to be believed, "" when
// it is: each start that the receiver did not give before must be one that two
// other receivers give now. Some know zones by name, some by their VTIMEZONE;
// so a VTIMEZONE that is wrong, or a name that is, does not go unseen.
func (f *file) doubtful(receiver string) string {
	old := f.before[receiver].instants()
	for _, start := range f.after[receiver].instants() {
		if slices.Contains(old, start) {
			continue
		}
		others := 0
		for name, a := range f.after {
			if name != receiver && a.compares() && slices.Contains(a.instants(), start) {
				others++
			}
		}
		if others < 2 {
			return fmt.Sprintf("%s, which %d others read", start, others)
		}
	}
	return ""
}

// instants are the starts without their UIDs.
func (a answer) instants() (out []string) {
	for _, e := range a.Events {
		if s := strings.TrimSpace(e.Start); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
