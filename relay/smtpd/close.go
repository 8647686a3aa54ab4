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
func (c *Conn) fail(err error) error {
	if c.err != nil {
		return c.err
	}
	switch {
	case errors.Is(err, errTimeout):
		c.say(envelope.Refuse(421, [3]int{4, 4, 2}, "%s: %s, closing connection", c.opt.Hostname, err))
	case errors.Is(err, errRetired):
		c.say(envelope.Refuse(421, [3]int{4, 3, 2}, "%s: %s, try again", c.opt.Hostname, err))
	case errors.Is(err, ErrFlood):
		c.say(envelope.Refuse(552, [3]int{5, 3, 4}, "message too large, closing connection"))
	case errors.Is(err, errErrors):
		c.say(envelope.Refuse(421, [3]int{4, 7, 0}, "%s: %s, closing connection", c.opt.Hostname, err))
	}
	c.flush()
	c.err = err
	return err
}

// arm sets the read deadline, unless the connection is to be retired now.
func (c *Conn) arm(deadline time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leaving() {
		return errRetired
	}
	return c.conn.SetReadDeadline(deadline)
}

// leaving is true when we are shutting down and no transaction is open.
func (c *Conn) leaving() bool { return c.retiring && c.idle && !c.busy }

func (c *Conn) mustRetire() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leaving()
}

// Retire lets a running transaction finish, and then the client is sent away;
// an idle client at once. Any goroutine may call it.
func (c *Conn) Retire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.retiring = true
	if c.leaving() {
		c.conn.SetReadDeadline(time.Unix(1, 0))
	}
}

// Cut closes the connection without a word. Any goroutine may call it.
func (c *Conn) Cut() { c.socket.Close() }

// Close ends the connection with what the client should still hear.
func (c *Conn) Close() {
	switch {
	case c.err == errQuit:
		c.conn.Close() // TLS says good-bye
	case c.err == nil || slices.Contains(lastWords, c.err):
		c.linger()
	}
	c.socket.Close()
	c.in.reset()
}

// lastWords are the ends that the client is told about.
var lastWords = []error{errTimeout, errRetired, errErrors, errLongLine, errBadChunk, ErrFlood}

// faults are the ends for which the client is to blame.
var faults = []error{errErrors, errLongLine, errBadChunk, ErrFlood}

// Fault is how a client has made us end the connection.
type Fault struct {
	Why  string
	Said envelope.Verdict // the reply that told it
	Last string           // of too many errors, the reply to the last one
}

// Fault returns the fault of the client that ended the conversation, nil when none did.
func (c *Conn) Fault() *Fault {
	if !slices.Contains(faults, c.err) {
		return nil
	}
	f := &Fault{Why: c.err.Error(), Said: c.said}
	if c.err == errErrors {
		f.Last = c.lastError
	}
	return f
}

// Why says in words how the client's input ended, when err is its end or that of a body.
func Why(err error) string {
	switch {
	case errors.Is(err, errReset), errors.Is(err, errTimeout):
		return err.Error()
	case slices.ContainsFunc(lastWords, func(last error) bool { return errors.Is(err, last) }):
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
func (c *Conn) linger() {
	half, ok := c.conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	c.conn.SetReadDeadline(time.Now().Add(lingerTime))
	io.CopyN(io.Discard, c.conn, lingerOctets)
}

func (c *Conn) setIdle(idle bool) {
	c.mu.Lock()
	c.idle = idle
	c.mu.Unlock()
}

// setBusy says whether a transaction is open.
func (c *Conn) setBusy(busy bool) {
	c.mu.Lock()
	c.busy = busy
	c.mu.Unlock()
}

func (c *Conn) isBusy() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.busy
}
