package queue

import (
	"container/heap"
	"time"
)

// entry is what is kept in memory of a message for one destination: below 200 octets,
// so that a million messages can wait.
type entry struct {
	id       string
	dest     *destination
	next     *entry // of the same message, for another destination
	message  *Message
	chains   *place // nil for mail that is not about a meeting
	received int64  // nanoseconds, wall clock
	order    int64  // a lower one is older: when it was received, or a number of the shared store
	due      int64  // nanoseconds of the queue's clock: no attempt before
	check    int64  // when its age is looked at: a delay notice, the end
	place    int32  // in the heap that holds it; -1 in none
	attempts uint16
	misses   uint16 // attempts in a row at which the destination failed
	priority int8
	phase    phase
	pending  bool // Observer.Pending was called, or needs not be
	probe    bool // see destination.probing
	shared   bool // the message has, or had, entries for other destinations, which change it too
	behind   bool // it waits until its destination was tried with another message
}

// phase is what an entry waits for.
type phase uint8

const (
	waiting phase = iota // for its time; in destination.waiting
	ready                // for a place; in destination.ready
	running              // an attempt is made, or its state is changed
	blocked              // for an earlier mail about the same meeting
	held                 // for an administrator
	gone                 // removed
)

// byDue is a heap of entries: the one that is due first.
type byDue []*entry

// Len implements heap.Interface.
func (h byDue) Len() int { return len(h) }

// Less implements heap.Interface.
func (h byDue) Less(i, j int) bool { return h[i].due < h[j].due }

// Swap implements heap.Interface.
func (h byDue) Swap(i, j int) { swap(h, i, j) }

// Push implements heap.Interface.
func (h *byDue) Push(x any) { push((*[]*entry)(h), x) }

// Pop implements heap.Interface.
func (h *byDue) Pop() any { return pop((*[]*entry)(h)) }

// byAge is a heap of entries: the highest priority, then the oldest.
type byAge []*entry

// Len implements heap.Interface.
func (h byAge) Len() int { return len(h) }

// Less implements heap.Interface.
func (h byAge) Less(i, j int) bool {
	if h[i].priority != h[j].priority {
		return h[i].priority > h[j].priority
	}
	return h[i].order < h[j].order
}

// Swap implements heap.Interface.
func (h byAge) Swap(i, j int) { swap(h, i, j) }

// Push implements heap.Interface.
func (h *byAge) Push(x any) { push((*[]*entry)(h), x) }

// Pop implements heap.Interface.
func (h *byAge) Pop() any { return pop((*[]*entry)(h)) }

func swap(h []*entry, i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = int32(i), int32(j)
}

func push(h *[]*entry, x any) {
	e := x.(*entry)
	e.place = int32(len(*h))
	*h = append(*h, e)
}

func pop(h *[]*entry) any {
	old := *h
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	e.place = -1
	return e
}

// take removes an entry from the heap that holds it.
func (e *entry) take() {
	if e.place < 0 {
		return
	}
	switch e.phase {
	case waiting:
		heap.Remove(&e.dest.waiting, int(e.place))
	case ready:
		heap.Remove(&e.dest.ready, int(e.place))
	}
}

// put lets an entry wait until due.
func (e *entry) put(due time.Duration) {
	e.take()
	e.due, e.phase, e.behind = int64(due), waiting, false
	heap.Push(&e.dest.waiting, e)
}
