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

// past is a deadline that has been missed: setting it wakes who waits.
var past = time.Unix(1, 0)

// transport is the socket of a connection, or TLS on top of it, with its deadlines.
// They are set under mu: a context that ends, or a server that speaks while a body
// is on its way, wakes who reads or writes. cutOff, cutWrites and noteEarlyReply may
// be called from any goroutine.
type transport struct {
	nc    net.Conn
	below *underTLS // the socket; nil in plain text

	mu       sync.Mutex
	cut      bool // by the context: all deadlines stay in the past
	cutWrite bool // the server has answered before we were done
	whole    bool // the octets that complete a message are on their way
}

// cutOffWhenDone gives the connection up when ctx ends. The caller must call stop.
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

// cutWrites wakes a writer.
func (t *transport) cutWrites() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cutWrite = true
	t.nc.SetWriteDeadline(past)
}

// noteEarlyReply is called when the server says something, or closes, while a body is
// on its way.
func (t *transport) noteEarlyReply() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.whole {
		t.cutWrite = true
		t.nc.SetWriteDeadline(past)
	}
}

// expectReply is called before the write that completes a message: from now on
// the server may answer. It is false when it has answered already.
func (t *transport) expectReply() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.whole = true
	return !t.cutWrite
}

// clearReadDeadline takes the read deadline away: the write deadlines are what
// bounds a body.
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

// setTransport changes what cutOff cuts.
func (t *transport) setTransport(nc net.Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.nc = nc
	if t.cut {
		nc.SetDeadline(past)
	}
}

// wrapTLS puts TLS over the connection's socket.
func (t *transport) wrapTLS(cfg *tls.Config) *tls.Conn {
	t.below = &underTLS{Conn: t.nc}
	return tls.Client(t.below, cfg)
}

// canPeek says whether waiting knows what there is.
func (t *transport) canPeek() bool {
	if t.below != nil {
		return peek.Knows(t.below.Conn)
	}
	return peek.Knows(t.nc)
}

// underTLS is the socket below a TLS connection. While it is peeked at, a read
// takes what is there and never waits.
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
