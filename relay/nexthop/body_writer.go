package nexthop

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"

	"github.com/reconvene/reconvene/relay/peek"
)

const (
	// bodyBuffer is the size of the buffer for small writes.
	bodyBuffer = 64 << 10
	// bodyDirect is the size from which on octets are written without being copied
	// to the buffer, except for a body that fits into bodyBuffer, which is sent in
	// one write.
	bodyDirect = 16 << 10
	// bodyBlock is the most that one write deadline covers.
	bodyBlock = 256 << 10
	// bodyAlert is the size from which on an early reply is awaited while the body
	// is sent; a smaller body is sent in one write.
	bodyAlert = bodyBuffer
)

// unknownSize is the remaining size of a body that is still being received.
const unknownSize = -1

var bodyBuffers = sync.Pool{New: func() any { b := make([]byte, 0, bodyBuffer); return &b }}

// bodyWriter sends one message body, by BDAT unchanged or by DATA with dot-stuffing.
// It accepts exactly size octets; the write that completes the message is only done
// by finish (or is the last one of a chunk), so that a body that is incomplete never
// becomes a message.
//
// While a large body is sent, another goroutine reads: a next hop that replies
// before the end has refused the message, and the rest is not sent.
type bodyWriter struct {
	c      *conn
	bdat   bool
	dots   dotScanner
	left   int64 // octets not yet written
	gather int   // shorter pieces are sent together
	buf    *[]byte
	err    error // of the connection; nil when the source failed

	listened chan error   // the result of listen; nil when it does not run
	chunks   *chunkWriter // the chunks of a body of unknown size; nil for others
}

// errEarly reports that the next hop replied before it had the complete message.
var errEarly = errors.New("replied before the end of the message")

func newBodyWriter(c *conn, bdat bool, size int64) *bodyWriter {
	w := &bodyWriter{c: c, bdat: bdat, left: size, gather: bodyDirect, buf: bodyBuffers.Get().(*[]byte)}
	if size <= bodyBuffer {
		w.gather = bodyBuffer
	}
	*w.buf = (*w.buf)[:0]
	if bdat {
		*w.buf = append(strconv.AppendInt(append(*w.buf, "BDAT "...), size, 10), " LAST\r\n"...)
	}
	if size > bodyAlert {
		w.listen()
	}
	return w
}

func (w *bodyWriter) free() { bodyBuffers.Put(w.buf) }

// Write implements io.Writer.
func (w *bodyWriter) Write(p []byte) (int, error) {
	if w.chunks != nil {
		return len(p), w.chunks.emit(w, p)
	}
	if w.left != unknownSize {
		if int64(len(p)) > w.left {
			return 0, fmt.Errorf("more octets than announced: %d too many", int64(len(p))-w.left)
		}
		w.left -= int64(len(p))
	}
	if w.bdat {
		return len(p), w.emit(p)
	}
	err := w.dots.scan(p, w.emit)
	return len(p), err
}

// ReadFrom implements io.ReaderFrom, so that a file is read in large pieces.
func (w *bodyWriter) ReadFrom(r io.Reader) (n int64, err error) {
	in := bodyBuffers.Get().(*[]byte)
	defer bodyBuffers.Put(in)
	for {
		k, err := r.Read((*in)[:cap(*in)])
		if k > 0 {
			n += int64(k)
			if _, err := w.Write((*in)[:k]); err != nil {
				return n, err
			}
		}
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}

// finish sends the rest and, by DATA, the end of data.
func (w *bodyWriter) finish() error {
	if w.chunks != nil {
		return w.chunks.finish(w)
	}
	if w.left > 0 {
		return fmt.Errorf("fewer octets than announced: %d are missing", w.left)
	}
	if !w.bdat {
		end, err := w.dots.end()
		if err != nil {
			return err
		}
		*w.buf = append(*w.buf, end...) // emit keeps room for it
	}
	if len(*w.buf) == 0 {
		return nil
	}
	return w.flush(nil, true)
}

// emit sends p; small pieces are buffered.
func (w *bodyWriter) emit(p []byte) error {
	const room = len("\r\n.\r\n")
	if len(p) < w.gather && len(*w.buf)+len(p)+room <= bodyBuffer {
		*w.buf = append(*w.buf, p...)
		return nil
	}
	for len(p) > 0 {
		n := min(len(p), bodyBlock)
		if err := w.flush(p[:n], w.bdat && w.left == 0 && n == len(p)); err != nil {
			return err
		}
		p = p[n:]
	}
	return nil
}

// flush writes the buffer and p. final reports that this completes the message.
func (w *bodyWriter) flush(p []byte, final bool) error {
	if w.err != nil {
		return w.err
	}
	if final && !(w.stopListening() && w.c.expectReply()) {
		w.err = errEarly
		return w.err
	}
	w.c.setWriteTimeout(w.c.wait.block)
	if len(p) == 0 {
		_, w.err = w.c.nc.Write(*w.buf)
	} else if len(*w.buf) == 0 {
		_, w.err = w.c.nc.Write(p)
	} else {
		both := net.Buffers{*w.buf, p}
		_, w.err = both.WriteTo(w.c.nc)
	}
	*w.buf = (*w.buf)[:0]
	return w.err
}

// listen waits for an early reply, and interrupts the writer when there is one.
func (w *bodyWriter) listen() {
	w.listened = make(chan error, 1)
	w.c.clearReadDeadline()
	go func() {
		_, err := w.c.br.Peek(1)
		if !isTimeout(err) {
			w.c.noteEarlyReply()
		}
		w.listened <- err
	}()
}

// stopListening ends listen before the write that completes the message. It reports
// whether there was no early reply: what is received from then on may be the
// verdict.
func (w *bodyWriter) stopListening() bool {
	if w.listened == nil {
		return true
	}
	w.c.nc.SetReadDeadline(past)
	err := <-w.listened
	w.listened = nil
	return isTimeout(err) && w.c.waiting() != peek.Input
}

// reply reads the reply to the complete message.
func (w *bodyWriter) reply() (reply, error) {
	w.c.setReadTimeout(w.c.wait.final)
	if w.chunks != nil {
		return w.chunks.answer(w)
	}
	if w.listened != nil {
		if err := <-w.listened; err != nil {
			return w.c.receiveError(err)
		}
	}
	return w.c.receive(w.c.wait.final)
}

// earlyReply returns what the next hop sent before or while the connection broke.
func (w *bodyWriter) earlyReply() (reply, error) {
	if w.chunks != nil {
		w.c.setReadTimeout(finalReplyTimeout)
		return w.chunks.answer(w)
	}
	if w.listened != nil {
		w.c.setReadTimeout(finalReplyTimeout)
		if err := <-w.listened; err != nil {
			return reply{}, err
		}
	}
	return w.c.receive(finalReplyTimeout)
}

// abandon closes the connection and ends listen.
func (w *bodyWriter) abandon() {
	w.c.nc.Close()
	if w.chunks != nil {
		<-w.chunks.heard
		return
	}
	if w.listened != nil {
		<-w.listened
	}
}

// contentError is why a body must not be sent by DATA.
type contentError struct{ what string }

func (e *contentError) Error() string { return "the message has " + e.what }

var errLoneCR = &contentError{"a CR without LF"}

// dotScanner does dot-stuffing (RFC 5321 §4.5.2). It refuses what a lenient receiver
// could read as the end of data: line ends that are not CRLF; NUL octets, which some
// remove; and lines beyond 998 octets that end in a dot, since some split long lines
// and would find the dot alone on the second part. Other long lines are accepted.
//
// No octet of a refused piece is sent: a piece is sent after all of it was checked,
// and a CR at its end after the LF was seen.
type dotScanner struct {
	line int     // octets of the current line as it is sent: a stuffed dot counts
	cr   bool    // the last octet was CR; it was not sent yet
	last byte    // the last octet of the line before CR
	dots []int32 // where dots are stuffed in the current piece
}

const maxTextLine = 998 // RFC 5322 §2.1.1

var (
	dot            = []byte(".")
	carriageReturn = []byte("\r")
)

// scan passes p to emit in spans, with a dot between two spans where one is stuffed.
func (s *dotScanner) scan(p []byte, emit func([]byte) error) error {
	held := s.cr
	if err := s.check(p); err != nil || len(p) == 0 {
		return err
	}
	if held {
		if err := emit(carriageReturn); err != nil {
			return err
		}
	}
	start := 0
	for _, at := range s.dots {
		if err := emit(p[start:at]); err != nil {
			return err
		}
		if err := emit(dot); err != nil {
			return err
		}
		start = int(at)
	}
	if s.cr {
		p = p[:len(p)-1]
	}
	return emit(p[start:])
}

// check reads p and records where dots are stuffed. Whether each CR is followed by
// LF is decided at the end of p by count, which is faster than a search in every
// line.
func (s *dotScanner) check(p []byte) error {
	s.dots = s.dots[:0]
	if bytes.IndexByte(p, 0) >= 0 {
		return &contentError{"NUL octets"}
	}
	if s.cr && len(p) > 0 && p[0] != '\n' {
		return errLoneCR
	}
	alone := bytes.Count(p, carriageReturn)
	for i := 0; i < len(p); {
		if s.line == 0 && !s.cr && p[i] == '.' {
			s.dots = append(s.dots, int32(i))
			s.line = len(dot)
		}
		lf := bytes.IndexByte(p[i:], '\n')
		if lf < 0 {
			if s.text(p[i:]); s.cr {
				alone--
			}
			break
		}
		if lf > 0 {
			if s.text(p[i : i+lf]); s.cr {
				alone--
			}
		}
		if err := s.lineEnd(); err != nil {
			return err
		}
		i += lf + 1
	}
	if alone != 0 {
		return errLoneCR
	}
	return nil
}

// text reads a piece of a line, with the CR at its end but without the LF.
func (s *dotScanner) text(p []byte) {
	if s.cr = p[len(p)-1] == '\r'; s.cr {
		p = p[:len(p)-1]
	}
	if len(p) > 0 {
		s.line += len(p)
		s.last = p[len(p)-1]
	}
}

// lineEnd reads an LF.
func (s *dotScanner) lineEnd() error {
	if !s.cr {
		return &contentError{"an LF without CR"}
	}
	if s.line > maxTextLine && s.last == '.' {
		return &contentError{"a line longer than 998 octets with a dot at its end"}
	}
	s.line, s.cr = 0, false
	return nil
}

// end returns what must follow the last octet. A message that does not end with a
// line end gets one, which the end of data requires.
func (s *dotScanner) end() (string, error) {
	switch {
	case s.cr:
		return "", errLoneCR
	case s.line > maxTextLine && s.last == '.':
		return "", &contentError{"a line longer than 998 octets with a dot at its end"}
	case s.line > 0:
		return "\r\n.\r\n", nil
	}
	return ".\r\n", nil
}
