package ledger

import (
	"fmt"
	"time"

	"github.com/reconvene/reconvene/relay"
)

// waiting is a record that is to be written.
type waiting struct {
	record       *Record // or
	bounce       *bounce
	remote       bool          // it was read from the stream
	position     uint64        // of the change in the stream; 0: it was not read there
	acknowledged int64         // all changes up to this number of the outbox were published; 0: nothing new
	done         chan struct{} // closed when it is committed
}

// Message stores the event of a message. It returns when the record is committed or
// after Options.Wait, and at once while the file cannot be written.
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

// Add stores a record, as Message does for an event.
func (l *Ledger) Add(r *Record) { l.put(&waiting{record: r, done: make(chan struct{})}) }

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
// wait for it.
func (l *Ledger) enqueue(w *waiting) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.queue) >= l.opt.Waiting {
		l.lost++
		l.counts.Lost++
		return false
	}
	l.queue = append(l.queue, w)
	select {
	case l.wake <- struct{}{}:
	default:
	}
	return l.trouble == nil
}
