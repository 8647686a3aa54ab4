package nexthop

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
)

// timeouts are how long to wait for a next hop. A context can end the wait earlier.
type timeouts struct {
	connect  time.Duration
	greeting time.Duration
	command  time.Duration // EHLO, STARTTLS, AUTH, MAIL, RCPT
	data     time.Duration // for 354
	block    time.Duration // for one write
	final    time.Duration // for the reply to a whole message
	host     time.Duration // for all up to the reply to MAIL, where there is another host
}

// newTimeouts returns those of the configuration; where it has none, the longest
// that RFC 5321 §4.5.3.2 recommends.
func newTimeouts(b config.NextHop) timeouts {
	return timeouts{
		connect:  cmp.Or(b.ConnectTimeout, 30*time.Second),
		greeting: cmp.Or(b.GreetingTimeout, 5*time.Minute),
		command:  cmp.Or(b.CommandTimeout, 5*time.Minute),
		data:     cmp.Or(b.DataTimeout, 2*time.Minute),
		block:    cmp.Or(b.BlockTimeout, 3*time.Minute),
		final:    cmp.Or(b.FinalTimeout, 10*time.Minute),
		host:     cmp.Or(b.HostTimeout, 30*time.Second),
	}
}

// conn is a connection to a next hop, from its greeting on. It is used by one
// goroutine at a time, except for the methods of transport that say so.
type conn struct {
	transport
	key     hostKey
	at      target
	session *Session // for which it carried its last message; nil: none
	left    func()   // ends its count in capacity
	br      *bufio.Reader
	buf     []byte // commands about to be written
	remote  string // "mail.example.com [192.0.2.1]:25"
	wait    timeouts
	seen    hopSeen
	ext     hopExtensions

	replied func() // called for each reply while the connection is new; may be nil
	replies mailReplies
	pace    pace
	closing reply // the 421 with which the server ended the connection

	born     time.Time
	uses     int   // transactions that have ended
	reset    bool  // a transaction is open on it: RSET is sent before the next MAIL
	unusable bool  // not for another transaction
	broken   error // why the other side did not reply; nil: it has not failed
	tested   error // what an MTA-STS policy in testing mode would have refused
	declined error // why the server did not begin TLS, which it had offered
}

// hopSeen is what a server has sent about itself.
type hopSeen struct {
	greeting string
	ehlo     string   // first line of the answer to EHLO
	keywords []string // EHLO lines after the first
	tls      *tls.ConnectionState
}

// errBroken is the error of a connection that broke before; the first error has the
// reason.
var errBroken = errors.New("the connection was closed")

// receive reads one reply.
func (c *conn) receive(d time.Duration) (reply, error) {
	if c.br.Buffered() == 0 {
		c.setReadTimeout(d)
	}
	r, err := readReply(c.br)
	if err != nil {
		return c.receiveError(err)
	}
	if c.replied != nil {
		c.replied()
	}
	if r.code == 421 {
		c.unusable, c.closing = true, r
	}
	return r, nil
}

func (c *conn) receiveError(err error) (reply, error) {
	c.unusable = true
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return reply{}, err
}

// send writes all of p.
func (c *conn) send(p []byte) error {
	c.setWriteTimeout(c.wait.block)
	_, err := c.nc.Write(p)
	if err != nil {
		c.unusable = true
	}
	return err
}

// window is how much is sent before a reply is read: it fits into the socket buffers
// of both hosts, so that neither waits for the other (RFC 2920 §3.1).
const window = 8 << 10

// sendAside writes p in another goroutine, so that the caller can read replies
// meanwhile. The caller must call join after reading them, or when it cannot.
func (c *conn) sendAside(p []byte) (join func(), err error) {
	if len(p) <= window {
		return func() {}, c.send(p)
	}
	done := make(chan error, 1)
	go func() {
		c.setWriteTimeout(c.wait.block)
		_, err := c.nc.Write(p)
		done <- err
	}()
	return func() {
		if c.unusable {
			c.cutWrites()
		}
		if <-done != nil {
			c.unusable = true
		}
	}, nil
}

// ask sends one command and reads its reply.
func (c *conn) ask(d time.Duration, format string, args ...any) (reply, error) {
	if _, err := c.unsolicited(); err != nil {
		return reply{}, err
	}
	if err := c.send(fmt.Appendf(c.buf[:0], format+"\r\n", args...)); err != nil {
		return c.finalReply(err)
	}
	return c.receive(d)
}

// finalReplyTimeout is how long finalReply waits.
const finalReplyTimeout = time.Second

// finalReply reads what a server sent before it closed the connection that we could
// not write to: that explains more than the write error. A 5xx there is not the
// answer to a command that the server has not read.
func (c *conn) finalReply(cause error) (reply, error) {
	c.unusable = true
	switch r, err := c.receive(finalReplyTimeout); {
	case err == nil && r.code >= 500:
		return reply{}, fmt.Errorf("%w: %s", errUnsolicited, r.words())
	case err == nil && r.code >= 400:
		return r, nil
	}
	return reply{}, cause
}

// close closes the connection. When no transaction is open it sends QUIT first,
// without waiting for the reply (RFC 5321 §4.1.1.10 requires the command).
func (c *conn) close() {
	if !c.unusable {
		c.setWriteTimeout(time.Second)
		c.nc.Write([]byte("QUIT\r\n"))
	}
	c.unusable = true
	c.nc.Close()
	if left := c.left; left != nil {
		c.left = nil
		left()
	}
}

// lost is the verdict on a connection that failed before the reply to what we sent.
// The text is ours, so that an administrator sees which server failed, at which
// step, and how.
func (c *conn) lost(ctx context.Context, step string, err error) envelope.Verdict {
	c.unusable, c.broken = true, fmt.Errorf("%s: %w", step, err)
	switch {
	case ctx.Err() != nil:
		if !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
			c.broken = nil // the client or we have ended it
		}
		return envelope.Refuse(451, [3]int{4, 4, 2}, "stopped at %s while waiting for the reply of %s: %s", step, c.remote, whyEnded(ctx)).Because(ctx.Err())
	case errors.Is(err, errUnsolicited):
		return envelope.Refuse(451, [3]int{4, 5, 0}, "next hop %s: %v, at %s", c.remote, err, step).Because(err)
	case errors.Is(err, errReply):
		return envelope.Refuse(451, [3]int{4, 5, 0}, "next hop %s: %v at %s", c.remote, err, step).Because(err)
	case isTimeout(err):
		return envelope.Refuse(451, [3]int{4, 4, 2}, "next hop %s did not reply at %s in time", c.remote, step)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return envelope.Refuse(451, [3]int{4, 4, 2}, "next hop %s closed the connection at %s without a reply", c.remote, step)
	}
	return envelope.Refuse(451, [3]int{4, 4, 2}, "connection to next hop %s failed at %s: %v", c.remote, step, reason(err)).Because(err)
}

// failed returns why the host counts as failed: it did not reply, or it closed the
// connection for another reason than the number of messages. nil: it has not failed.
func (c *conn) failed() error {
	if c.broken == nil && c.closing.code == 421 && !c.closing.isMessageLimit() {
		return errors.New(c.closing.words())
	}
	return c.broken
}

// whyEnded returns why the wait ended: the cause of the context.
func whyEnded(ctx context.Context) string {
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, context.DeadlineExceeded):
		return "the time for it is over"
	case errors.Is(cause, context.Canceled):
		return "it was given up"
	default:
		return cause.Error()
	}
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// reason is a network error in words: its innermost part, without the addresses that
// are logged beside it.
func reason(err error) error {
	var op *net.OpError
	switch {
	case isTimeout(err), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return worded{err, "no reply in time"}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return worded{err, "the connection was closed without a reply"}
	case errors.As(err, &op) && op.Op == "remote error": // an alert of TLS
		return worded{err, "the server says: " + strings.TrimPrefix(op.Err.Error(), "tls: ")}
	case errors.As(err, &op) && op.Err != nil:
		return op.Err
	}
	return err
}

// worded is an error with another text.
type worded struct {
	error
	words string
}

func (w worded) Error() string { return w.words }
func (w worded) Unwrap() error { return w.error }

// remoteName returns "name [ip]:port". For a via that is an address, the name is
// taken from the greeting, if that has a plausible one.
func remoteName(via, greeting string, addr net.Addr) string {
	host, port, _ := net.SplitHostPort(via)
	ip, p, err := net.SplitHostPort(addr.String())
	if err != nil {
		return via
	}
	if net.ParseIP(host) != nil {
		host, _, _ = strings.Cut(greeting, " ")
		if !strings.Contains(host, ".") || strings.ContainsAny(host, "*[]()<>:") || len(host) > 255 {
			host = ""
		}
		port = p
	}
	if port == "" {
		port = p
	}
	return strings.TrimSpace(host + " [" + ip + "]:" + port)
}
