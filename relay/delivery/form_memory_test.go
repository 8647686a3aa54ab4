package delivery

import (
	"fmt"
	"testing"
	"time"
)

// What a place took comes first, for a while.
func TestFormMemory(t *testing.T) {
	m, now := &formMemory{}, time.Now()
	m.learn("a", "utc", now)
	m.learn("b", "notice", now)
	m.learn("", "utc", now)
	for place, first := range map[string]string{"a": "utc", "b": formStandard, "": formStandard} {
		if got := m.order(place, "", now.Add(time.Minute)); got[0] != first || len(got) != 5 {
			t.Errorf("at %q: %v", place, got)
		}
	}
	if got := m.order("a", "", now.Add(formMemoryAge+1)); got[0] != formStandard {
		t.Errorf("remembered for too long: %v", got)
	}
	for i := range 3 * formMemorySize {
		m.learn(fmt.Sprint(i), "utc", now)
	}
	if len(m.took) > formMemorySize {
		t.Errorf("%d places are remembered", len(m.took))
	}
}
