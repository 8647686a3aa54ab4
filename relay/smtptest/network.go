package smtptest

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// Network is a network in memory. Its connections have buffers, deadlines, half-closing and
// addresses as those of TCP have; what waits for one is durably blocked in the sense of
// testing/synctest, so that time-outs cost no time.
type Network struct {
	mu        sync.Mutex
	port      int
	listeners map[int]*memoryListener
}

// networkBuffer is what a connection holds in each direction that nobody has read.
const networkBuffer = 64 << 10

// Listen opens a listener at an unused port, whatever the address.
func (n *Network) Listen(context.Context, string) (net.Listener, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.listeners == nil {
		n.listeners = make(map[int]*memoryListener)
	}
	n.port++
	l := &memoryListener{addr: loopback(n.port), incoming: make(chan net.Conn), closed: make(chan struct{})}
	n.listeners[n.port] = l
	return l, nil
}

// Dial connects to a listener of the network.
func (n *Network) Dial(ctx context.Context, _, address string) (net.Conn, error) {
	addr, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	l := n.listeners[addr.Port]
	n.mu.Unlock()
	if l == nil {
		return nil, errors.New("connection refused")
	}
	up, down := newStream(), newStream()
	client := &memoryConn{in: down, out: up, local: loopback(1), remote: l.addr}
	server := &memoryConn{in: up, out: down, local: l.addr, remote: loopback(1)}
	select {
	case l.incoming <- server:
		return client, nil
	case <-l.closed:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func loopback(port int) *net.TCPAddr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port} }

type memoryListener struct {
	addr     *net.TCPAddr
	incoming chan net.Conn
	once     sync.Once
	closed   chan struct{}
}

// Accept implements net.Listener.
func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.incoming:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *memoryListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr implements net.Listener.
func (l *memoryListener) Addr() net.Addr { return l.addr }

// memoryConn is one end of a connection.
type memoryConn struct {
	in, out       *stream
	local, remote net.Addr
}

// Read implements net.Conn.
func (c *memoryConn) Read(b []byte) (int, error) { return c.in.read(b) }

// Write implements net.Conn.
func (c *memoryConn) Write(b []byte) (int, error) { return c.out.write(b) }

// CloseWrite ends what this side says; it can still hear.
func (c *memoryConn) CloseWrite() error {
	c.out.change(func(s *stream) { s.ended = true })
	return nil
}

// Close implements net.Conn.
func (c *memoryConn) Close() error {
	c.CloseWrite()
	c.out.change(func(s *stream) { s.writer = net.ErrClosed })
	c.in.change(func(s *stream) { s.buf, s.reader, s.lost = nil, net.ErrClosed, true })
	return nil
}

// LocalAddr implements net.Conn.
func (c *memoryConn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements net.Conn.
func (c *memoryConn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline implements net.Conn.
func (c *memoryConn) SetDeadline(t time.Time) error {
	c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

// SetReadDeadline implements net.Conn.
func (c *memoryConn) SetReadDeadline(t time.Time) error {
	c.in.change(func(s *stream) { s.readBy = t })
	return nil
}

// SetWriteDeadline implements net.Conn.
func (c *memoryConn) SetWriteDeadline(t time.Time) error {
	c.out.change(func(s *stream) { s.writeBy = t })
	return nil
}

// stream is one direction of a connection.
type stream struct {
	mu              sync.Mutex
	buf             []byte
	ended           bool  // the writer says no more
	lost            bool  // the reader has gone
	reader, writer  error // that end is closed
	readBy, writeBy time.Time
	changed         chan struct{} // closed at the next change
}

func newStream() *stream { return &stream{changed: make(chan struct{})} }

// change changes the state and wakes who waits for it.
func (s *stream) change(do func(*stream)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do(s)
	s.wake()
}

func (s *stream) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *stream) read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.reader != nil:
			return 0, s.reader
		case !s.readBy.IsZero() && !time.Now().Before(s.readBy):
			return 0, os.ErrDeadlineExceeded
		case len(s.buf) > 0:
			n := copy(b, s.buf)
			s.buf = s.buf[n:]
			s.wake()
			return n, nil
		case s.ended:
			return 0, io.EOF
		}
		s.wait(s.readBy)
	}
}

func (s *stream) write(b []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n < len(b) {
		switch room := networkBuffer - len(s.buf); {
		case s.writer != nil:
			return n, s.writer
		case s.lost || s.ended:
			return n, io.ErrClosedPipe
		case !s.writeBy.IsZero() && !time.Now().Before(s.writeBy):
			return n, os.ErrDeadlineExceeded
		case room > 0:
			m := min(room, len(b)-n)
			s.buf = append(s.buf, b[n:n+m]...)
			n += m
			s.wake()
		default:
			s.wait(s.writeBy)
		}
	}
	return n, nil
}

// wait waits for a change, no longer than a deadline; s.mu is held but for the wait.
func (s *stream) wait(until time.Time) {
	changed := s.changed
	s.mu.Unlock()
	defer s.mu.Lock()
	if until.IsZero() {
		<-changed
		return
	}
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	}
}
