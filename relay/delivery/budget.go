package delivery

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"
)

// budget shares memory and processors among the messages that are being rewritten. A
// message requests the memory that it is estimated to need, waits for its turn, and
// returns all of it at the end.
//
// Messages of one class are served in order; the classes do not wait for each other,
// so that a small meeting is not behind a large one. Each class runs only a few at a
// time, since the timeout for one message assumes that it does not share a processor
// with many. The larger classes together cannot use what is reserved for the
// smallest.
type budget struct {
	mu      sync.Mutex
	total   int64 // octets
	used    int64
	classes [3]class
}

// class is a queue for messages of similar cost.
type class struct {
	most    int64 // octets that a message of this class may take
	share   int64 // of 8: how much of the total may be in use when one is let in
	slots   int
	running int
	waiting []*ticket
}

// ticket is one message that waits or runs.
type ticket struct {
	cost int64
	turn chan struct{} // closed when it may run
}

// What the classes are for: a usual meeting is below 64 KiB, and 48 octets of memory
// for each of its own are a bound (see package rewrite).
const (
	smallCost  = 48 * (64 << 10)
	mediumCost = 48 * (1 << 20)
)

// errBusy reports that a message did not get its turn in time.
var errBusy = errors.New("too many messages are being repaired at the moment")

// errOverBudget reports that a message alone needs more than the total.
var errOverBudget = errors.New("repairing it would take more memory than memory_total")

func newBudget(total int64) *budget {
	cores := runtime.GOMAXPROCS(0)
	return &budget{total: total, classes: [3]class{
		{most: min(smallCost, total), share: 8, slots: 2 * cores},
		{most: min(mediumCost, total*7/8), share: 7, slots: cores},
		{most: total * 7 / 8, share: 7, slots: max(1, cores/2)},
	}}
}

// resize changes the total. Running messages are not interrupted.
func (b *budget) resize(total int64) {
	fresh := newBudget(total)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.total = total
	for i := range b.classes {
		b.classes[i].most = fresh.classes[i].most
	}
	b.admit()
}

// enter waits for the turn of a message, no longer than wait and until ctx ends.
// leave must be called unless there is an error.
func (b *budget) enter(ctx context.Context, cost int64, wait time.Duration) (leave func(), err error) {
	b.mu.Lock()
	at := b.classOf(cost)
	if at < 0 {
		b.mu.Unlock()
		return nil, errOverBudget
	}
	t := &ticket{cost: cost, turn: make(chan struct{})}
	b.classes[at].waiting = append(b.classes[at].waiting, t)
	b.admit()
	b.mu.Unlock()
	var once sync.Once
	leave = func() { once.Do(func() { b.leave(at, t) }) }
	select {
	case <-t.turn:
		return leave, nil
	default:
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-t.turn:
		// What ends all messages gives their memory to those that wait.
		if err = ctx.Err(); err == nil {
			return leave, nil
		}
	case <-ctx.Done():
		err = ctx.Err()
	case <-timer.C:
		err = errBusy
	}
	leave()
	return nil, err
}

// classOf returns the class of a message, -1 when it is too large for all.
func (b *budget) classOf(cost int64) int {
	for i, c := range b.classes {
		if cost <= c.most {
			return i
		}
	}
	return -1
}

// leave ends a message, or its wait.
func (b *budget) leave(at int, t *ticket) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := &b.classes[at]
	select {
	case <-t.turn:
		c.running--
		b.used -= t.cost
	default:
		for i, w := range c.waiting {
			if w == t {
				c.waiting = append(c.waiting[:i:i], c.waiting[i+1:]...)
				break
			}
		}
	}
	b.admit()
}

// admit starts the first messages of each queue that fit; b.mu must be held. A
// message that does not fit blocks those behind it, otherwise it would never get its
// turn.
func (b *budget) admit() {
	for i := range b.classes {
		c := &b.classes[i]
		for len(c.waiting) > 0 && c.running < c.slots {
			t := c.waiting[0]
			if fits := b.used+t.cost <= b.total/8*c.share; !fits && b.used > 0 {
				break
			}
			c.waiting = c.waiting[1:]
			c.running++
			b.used += t.cost
			close(t.turn)
		}
	}
}
