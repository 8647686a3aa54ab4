package ledger

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/reconvene/reconvene/relay"
	"github.com/reconvene/reconvene/rewrite"
)

// waiting is a record that is to be written.
type waiting struct {
	record       *Record // or
	bounce       *bounce
	remote       bool          // it was read from the stream
	position     uint64        // of the change in the stream; 0: it was not read there
	acknowledged int64         // all changes up to this number of the outbox were published; 0: nothing new
	number       uint64        // in the order of the queue
	brief        bool          // its message waits for the journal only
	done         chan struct{} // closed when it is committed
}

// again reports whether it comes again when there is no room for it now: the stream is read
// again, and the outbox published again.
func (w *waiting) again() bool { return w.remote || w.record == nil && w.bounce == nil }

// mostBrief is how many may wait for the database while the journal takes more. Beyond,
// messages wait for the database, so that it is never far behind.
const mostBrief = 2000

// Message stores the event of a message. It returns when the record is committed or in the
// journal, or after Options.Wait, and at once while the file cannot be written.
func (l *Ledger) Message(e *relay.Event) {
	l.mu.Lock()
	s := l.addresses
	l.mu.Unlock()
	if r := s.record(e); r != nil {
		l.Add(r)
	} else if r := s.bodiless(e); r != nil {
		l.Add(r)
	}
	if b := s.bounce(e); b != nil {
		l.put(&waiting{bounce: b, done: make(chan struct{})})
	}
}

// Keep returns what Message stores of invitations.
func (l *Ledger) Keep() *rewrite.KeepOptions {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.addresses.keeps()
	return &k
}

// Add stores a record, as Message does for an event.
func (l *Ledger) Add(r *Record) {
	w := &waiting{record: r, done: make(chan struct{})}
	if !l.enqueue(w) {
		return
	}
	if w.brief && l.journalize(w) {
		return
	}
	l.wait(w)
}

// put hands something to the goroutine that writes and waits for it.
func (l *Ledger) put(w *waiting) {
	if l.enqueue(w) {
		l.wait(w)
	}
}

// wait returns when something is committed, or after Wait.
func (l *Ledger) wait(w *waiting) {
	patience := time.NewTimer(l.opt.Wait)
	defer patience.Stop()
	select {
	case <-w.done:
	case <-patience.C:
		l.fail(fmt.Errorf("it did not reply within %v", l.opt.Wait))
	case <-l.done:
	}
}

// enqueue hands something to the goroutine that writes; false when it is not worth to
// wait for it. A record is told to go into the journal, unless the database is far behind.
func (l *Ledger) enqueue(w *waiting) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.queue)
	if l.closed || n >= l.opt.Waiting {
		if !w.again() {
			l.lost++
			l.counts.Lost++
		}
		return false
	}
	l.number++
	w.number = l.number
	w.brief = w.record != nil && !w.remote && l.trouble == nil && n < mostBrief && !l.claim.taken()
	l.queue = append(l.queue, w)
	switch {
	case !w.brief:
		l.hurry()
	case l.since.IsZero(): // the goroutine that writes sets its timer
		l.since = time.Now()
		l.signal()
	case n+1 >= gather:
		l.signal()
	}
	return l.trouble == nil
}

// hurry lets all be written that waits. The caller holds mu.
func (l *Ledger) hurry() {
	l.urgent = true
	l.signal()
}

func (l *Ledger) signal() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// journalize puts a record into the journal. Where that fails it is false, and the record
// is written to the database at once. What a disk takes too long for is trouble, as in wait.
func (l *Ledger) journalize(w *waiting) bool {
	buffer := entryBuffers.Get().(*[]byte)
	text := appendEntry((*buffer)[:0], w.record)
	if *buffer = text; len(text) > maxEntry {
		return l.notBrief(w)
	}
	written := make(chan error, 1)
	go func() {
		err := l.journal.append(w.number, text)
		if cap(text) <= usualEntry {
			entryBuffers.Put(buffer)
		}
		written <- err
	}()
	var err error
	over := l.patience.enter()
	defer l.patience.leave()
	select {
	case err = <-written:
	case <-over:
		l.fail(fmt.Errorf("the journal was not written within %v", l.opt.Wait))
		return true
	}
	if err != nil {
		return l.notBrief(w)
	}
	l.memory.note([]*Record{w.record})
	return true
}

// usualEntry is the largest buffer that is used again.
const usualEntry = 64 << 10

// entryBuffers are for entries of the usual size.
var entryBuffers = sync.Pool{New: func() any { return new([]byte) }}

// notBrief lets a record be written at once; it is always false.
func (l *Ledger) notBrief(w *waiting) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	w.brief = false
	l.hurry()
	return false
}

// settle waits until the database has what the journal has. Who looks something up finds
// what had a reply before.
func (l *Ledger) settle(ctx context.Context) error {
	l.mu.Lock()
	var last *waiting
	for _, w := range slices.Backward(l.queue) {
		if w.brief {
			last = w
			l.hurry()
			break
		}
	}
	l.mu.Unlock()
	if last == nil {
		return nil
	}
	select {
	case <-last.done:
		return nil
	case <-l.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
