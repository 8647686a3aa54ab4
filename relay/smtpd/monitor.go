package smtpd

import (
	"errors"
	"io"
	"os"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/peek"
)

// Monitor calls gone when the client closes the connection while the handler waits
// for something else. Input of the client is buffered meanwhile. A client that
// closes its side after further commands is considered to be waiting for their
// replies. The handler must call end before it returns.
func (c *Conn) Monitor(gone func()) (end func()) {
	if m := c.monitor; m != nil {
		m.gone = gone
		m.timer.Reset(c.opt.MonitorDelay)
		return m.end
	}
	m := &monitor{c: c, gone: gone, done: make(chan struct{})}
	m.end = m.finish
	m.timer = time.AfterFunc(c.opt.MonitorDelay, m.run)
	c.monitor = m
	return m.end
}

// monitor is reused as long as its delay did not pass.
type monitor struct {
	c       *Conn
	gone    func()
	end     func() // finish
	timer   *time.Timer
	stopped bool // guarded by c.mu
	done    chan struct{}
}

// finish is called when the handler no longer waits.
func (m *monitor) finish() {
	if m.timer.Stop() {
		return
	}
	m.c.monitor = nil
	m.stop()
	<-m.done
}

func (m *monitor) run() {
	defer close(m.done)
	for m.waitForever() {
		if len(m.c.in.room()) == 0 {
			return // it sends more than is buffered, so it is connected
		}
		err := m.c.in.fill(m.c.conn)
		switch {
		case err == nil:
			continue
		case errors.Is(err, os.ErrDeadlineExceeded):
			return
		}
		m.c.in.eof = err
		if m.c.in.buffered() == 0 || !errors.Is(err, io.EOF) {
			m.gone()
		}
		return
	}
}

// waitForever removes the read deadline, unless stop was called before.
func (m *monitor) waitForever() bool {
	m.c.mu.Lock()
	defer m.c.mu.Unlock()
	if !m.stopped {
		m.c.conn.SetReadDeadline(time.Time{})
	}
	return !m.stopped
}

func (m *monitor) stop() {
	m.c.mu.Lock()
	defer m.c.mu.Unlock()
	m.stopped = true
	m.c.conn.SetReadDeadline(time.Unix(1, 0))
}

// TalksEarly reports whether the client speaks before it is greeted. It waits up to
// delay for that: a client that sends commands without reading replies is seldom a
// mail server.
func (w *wire) TalksEarly(delay time.Duration) bool {
	if delay == 0 {
		return peek.At(w.conn) == peek.Input
	}
	w.conn.SetReadDeadline(time.Now().Add(delay))
	return w.in.fill(w.conn) == nil
}

// Refuse replies in place of the greeting, and waits no longer than within for the
// client to read the reply.
func (w *wire) Refuse(v envelope.Verdict, within time.Duration) {
	w.opt.CommandTimeout = min(w.opt.CommandTimeout, within)
	w.writeVerdict(v)
	w.flush()
}
