package smtpd

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// wire has the octets of a conversation in both directions, with their deadlines,
// and its end.
//
// A read error is final: after a time-out or an end of the connection no later octet
// is used.
type wire struct {
	opt    Options
	socket net.Conn
	conn   net.Conn // the socket, or TLS on top of it
	tls    *tls.ConnectionState

	in        input
	out       []byte           // replies that were not written yet
	said      envelope.Verdict // the last that was not go-smtp's
	lastError string           // the last reply of 5xx
	err       error            // why nothing is read any more; sticky

	mu       sync.Mutex // guards what follows
	retiring bool       // no further transaction
	idle     bool       // waiting for a command, outside of a transaction
	busy     bool       // a transaction is open
}

// TLS returns the TLS state, nil in plain text.
func (w *wire) TLS() *tls.ConnectionState { return w.tls }

// Err returns why no more input is read, nil while input is read.
func (w *wire) Err() error { return w.err }

// Trust gives a client that has authenticated the time limits of other clients.
func (w *wire) Trust(commandTimeout time.Duration) {
	w.opt.CommandTimeout, w.opt.Until = commandTimeout, time.Time{}
}

// within returns the deadline d from now, but for an unauthenticated client no later
// than Until.
func (w *wire) within(d time.Duration) time.Time {
	at := time.Now().Add(d)
	if w.stranger() && w.opt.Until.Before(at) {
		return w.opt.Until
	}
	return at
}

// stranger reports whether the client has not authenticated.
func (w *wire) stranger() bool { return !w.opt.Until.IsZero() }

// fill waits for more input until the deadline. Replies so far are written before
// (RFC 2920 §3.2: they may be grouped, but must not be held back while we wait).
func (w *wire) fill(deadline time.Time) error {
	if w.err != nil {
		return w.err
	}
	if err := w.flush(); err != nil {
		return err
	}
	if err := w.setReadDeadline(deadline); err != nil {
		return w.fail(err)
	}
	err := w.in.fill(w.conn)
	if err == nil {
		return nil
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = errTimeout
		if w.mustRetire() { // the deadline was retire's
			err = errRetired
		}
	}
	if err == io.EOF {
		err = ErrGone // not io.EOF, which many readers do not return
	}
	return w.fail(err)
}

// handshakeTimeout bounds a TLS handshake.
const handshakeTimeout = 30 * time.Second

// Handshake starts TLS. verified is called with the state before the first command;
// it must not be nil.
func (w *wire) Handshake(ctx context.Context, verified func(*tls.ConnectionState)) error {
	deadline := w.within(handshakeTimeout)
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	conn := tls.Server(w.conn, w.opt.TLS)
	w.conn.SetDeadline(deadline)
	if err := conn.HandshakeContext(ctx); err != nil {
		w.err = fmt.Errorf("tls handshake: %w", err)
		return err
	}
	state := conn.ConnectionState()
	verified(&state)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conn, w.tls = conn, &state
	return nil
}

// writeVerdict adds a verdict to the output: the enhanced code on each line (RFC
// 2034 §4), without characters that would end the line.
func (w *wire) writeVerdict(v envelope.Verdict) {
	w.said = v
	if len(v.Text) == 0 {
		w.writeLine(v.Code, true, v.Enhanced, "")
	}
	for i, text := range v.Text {
		w.writeLine(v.Code, i == len(v.Text)-1, v.Enhanced, printable(text))
	}
}

// write adds a reply to the output. It is sent when all input is processed.
func (w *wire) write(code int, lines []string) {
	for i, text := range lines {
		w.writeLine(code, i == len(lines)-1, [3]int{}, text)
	}
}

// writeLine adds one line of a reply to the output.
func (w *wire) writeLine(code int, last bool, enhanced [3]int, text string) {
	if w.err != nil {
		return
	}
	if last && code >= 500 {
		w.lastError = strings.TrimSpace(envelope.Verdict{Code: code, Enhanced: enhanced, Text: []string{text}}.Error())
	}
	separator := byte('-')
	if last {
		separator = ' '
	}
	w.out = append(strconv.AppendInt(w.out, int64(code), 10), separator)
	if enhanced != [3]int{} {
		w.out = envelope.AppendEnhanced(w.out, enhanced)
		if text != "" {
			w.out = append(w.out, ' ')
		}
	}
	w.out = append(w.out, text...)
	w.out = append(w.out, '\r', '\n')
	if len(w.out) > bigInput {
		w.flush()
	}
}

// flush writes the output. The connection to a client that does not read is closed.
func (w *wire) flush() error {
	if len(w.out) == 0 || w.err != nil {
		return w.err
	}
	w.conn.SetWriteDeadline(time.Now().Add(w.opt.CommandTimeout))
	_, err := w.conn.Write(w.out)
	w.out = w.out[:0]
	if err != nil {
		w.err = fmt.Errorf("writing a reply: %w", err)
	}
	return w.err
}
