package itip

import (
	"fmt"
	"testing"
)

func TestByName(t *testing.T) {
	m := map[string]int{"": 1, "A": 2, "DTSTART": 3, "DTSTAMP": 4}
	for i := range 500 {
		m[fmt.Sprintf("NAME-%d", i)] = i
	}
	table := newByName(m)
	for name, want := range m {
		if got, ok := table.get(name); !ok || got != want {
			t.Errorf("%q: %d, %v", name, got, ok)
		}
	}
	for _, name := range []string{"B", "DTSTARP", "NAME-500", "NAME--1"} {
		if _, ok := table.get(name); ok {
			t.Errorf("%q is there", name)
		}
	}
}
