package spool

import "sync"

// Memory counts the octets of the bodies in memory, of all connections together, and
// bounds them: a body that finds no room goes to a file. The zero value has room for
// nothing until Resize. It is safe for concurrent use.
type Memory struct {
	mu   sync.Mutex
	most int64
	used int64
}

// Resize changes the bound. What is in memory stays there.
func (m *Memory) Resize(most int64) {
	m.mu.Lock()
	m.most = most
	m.mu.Unlock()
}

// take reports whether there is room for so much more, and counts it. nil has room
// for all.
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

// give takes back what take counted.
func (m *Memory) give(octets int64) {
	if m == nil {
		return
	}
	m.mu.Lock()
	m.used -= octets
	m.mu.Unlock()
}
