package queue

import (
	"context"
	"hash/maphash"
	"math"
	"slices"
	"sync"
	"time"
)

// Options is what a Queue needs. Store and Carrier are required.
type Options struct {
	Store    Store
	Carrier  Carrier
	Observer Observer         // nil: nobody
	Now      func() time.Time // nil: time.Now
	NewID    func() string    // IDs of notifications
	Settings Settings
	Random   func() float64 // for pauses; nil: math/rand
}

// Settings are what a configuration sets. Zero fields mean the defaults.
type Settings struct {
	Expire       time.Duration // after which a message is given up; 48h
	DelayNotice  time.Duration // after which the sender is told of a delay; 4h; negative: never
	DelayMeeting time.Duration // the same for a meeting that begins before the message expires; 15m
	RetryFirst   time.Duration // the pause after the first attempt; 1m
	RetryMost    time.Duration // the longest pause; 1h
	Workers      int           // attempts at the same time, to all destinations; 200
}

func (s Settings) orDefault() Settings {
	set := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	set(&s.Expire, 48*time.Hour)
	set(&s.DelayNotice, 4*time.Hour)
	set(&s.DelayMeeting, 15*time.Minute)
	set(&s.RetryFirst, time.Minute)
	set(&s.RetryMost, time.Hour)
	if s.Workers == 0 {
		s.Workers = 200
	}
	return s
}

// Queue sends the messages of a store. Open makes one, Run sends until its context
// ends. It is safe for concurrent use.
type Queue struct {
	opt    Options
	epoch  time.Time // the zero of the queue's clock
	seed   maphash.Seed
	locks  [64]sync.Mutex // one message is changed by one goroutine at a time
	shared Shared         // the store, where it is one that several queues use

	mu           sync.Mutex // guards what follows
	settings     Settings
	messages     map[string]*entry // the first entry of each
	destinations map[string]*destination
	chains       map[uint64]chain
	schedule     schedule
	running      int
	idle         int       // goroutines that wait for a task
	tasks        chan task // for them
	fresh        int       // messages in memory because they were not tried yet
	timer        *time.Timer
	started      bool
	stopped      bool
	ended        chan struct{} // closed at the end of the next attempt; used where the store is shared
	ctx          context.Context
	wg           sync.WaitGroup
}

// mostFresh is how many messages that wait for their first attempt stay in memory.
const mostFresh = 2000

// Open reads the messages of the store. Run sends them.
func Open(opt Options) (*Queue, error) {
	if opt.Observer == nil {
		opt.Observer = nobody{}
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	q := &Queue{opt: opt, epoch: opt.Now(), seed: maphash.MakeSeed(), settings: opt.Settings.orDefault(),
		messages: map[string]*entry{}, destinations: map[string]*destination{}, chains: map[uint64]chain{}, ended: make(chan struct{}), tasks: make(chan task, mostIdle)}
	if shared, ok := opt.Store.(Shared); ok {
		q.shared = shared
		return q, nil
	}
	damage, err := opt.Store.Load(func(m *Message) {
		if !m.Pending() { // the server ended before it could remove it
			if err := opt.Store.Remove(m.ID); err != nil {
				opt.Observer.Trouble(m.ID, "removing a message that was delivered", err)
			}
			return
		}
		q.enter(m, false)
	})
	for _, d := range damage {
		opt.Observer.Damaged(d)
	}
	return q, err
}

// now returns the queue's clock: monotonic, so that setting the system's clock moves
// no attempt.
func (q *Queue) now() time.Duration { return q.opt.Now().Sub(q.epoch) }

// Use puts other settings in force, and tries destinations that failed at once: the
// administrator may just have corrected the reason.
func (q *Queue) Use(s Settings) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.settings = s.orDefault()
	for _, d := range q.destinations {
		d.until = 0
		for _, e := range slices.Clone(d.waiting) {
			if e.behind {
				e.put(q.now())
			}
		}
		q.wake(d)
	}
	q.kick()
}

// Create begins to store a message; Accept completes it.
func (q *Queue) Create(id string) (Writer, error) { return q.opt.Store.Create(id) }

// Accept stores a message whose body was written to w, and lets it be sent. When it
// returns nil, the message is durable. The caller must not use m any more.
func (q *Queue) Accept(w Writer, m *Message) error {
	for i := range m.Recipients {
		m.Recipients[i].State = Queued
	}
	if err := w.Commit(m); err != nil {
		return err
	}
	if q.shared == nil { // else the store gives it to the queue that sends it
		q.enter(m, true)
	}
	return nil
}

// enter adds a stored message to the index.
func (q *Queue) enter(m *Message, fresh bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.index(m, fresh, m.Received.UnixNano())
	q.kick()
}

// index makes an entry for each destination of a message. Messages with a lower order
// are older. q.mu is held.
func (q *Queue) index(m *Message, fresh bool, order int64) {
	now := q.now()
	for i := range m.Recipients {
		r := &m.Recipients[i]
		if !r.pending() {
			continue
		}
		e := q.entryFor(m, q.opt.Carrier.Destination(m, r), order)
		e.check = min(e.check, int64(q.nextCheck(m, r)))
		if r.Untold { // later mail need not wait for it
			continue
		}
		q.locate(e, m, r)
		e.attempts = max(e.attempts, uint16(min(r.Attempts, 1<<16-1)))
		due := now
		if !r.Next.IsZero() { // a clock that was set back must not stop a message
			due = now + min(max(r.Next.Sub(q.opt.Now()), 0), q.settings.RetryMost*2)
		}
		e.due = min(e.due, int64(due))
	}
	first := q.messages[m.ID]
	if fresh && first != nil && first.next == nil && q.fresh < mostFresh {
		q.fresh++ // one entry alone uses it
		first.message = m
	}
	q.markShared(m.ID)
	for e := first; e != nil; e = e.next {
		q.join(e)
		if m.Held != "" {
			e.phase = held
			continue
		}
		if fresh && q.isBlocked(e, m) || e.due == math.MaxInt64 {
			e.phase = blocked
			continue
		}
		e.put(time.Duration(e.due))
		q.wake(e.dest)
	}
}

// isBlocked reports whether every recipient of an entry has to wait for an earlier
// mail about the same meeting. q.mu is held.
func (q *Queue) isBlocked(e *entry, m *Message) bool {
	if len(m.Meetings) == 0 {
		return false
	}
	for i := range m.Recipients {
		if r := &m.Recipients[i]; q.belongs(e, m, r) && q.inTurn(e, m, r) {
			return false
		}
	}
	return true
}

// markShared marks the entries of a message that has several. q.mu is held.
func (q *Queue) markShared(id string) {
	first := q.messages[id]
	for e := first; e != nil && first.next != nil; e = e.next {
		if !e.shared {
			e.shared = true
			q.forget(e)
		}
	}
}

// entryFor returns the entry of a message for a destination, a new one if there is
// none. q.mu is held.
func (q *Queue) entryFor(m *Message, to Destination, order int64) *entry {
	first := q.messages[m.ID]
	for e := first; e != nil; e = e.next {
		if e.dest.Key == to.Key {
			return e
		}
	}
	d := q.destinations[to.Key]
	if d == nil {
		d = &destination{Destination: to, place: -1}
		q.destinations[to.Key] = d
	}
	d.Concurrency, d.Interval = to.Concurrency, to.Interval // the configuration may have changed
	d.count++
	e := &entry{id: m.ID, dest: d, next: first, received: m.Received.UnixNano(), order: order, due: 1<<63 - 1, check: 1<<63 - 1, place: -1, priority: int8(m.Priority)}
	q.messages[m.ID] = e
	return e
}

// drop removes an entry from the index. q.mu is held.
func (q *Queue) drop(e *entry) {
	if e.phase == gone {
		return
	}
	e.take()
	if e.chains != nil {
		for _, k := range e.chains.keys {
			q.leave(e, k)
		}
	}
	q.forget(e)
	e.phase = gone
	if first := q.messages[e.id]; first == e {
		if e.next == nil {
			delete(q.messages, e.id)
		} else {
			q.messages[e.id] = e.next
		}
	} else {
		for at := first; at != nil; at = at.next {
			if at.next == e {
				at.next = e.next
				break
			}
		}
	}
	if e.dest.count--; e.dest.count == 0 && e.dest.running == 0 {
		q.schedule.remove(e.dest)
		delete(q.destinations, e.dest.Key)
	}
}

// forget drops what is kept in memory of a message. q.mu is held.
func (q *Queue) forget(e *entry) {
	if e.message != nil {
		e.message = nil
		q.fresh--
	}
}

// lock keeps a message for one goroutine.
func (q *Queue) lock(id string) *sync.Mutex {
	l := &q.locks[maphash.String(q.seed, id)%uint64(len(q.locks))]
	l.Lock()
	return l
}

// age returns for how long a message is in the queue; not negative, whatever happened
// to the clock.
func (q *Queue) age(m *Message) time.Duration { return max(q.opt.Now().Sub(m.Received), 0) }
