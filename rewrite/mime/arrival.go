package mime

import (
	"errors"
	"iter"
	"math"
)

// Arrival scans a message while it is received; the result is the same tree as that
// of Scan. The order of calls: Write for each piece of the message, End after the
// last one, then Tree; Close at any time, once.
//
// It keeps only the line or the header section whose end was not received yet.
type Arrival struct {
	s      scanner
	in     arriving
	resume func() (struct{}, bool)
	stop   func()
	err    error
	over   bool // the scanner is done: all octets have come, or it has failed
}

// arriving is the part of a window that is fed.
type arriving struct {
	pause func(struct{}) bool // gives control back to Write
	need  int64               // the octet from which on the scanner looks
	keep  []byte              // octets of earlier pieces
	held  []byte              // octets that are too few to look again
	ended bool
}

// behind is how far the scanner looks back from what it asked for last, to see
// the line end before a delimiter.
const behind = 4

// seam is how much of a piece is put after the octets that are left of the one
// before: enough for any delimiter that lies across.
const seam = 2 * lineMax

// patient is from how many octets on, kept because a header section has no end yet,
// the scanner looks only when they have grown by a part of patience: each look
// costs as much as there is, and pieces can be of one octet.
const (
	patient  = 8 << 10
	patience = 8
)

var errNoMore = errors.New("the message was given up")

// NewArrival begins a scan. Close must be called.
func NewArrival(lim Limits) *Arrival {
	a := &Arrival{}
	a.s = scanner{win: &window{size: math.MaxInt64, arriving: &a.in}, lim: lim.withDefaults(), tree: &Tree{EOL: "\r\n"}}
	a.resume, a.stop = iter.Pull(func(yield func(struct{}) bool) {
		a.in.pause = yield
		a.err = a.s.scan()
	})
	return a
}

// Write scans the next octets; the caller can reuse p afterwards.
func (a *Arrival) Write(p []byte) {
	if a.over || len(p) == 0 {
		return
	}
	if kept, came := len(a.s.win.buf), len(a.in.held)+len(p); kept > patient && came < kept/patience {
		a.in.held = append(a.in.held, p...)
		return
	}
	a.release()
	a.take(p)
}

// release gives the octets that were held back to the scanner.
func (a *Arrival) release() {
	held := a.in.held
	a.in.held = held[:0]
	a.take(held)
}

// take lets the scanner look at the next octets.
func (a *Arrival) take(p []byte) {
	if a.over || len(p) == 0 {
		return
	}
	w := a.s.win
	start := w.off + int64(len(w.buf))
	if len(w.buf) > 0 {
		first := min(len(p), seam)
		a.in.keep = append(a.in.keep, p[:first]...)
		w.buf = a.in.keep
		a.run()
		if start <= a.in.need-behind {
			w.off, w.buf = start, p
		} else if first < len(p) {
			a.in.keep = append(a.in.keep, p[first:]...)
			w.buf = a.in.keep
		}
	} else {
		w.buf = p
	}
	a.run()
	a.rest()
}

// rest keeps what the scanner has not passed yet.
func (a *Arrival) rest() {
	w := a.s.win
	from := min(max(a.in.need-behind-w.off, 0), int64(len(w.buf)))
	a.in.keep = append(a.in.keep[:0], w.buf[from:]...)
	w.off, w.buf = w.off+from, a.in.keep
}

func (a *Arrival) run() {
	if a.over {
		return
	}
	if _, more := a.resume(); !more {
		a.over = true
	}
}

// End reports that the message is complete.
func (a *Arrival) End() {
	a.release()
	a.in.ended = true
	a.s.win.size = a.s.win.off + int64(len(a.s.win.buf))
	a.run()
}

// Passed returns the offset up to which the structure is known: further octets can
// neither begin nor end a part before it, nor belong to a header section there.
// After a failure it is the largest offset.
func (a *Arrival) Passed() int64 {
	if a.over {
		return math.MaxInt64
	}
	return a.in.need
}

// Parts returns the parts whose header sections were seen so far.
func (a *Arrival) Parts() []*Part { return a.s.tree.Parts }

// Tree returns the tree after End.
func (a *Arrival) Tree() (*Tree, error) { return a.s.tree, a.err }

// Close ends the scan, also before the end of the message.
func (a *Arrival) Close() {
	a.over = true
	a.stop()
}

// wait is at for a source that arrives.
func (w *window) wait(off int64, want int) []byte {
	in := w.arriving
	for {
		have := w.off + int64(len(w.buf))
		if off >= w.off && (have-off >= int64(want) || in.ended) {
			if off >= have {
				return nil
			}
			return w.buf[off-w.off:]
		}
		in.need = max(in.need, off)
		if off < w.off || !in.pause(struct{}{}) {
			w.err, w.buf = errNoMore, nil
			return nil
		}
	}
}

// end returns the size of the source; of one that arrives, when it is there.
func (w *window) end() int64 {
	for in := w.arriving; in != nil && !in.ended && w.err == nil; {
		in.need = w.off + int64(len(w.buf))
		if !in.pause(struct{}{}) {
			w.err = errNoMore
		}
	}
	return w.size
}
