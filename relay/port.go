package relay

import (
	"net"
	"sync"
	"time"
)

// port is the gate as go-smtp sees it: one connection for each go-smtp server.
// Deadlines are the gate's own business, and closing a port says that go-smtp
// is done, not that the client is.
type port struct {
	*gate
	line   string // the rest of the line that go-smtp reads
	once   sync.Once
	closed chan struct{}
}

func newPort(g *gate) *port {
	g.err, g.phase, g.reply = nil, phaseGreeting, replyReader{}
	g.hello, g.extended = "", false
	g.cmd, g.held, g.chunk, g.drain, g.verdict, g.blame, g.swallow = command{}, "", nil, 0, nil, false, false
	return &port{gate: g, closed: make(chan struct{})}
}

// Read gives go-smtp at most one line. All that ends the input looks to it as if
// it had closed the connection itself: then it says nothing more.
func (p *port) Read(b []byte) (int, error) {
	if p.line == "" {
		line, err := p.next()
		if err != nil {
			return 0, net.ErrClosed
		}
		p.line = line
	}
	n := copy(b, p.line)
	p.line = p.line[n:]
	return n, nil
}

func (p *port) Write(b []byte) (int, error) {
	if p.gate.err != nil {
		return len(b), nil // the client has had its last word
	}
	p.reply.write(b, p.replied)
	return len(b), nil
}

func (p *port) Close() error {
	p.once.Do(func() {
		p.fail(errQuit)
		close(p.closed)
	})
	return nil
}

func (p *port) LocalAddr() net.Addr              { return p.conn.LocalAddr() }
func (p *port) RemoteAddr() net.Addr             { return p.conn.RemoteAddr() }
func (p *port) SetDeadline(time.Time) error      { return nil }
func (p *port) SetReadDeadline(time.Time) error  { return nil }
func (p *port) SetWriteDeadline(time.Time) error { return nil }

var _ net.Conn = (*port)(nil)
