package nexthop

import (
	"context"
	"crypto/tls"
	"net"
	"os"
	"sync"
	"time"

	"github.com/reconvene/reconvene/relay/peek"
)

// past is an expired deadline: setting it interrupts a goroutine that reads or
// writes.
var past = time.Unix(1, 0)

// transport is the socket of a connection, or TLS on top of it, with its deadlines.
// They are set under mu: a context that ends, or a server that replies while a body
// is sent, interrupts the goroutine that reads or writes. cutOff, cutWrites and
// noteEarlyReply may be called from any goroutine.
type transport struct {
	nc    net.Conn
	below *underTLS // the socket; nil in plain text

	mu       sync.Mutex
	cut      bool // by the context: all deadlines stay in the past
	cutWrite bool // the server replied before the end of the body
	whole    bool // the write that completes the message has begun
}

// cutOffWhenDone interrupts reads and writes when ctx ends. The caller must call
// stop.
func (t *transport) cutOffWhenDone(ctx context.Context) (stop func() bool) {
	if ctx.Done() == nil {
		return func() bool { return true }
	}
	return context.AfterFunc(ctx, t.cutOff)
}

func (t *transport) cutOff() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cut = true
	t.nc.SetDeadline(past)
}

// cutWrites interrupts a writer.
func (t *transport) cutWrites() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cutWrite = true
	t.nc.SetWriteDeadline(past)
}

// noteEarlyReply is called when the server sends something, or closes the
// connection, while a body is being sent.
func (t *transport) noteEarlyReply() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.whole {
		t.cutWrite = true
		t.nc.SetWriteDeadline(past)
	}
}

// expectReply is called before the write that completes a message: from then on a
// reply is not early. It returns false when there was an early one.
func (t *transport) expectReply() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.whole = true
	return !t.cutWrite
}

// clearReadDeadline removes the read deadline: a body is bounded by the write
// deadlines.
func (t *transport) clearReadDeadline() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.whole = false
	if !t.cut {
		t.nc.SetReadDeadline(time.Time{})
	}
}

func (t *transport) setReadTimeout(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.cut {
		t.nc.SetReadDeadline(time.Now().Add(d))
	}
}

func (t *transport) setWriteTimeout(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.cut && !t.cutWrite {
		t.nc.SetWriteDeadline(time.Now().Add(d))
	}
}

// setTransport changes the connection that cutOff interrupts.
func (t *transport) setTransport(nc net.Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.nc = nc
	if t.cut {
		nc.SetDeadline(past)
	}
}

// wrapTLS starts TLS on the connection's socket.
func (t *transport) wrapTLS(cfg *tls.Config) *tls.Conn {
	t.below = &underTLS{Conn: t.nc}
	return tls.Client(t.below, cfg)
}

// canPeek reports whether waiting can see unread input.
func (t *transport) canPeek() bool {
	if t.below != nil {
		return peek.Knows(t.below.Conn)
	}
	return peek.Knows(t.nc)
}

// underTLS is the socket below a TLS connection. While it is checked for input, a
// read returns what is there and never waits.
type underTLS struct {
	net.Conn
	peeking bool
}

func (u *underTLS) Read(p []byte) (int, error) {
	if u.peeking {
		switch peek.At(u.Conn) {
		case peek.Nothing, peek.Unknown:
			return 0, os.ErrDeadlineExceeded // after which TLS goes on
		}
	}
	return u.Conn.Read(p)
}
