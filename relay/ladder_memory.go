package relay

import (
	"slices"
	"sync"
	"time"

	"github.com/reconvene/reconvene/rewrite"
)

// climbMemory remembers for a while which rung a place took after it had
// refused others. It changes only the order in which a refused message is
// tried again. The first payload is always the repair for the profile: one bad
// calendar says nothing about the next, which would lose its alarms or its
// rule for it. A notice is not remembered: it is no meeting.
type climbMemory struct {
	mu   sync.Mutex
	took map[string]tookRung
}

type tookRung struct {
	rung string
	at   time.Time
}

// How long and how many places are remembered.
const (
	climbMemoryAge  = time.Hour
	climbMemorySize = 1024
)

// order returns the rungs in the order in which they are to be tried.
func (m *climbMemory) order(place string, now time.Time) []string {
	all := []string{rungStandard, rungReceived, string(rewrite.RungUTC), string(rewrite.RungMinimal), string(rewrite.RungNotice)}
	m.mu.Lock()
	defer m.mu.Unlock()
	took, ok := m.took[place]
	if !ok || now.Sub(took.at) > climbMemoryAge {
		return all
	}
	all = slices.DeleteFunc(all, func(r string) bool { return r == took.rung })
	return slices.Insert(all, 0, took.rung)
}

// learn notes what a place took.
func (m *climbMemory) learn(place, rung string, now time.Time) {
	if place == "" || rung == string(rewrite.RungNotice) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.took == nil || len(m.took) >= climbMemorySize {
		m.took = map[string]tookRung{}
	}
	m.took[place] = tookRung{rung, now}
}
