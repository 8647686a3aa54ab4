package relay

import (
	"slices"
	"sync"
	"time"

	"github.com/reconvene/reconvene/rewrite"
)

// formMemory remembers for a while which form a place took after it had
// refused others. It changes only the order in which a refused message is
// tried again. The first payload is always the repair for the profile: one bad
// calendar says nothing about the next, which would lose its alarms or its
// rule for it. A notice is not remembered: it is no meeting.
type formMemory struct {
	mu   sync.Mutex
	took map[string]tookForm
}

type tookForm struct {
	form string
	at   time.Time
}

// How long and how many places are remembered.
const (
	formMemoryAge  = time.Hour
	formMemorySize = 1024
)

// order returns the forms in the order in which they are to be tried.
func (m *formMemory) order(place string, now time.Time) []string {
	all := []string{formStandard, formReceived, string(rewrite.FallbackUTC), string(rewrite.FallbackMinimal), string(rewrite.FallbackNotice)}
	m.mu.Lock()
	defer m.mu.Unlock()
	took, ok := m.took[place]
	if !ok || now.Sub(took.at) > formMemoryAge {
		return all
	}
	all = slices.DeleteFunc(all, func(r string) bool { return r == took.form })
	return slices.Insert(all, 0, took.form)
}

// learn notes what a place took.
func (m *formMemory) learn(place, form string, now time.Time) {
	if place == "" || form == string(rewrite.FallbackNotice) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.took == nil || len(m.took) >= formMemorySize {
		m.took = map[string]tookForm{}
	}
	m.took[place] = tookForm{form, now}
}
