package spool

import "sync"

// Memory counts and limits the octets of all bodies in memory. When the limit is
// reached, a body is stored in a file. The zero value allows nothing until Resize.
// It is safe for concurrent use.
type Memory struct {
	mu   sync.Mutex
	most int64
	used int64
}

// Resize changes the limit. Bodies that are in memory stay there.
func (m *Memory) Resize(most int64) {
	m.mu.Lock()
	m.most = most
	m.mu.Unlock()
}

// take reports whether octets more are allowed, and counts them. nil allows all.
func (m *Memory) take(octets int64) bool {
	if m == nil {
		return true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.used+octets > m.most {
		return false
	}
	m.used += octets
	return true
}

// give ends the count of octets that take counted.
func (m *Memory) give(octets int64) {
	if m == nil {
		return
	}
	m.mu.Lock()
	m.used -= octets
	m.mu.Unlock()
}
