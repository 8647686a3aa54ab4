package smtpd

import (
	"errors"
	"io"
	"slices"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// How a connection ends: by a fault of the client, by its own wish, by ours.

// fail ends the input. The client is told why when it may still listen.
func (w *wire) fail(err error) error {
	if w.err != nil {
		return w.err
	}
	switch {
	case errors.Is(err, errTimeout):
		w.writeVerdict(envelope.Refuse(421, [3]int{4, 4, 2}, "%s: %s, closing connection", w.opt.Hostname, err))
	case errors.Is(err, errRetired):
		w.writeVerdict(envelope.Refuse(421, [3]int{4, 3, 2}, "%s: %s, try again", w.opt.Hostname, err))
	case errors.Is(err, ErrFlood):
		w.writeVerdict(envelope.Refuse(552, [3]int{5, 3, 4}, "message too large, closing connection"))
	case errors.Is(err, errErrors):
		w.writeVerdict(envelope.Refuse(421, [3]int{4, 7, 0}, "%s: %s, closing connection", w.opt.Hostname, err))
	}
	w.flush()
	w.err = err
	return err
}

// setReadDeadline sets the read deadline, unless the connection is to be retired now.
func (w *wire) setReadDeadline(deadline time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.retireNow() {
		return errRetired
	}
	return w.conn.SetReadDeadline(deadline)
}

// retireNow is true when we are shutting down and no transaction is open.
func (w *wire) retireNow() bool { return w.retiring && w.idle && !w.busy }

func (w *wire) mustRetire() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.retireNow()
}

// Retire lets a running transaction finish, and then the client is sent away;
// an idle client at once. Any goroutine may call it.
func (w *wire) Retire() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.retiring = true
	if w.retireNow() {
		w.conn.SetReadDeadline(time.Unix(1, 0))
	}
}

// Cut closes the connection without a word. Any goroutine may call it.
func (w *wire) Cut() { w.socket.Close() }

// Close ends the connection with what the client should still hear.
func (w *wire) Close() {
	switch {
	case w.err == errQuit:
		w.conn.Close() // TLS says good-bye
	case w.err == nil || slices.Contains(closingReplies, w.err):
		w.linger()
	}
	w.socket.Close()
	w.in.reset()
}

// closingReplies are the ends that the client is told about.
var closingReplies = []error{errTimeout, errRetired, errErrors, errLongLine, errBadChunk, ErrFlood}

// faults are the ends for which the client is to blame.
var faults = []error{errErrors, errLongLine, errBadChunk, ErrFlood}

// Fault is how a client has made us end the connection.
type Fault struct {
	Why  string
	Said envelope.Verdict // the reply that told it
	Last string           // of too many errors, the reply to the last one
}

// Fault returns the fault of the client that ended the conversation, nil when none did.
func (w *wire) Fault() *Fault {
	if !slices.Contains(faults, w.err) {
		return nil
	}
	f := &Fault{Why: w.err.Error(), Said: w.said}
	if w.err == errErrors {
		f.Last = w.lastError
	}
	return f
}

// Why says in words how the client's input ended, when err is its end or that of a body.
func Why(err error) string {
	switch {
	case errors.Is(err, errReset), errors.Is(err, errTimeout):
		return err.Error()
	case slices.ContainsFunc(closingReplies, func(last error) bool { return errors.Is(err, last) }):
		return "the connection was closed: " + err.Error()
	}
	return ErrGone.Error()
}

// lingerTime and lingerOctets bound what is read after the last word.
const (
	lingerTime   = time.Second
	lingerOctets = 256 << 10
)

// linger gives the client the chance to read our last word. Closing a socket
// with unread input resets the connection, and that can overtake the reply.
func (w *wire) linger() {
	half, ok := w.conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	w.conn.SetReadDeadline(time.Now().Add(lingerTime))
	io.CopyN(io.Discard, w.conn, lingerOctets)
}

func (w *wire) setIdle(idle bool) {
	w.mu.Lock()
	w.idle = idle
	w.mu.Unlock()
}

// setBusy says whether a transaction is open.
func (w *wire) setBusy(busy bool) {
	w.mu.Lock()
	w.busy = busy
	w.mu.Unlock()
}

func (w *wire) isBusy() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.busy
}
