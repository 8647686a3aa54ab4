package relay

import (
	"errors"
	"io"
	"slices"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// How a connection ends: by a fault of the client, by its own wish, by ours.

// fail ends the input. The client is told why when it may still listen.
func (g *gate) fail(err error) error {
	if g.err != nil {
		return g.err
	}
	switch {
	case errors.Is(err, errTimeout):
		g.say(envelope.Refuse(421, [3]int{4, 4, 2}, "%s: %s, closing connection", g.opt.hostname, err))
	case errors.Is(err, errRetired):
		g.say(envelope.Refuse(421, [3]int{4, 3, 2}, "%s: %s, try again", g.opt.hostname, err))
	case errors.Is(err, errFlood):
		g.say(envelope.Refuse(552, [3]int{5, 3, 4}, "message too large, closing connection"))
	case errors.Is(err, errErrors):
		g.say(envelope.Refuse(421, [3]int{4, 7, 0}, "%s: %s, closing connection", g.opt.hostname, err))
	}
	g.flush()
	g.err = err
	return err
}

// arm sets the read deadline, unless the connection is to be retired now.
func (g *gate) arm(deadline time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.leaving() {
		return errRetired
	}
	return g.conn.SetReadDeadline(deadline)
}

// leaving is true when we are shutting down and no transaction is open.
func (g *gate) leaving() bool { return g.retiring && g.idle && !g.busy }

func (g *gate) mustRetire() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.leaving()
}

// retire lets a running transaction finish, and then the client is sent away;
// an idle client at once. Any goroutine may call it.
func (g *gate) retire() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.retiring = true
	if g.leaving() {
		g.conn.SetReadDeadline(time.Unix(1, 0))
	}
}

// cut closes the connection without a word. Any goroutine may call it.
func (g *gate) cut() { g.socket.Close() }

// close ends the connection with what the client should still hear.
func (g *gate) close() {
	switch {
	case g.err == errQuit:
		g.conn.Close() // TLS says good-bye
	case g.err == nil || slices.Contains(lastWords, g.err):
		g.linger()
	}
	g.socket.Close()
}

// lastWords are the ends that the client is told about.
var lastWords = []error{errTimeout, errRetired, errErrors, errLongLine, errBadChunk, errFlood}

// faults are the ends for which the client is to blame.
var faults = []error{errErrors, errLongLine, errBadChunk, errFlood}

// lingerTime and lingerOctets bound what is read after the last word.
const (
	lingerTime   = time.Second
	lingerOctets = 256 << 10
)

// linger gives the client the chance to read our last word. Closing a socket
// with unread input resets the connection, and that can overtake the reply.
func (g *gate) linger() {
	half, ok := g.conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	g.conn.SetReadDeadline(time.Now().Add(lingerTime))
	io.CopyN(io.Discard, g.conn, lingerOctets)
}

func (g *gate) setIdle(idle bool) {
	g.mu.Lock()
	g.idle = idle
	g.mu.Unlock()
}

// setBusy says whether a transaction is open.
func (g *gate) setBusy(busy bool) {
	g.mu.Lock()
	g.busy = busy
	g.mu.Unlock()
}

func (g *gate) isBusy() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.busy
}
