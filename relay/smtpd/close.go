package smtpd

import (
	"errors"
	"io"
	"slices"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// The end of a connection: by a fault of the client, by QUIT, or by us.

// fail ends the input. The client gets a reply with the reason if it may still read
// it.
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

// setReadDeadline sets the read deadline, unless the connection is to be retired
// now.
func (w *wire) setReadDeadline(deadline time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.retireNow() {
		return errRetired
	}
	return w.conn.SetReadDeadline(deadline)
}

// retireNow reports whether we are shutting down and no transaction is open.
func (w *wire) retireNow() bool { return w.retiring && w.idle && !w.busy }

func (w *wire) mustRetire() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.retireNow()
}

// Retire ends the conversation with 421 after the running transaction; at once when
// none is open. It may be called from any goroutine.
func (w *wire) Retire() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.retiring = true
	if w.retireNow() {
		w.conn.SetReadDeadline(time.Unix(1, 0))
	}
}

// Cut closes the connection without a reply. It may be called from any goroutine.
func (w *wire) Cut() { w.socket.Close() }

// Close closes the connection. If the last reply says why, it first gives the client
// time to read it.
func (w *wire) Close() {
	switch {
	case w.err == errQuit:
		w.conn.Close() // sends close_notify under TLS
	case w.err == nil || slices.Contains(errorsWithReply, w.err):
		w.linger()
	}
	w.socket.Close()
	w.in.reset()
}

// errorsWithReply are the errors after which the client gets a reply before the
// connection is closed.
var errorsWithReply = []error{errTimeout, errRetired, errErrors, errLongLine, errBadChunk, ErrFlood}

// faults are the reasons that are faults of the client.
var faults = []error{errErrors, errLongLine, errBadChunk, ErrFlood}

// Fault is why the connection was ended because of the client's behaviour.
type Fault struct {
	Why  string
	Said envelope.Verdict // the reply that was sent
	Last string           // for too many errors, the reply to the last one
}

// Fault returns the fault of the client that ended the conversation, nil without
// one.
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

// Why returns in words how the client's input ended; err is the error of the input
// or of a body.
func Why(err error) string {
	switch {
	case errors.Is(err, errReset), errors.Is(err, errTimeout):
		return err.Error()
	case slices.ContainsFunc(errorsWithReply, func(last error) bool { return errors.Is(err, last) }):
		return "the connection was closed: " + err.Error()
	}
	return ErrGone.Error()
}

// lingerTime and lingerOctets bound what is read after the last word.
const (
	// lingerTime and lingerOctets bound what is read after the last reply.
	lingerTime   = time.Second
	lingerOctets = 256 << 10
)

// linger gives the client time to read the last reply. Closing a socket with unread
// input resets the connection, which can destroy the reply before the client reads
// it.
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

// setBusy sets whether a transaction is open.
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
