package queue

import (
	"context"
	"errors"
)

// Shared is a store that several queues use at the same time. Each message belongs to
// at most one of them at a time, which alone sends it. Open does not call Load of such
// a store.
type Shared interface {
	Store
	// Share gives messages to a queue, and takes them away, until ctx ends; then it
	// gives back those that it has, and returns.
	Share(ctx context.Context, to Owner)
	// Owns reports whether the message belongs to the queue of this process.
	Owns(id string) bool
}

// Owner is the queue as a shared store sees it.
type Owner interface {
	// Given adds a message that belongs to the queue from now on. order numbers
	// messages as they were stored. A message that is given again is added once.
	Given(m *Message, order int64)
	// Taken drops the messages that do not belong to the queue any more, and returns
	// when none of them is being sent, or when ctx ends.
	Taken(ctx context.Context)
	// Damaged reports a message that was set aside.
	Damaged(Damage)
	// Trouble reports an error of the store that concerns no single message.
	Trouble(what string, err error)
}

// ErrElsewhere reports that another queue sends a message.
var ErrElsewhere = errors.New("another relay sends the message")

// owner implements Owner.
type owner struct{ *Queue }

var _ Owner = owner{}

// Given implements Owner.
func (o owner) Given(m *Message, order int64) {
	q := o.Queue
	if !m.Pending() { // the relay that had it ended before it could remove it
		if err := q.opt.Store.Remove(m.ID); err != nil && !errors.Is(err, ErrNotFound) {
			q.opt.Observer.Trouble(m.ID, "removing a message that was delivered", err)
		}
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.messages[m.ID] != nil || q.stopped {
		return
	}
	q.index(m, true, order)
	q.kick()
}

// Taken implements Owner.
func (o owner) Taken(ctx context.Context) {
	q := o.Queue
	busy := q.dropForeign()
	for _, e := range busy {
		for {
			q.mu.Lock()
			ended, at := q.ended, e.phase
			q.mu.Unlock()
			if at != running {
				break
			}
			select {
			case <-ended:
			case <-ctx.Done():
				return
			}
		}
	}
}

// dropForeign drops the entries of messages that belong to others, except those that
// are being sent, which it returns: they are dropped at the end of the attempt.
func (q *Queue) dropForeign() (busy []*entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var list []*entry
	for id, first := range q.messages {
		if q.mine(id) {
			continue
		}
		for e := first; e != nil; e = e.next {
			list = append(list, e)
		}
	}
	for _, e := range list {
		if e.phase == running {
			busy = append(busy, e)
			continue
		}
		d := e.dest
		q.drop(e)
		if d.count > 0 {
			q.wake(d)
		}
	}
	return busy
}

// Damaged implements Owner.
func (o owner) Damaged(d Damage) { o.opt.Observer.Damaged(d) }

// Trouble implements Owner.
func (o owner) Trouble(what string, err error) { o.opt.Observer.Trouble("", what, err) }

// mine reports whether this queue may send a message.
func (q *Queue) mine(id string) bool { return q.shared == nil || q.shared.Owns(id) }

// share runs the sharing beside Run; the returned function ends it.
func (q *Queue) share() (end func()) {
	if q.shared == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		q.shared.Share(ctx, owner{q})
	}()
	return func() {
		cancel()
		<-done
	}
}
