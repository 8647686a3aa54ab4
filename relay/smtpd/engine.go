package smtpd

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// engineConn is the connection that a go-smtp server uses: Conn sets the deadlines,
// and Close ends only go-smtp's part of the conversation.
type engineConn struct {
	*Conn
	line   string // the rest of the line that go-smtp reads
	once   sync.Once
	closed chan struct{}
}

func newEngineConn(c *Conn) *engineConn {
	c.err, c.phase, c.replies, c.handler = nil, phaseGreeting, replyReader{}, nil
	c.hello, c.extended = "", false
	c.cmd, c.held, c.chunk, c.drain, c.handled, c.blame, c.swallow = command{}, "", nil, 0, nil, false, false
	return &engineConn{Conn: c, closed: make(chan struct{})}
}

// Read returns at most one line. When the input ends for any reason, go-smtp gets an
// error as if it had closed the connection itself, so that it writes nothing more.
func (e *engineConn) Read(b []byte) (int, error) {
	if e.line == "" {
		line, err := e.next()
		if err != nil {
			return 0, net.ErrClosed
		}
		e.line = line
	}
	n := copy(b, e.line)
	e.line = e.line[n:]
	return n, nil
}

// Write receives go-smtp's replies.
func (e *engineConn) Write(b []byte) (int, error) {
	if e.err != nil {
		return len(b), nil // the client has got its last reply
	}
	e.replies.write(b, e.replied)
	return len(b), nil
}

// Close ends the input of go-smtp.
func (e *engineConn) Close() error {
	e.once.Do(func() {
		e.fail(errQuit)
		close(e.closed)
	})
	return nil
}

// LocalAddr implements net.Conn.
func (e *engineConn) LocalAddr() net.Addr { return e.conn.LocalAddr() }

// RemoteAddr implements net.Conn.
func (e *engineConn) RemoteAddr() net.Addr { return e.conn.RemoteAddr() }

// SetDeadline implements net.Conn.
func (e *engineConn) SetDeadline(time.Time) error { return nil }

// SetReadDeadline implements net.Conn.
func (e *engineConn) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline implements net.Conn.
func (e *engineConn) SetWriteDeadline(time.Time) error { return nil }

// soleListener returns one connection to go-smtp, and ends when it is closed.
type soleListener struct {
	conn  *engineConn
	given bool
}

// Accept implements net.Listener.
func (l *soleListener) Accept() (net.Conn, error) {
	if !l.given {
		l.given = true
		return l.conn, nil
	}
	<-l.conn.closed
	return nil, net.ErrClosed
}

// Close implements net.Listener.
func (l *soleListener) Close() error { return nil }

// Addr implements net.Listener.
func (l *soleListener) Addr() net.Addr { return l.conn.LocalAddr() }

// engineLog receives go-smtp's log: panics in a session.
type engineLog struct{ c *Conn }

// Printf implements smtp.Logger.
func (l engineLog) Printf(format string, v ...any) { l.log(fmt.Sprintf(format, v...)) }

// Println implements smtp.Logger.
func (l engineLog) Println(v ...any) { l.log(fmt.Sprintln(v...)) }

func (l engineLog) log(text string) {
	if l.c.opt.Fault != nil {
		l.c.opt.Fault(strings.TrimSpace(text))
	}
}

var (
	_ net.Conn     = (*engineConn)(nil)
	_ net.Listener = (*soleListener)(nil)
	_ smtp.Logger  = engineLog{}
)
