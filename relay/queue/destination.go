package queue

import (
	"container/heap"
	"math/rand/v2"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// destination is the schedule of one destination. A destination that fails is tried
// again with one message at a time, after pauses that grow: its other messages wait
// for the result. These probes are the oldest message and the one that was tried
// least in turn, because a failure may be caused by the message: the oldest one alone
// would stop all mail of the destination until it expires.
type destination struct {
	Destination
	waiting  byDue // for their time
	ready    byAge // for a place
	running  int
	asked    *entry        // the one that an administrator wants to be tried next, if any
	probing  bool          // one of those running is to show whether the destination works again
	count    int           // entries, in whatever phase
	failures int           // in a row; attempts at the same time count as one
	round    int           // grows with each failure that counts
	deferred int           // messages in a row that were refused temporarily, none accepted
	until    time.Duration // no attempt before, because of failures or of the interval
	last     envelope.Verdict
	place    int // in the schedule; -1 when it is not there
	wake     time.Duration
}

// manyDeferred is how many messages in a row a destination defers before it is
// taken to defer all of them.
const manyDeferred = 5

// mostSteps bounds the pauses of a destination that replies but defers: each message
// has longer pauses of its own, and the next one may be accepted.
const mostSteps = 2

// advance moves entries whose time has come to those that are ready.
func (d *destination) advance(now time.Duration) {
	for len(d.waiting) > 0 && time.Duration(d.waiting[0].due) <= now {
		e := heap.Pop(&d.waiting).(*entry)
		e.phase = ready
		heap.Push(&d.ready, e)
	}
}

// full reports whether no further message may be sent at the same time. A destination
// that fails gets one probe, beside the attempts that were made before it failed: one
// of these may hang for minutes.
func (d *destination) full() bool {
	return d.failures > 0 && d.probing || d.Concurrency > 0 && d.running >= d.Concurrency
}

// nextStart returns when the destination can send something; ok is false when that
// depends on the end of an attempt, or there is nothing to send.
func (d *destination) nextStart() (at time.Duration, ok bool) {
	if d.full() || len(d.ready)+len(d.waiting) == 0 {
		return 0, false
	}
	if len(d.ready) == 0 {
		at = time.Duration(d.waiting[0].due)
	}
	return max(at, d.until), true
}

// start takes the entry that is sent next, or nil.
func (d *destination) start(now time.Duration) *entry {
	d.advance(now)
	if d.full() || len(d.ready) == 0 || now < d.until {
		return nil
	}
	e := d.next()
	e.phase = running
	d.running++
	if d.Interval > 0 {
		d.until = now + d.Interval
	}
	return e
}

// next takes an entry that is ready. Of a destination that fails, it is the one that an
// administrator has asked for, otherwise in turn the one that was tried least often, which
// shares the fewest reasons with those that were tried, and the oldest one, which may be
// accepted now: none of them may be the only one that it is ever offered.
func (d *destination) next() *entry {
	e := d.ready[0]
	switch {
	case d.failures == 0:
	case d.asked != nil && d.asked.dest == d && d.asked.phase == ready:
		e = d.asked
	case d.failures%2 == 1:
		e = d.leastTried()
	}
	d.asked = nil
	if d.failures > 0 {
		e.probe, d.probing = true, true
	}
	heap.Remove(&d.ready, int(e.place))
	return e
}

// leastTried returns the entry that is ready and was tried least often, the newest of these.
func (d *destination) leastTried() *entry {
	tried := func(e *entry) int { return int(e.attempts) + int(e.misses) }
	least := d.ready[0]
	for i, e := range d.ready {
		if tried(e) < tried(least) || tried(e) == tried(least) && d.ready.Less(int(least.place), i) {
			least = e
		}
	}
	return least
}

// ended frees the place of an entry whose attempt has ended.
func (d *destination) ended(e *entry) {
	d.running--
	if e.probe {
		e.probe, d.probing = false, false
	}
}

// worked records that the destination accepted a message, and reports whether it had
// failed before.
func (d *destination) worked() (again bool) {
	again = d.failures > 0
	d.failures, d.deferred, d.last = 0, 0, envelope.Verdict{}
	if again {
		d.until = 0
	}
	return again
}

// failed records that the destination could not be used by an attempt that began in a
// round. Attempts that were made beside one that has failed already say nothing new: with
// twenty at a time, one short interruption would cost the longest pause. steps bounds
// how often the pause doubles.
func (d *destination) failed(round, steps int, now time.Duration, v envelope.Verdict, b Backoff) {
	d.last = v
	if round != d.round {
		return
	}
	d.round++
	d.failures++
	d.until = now + b.pause(min(d.failures, steps))
}

// Backoff is how the pauses between attempts grow: from First on they double up to
// Most, each by a random fifth longer or shorter.
type Backoff struct {
	First, Most time.Duration
	Random      func() float64 // in [0, 1); nil: math/rand
}

// pause returns the pause after n attempts.
func (b Backoff) pause(n int) time.Duration {
	p := b.First
	for range min(n-1, 30) {
		if p *= 2; p >= b.Most {
			p = b.Most
			break
		}
	}
	random := b.Random
	if random == nil {
		random = rand.Float64
	}
	return time.Duration(float64(p) * (0.8 + 0.4*random()))
}
