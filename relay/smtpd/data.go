package smtpd

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// chunk is a BDAT chunk that the client has announced (RFC 3030 §2).
type chunk struct {
	left int64 // octets that are still to be read
	last bool
}

// errReset ends a body that the client aborted between two chunks.
var errReset = errors.New("the client aborted the message")

// ErrFlood is the error of a refused body of which the client continues to send far
// more than the size limit. The client gets a reply, and the connection is closed.
var ErrFlood = errors.New("the client continues to send a message that is far too large")

// copyBody writes the body to w without dot-stuffing, in large pieces that are valid
// only during the call. It returns without an error when the client has ended the
// body: with CRLF.CRLF after DATA, with all octets of the last chunk after BDAT. Any
// other end is an error. When w fails, the rest of the body is read and dropped, so
// that a reply is possible, and w's error is returned.
func (c *Conn) copyBody(w io.Writer) (written int64, err error) {
	s := sink{w: w, limit: c.floodLimit()}
	deadline := time.Now().Add(c.opt.MessageTimeout)
	c.in.grow()
	if c.chunk != nil {
		err = c.copyChunks(&s, deadline)
	} else {
		err = c.copyLines(&s, deadline)
	}
	c.in.shrink()
	c.bodyRead = true
	if err == nil {
		err = s.err
	}
	return s.written, err
}

// floodLimit is how much of a refused body is read before the connection is closed.
func (c *Conn) floodLimit() int64 {
	return 2*c.opt.MaxSize + 64<<20
}

// sink writes a body until its writer fails, and drops the rest.
type sink struct {
	w       io.Writer
	written int64
	err     error
	dropped int64
	limit   int64
}

func (s *sink) write(b []byte) error {
	if s.err == nil {
		var n int
		n, s.err = s.w.Write(b)
		s.written += int64(n)
		return nil
	}
	if s.dropped += int64(len(b)); s.dropped > s.limit {
		return ErrFlood
	}
	return nil
}

// more reads more of a body: dataTimeout for each read, deadline for all. A
// stranger's body is not accepted, and gets no more time than a command.
func (w *wire) more(deadline time.Time) error {
	wait := w.opt.DataTimeout
	if w.stranger() {
		wait = min(wait, w.opt.CommandTimeout)
	}
	if next := time.Now().Add(wait); next.Before(deadline) {
		deadline = next
	}
	return w.fill(deadline)
}

// copyLines reads a body after DATA. Only a line that consists of one dot, with
// CRLF in front (or the start of the body) and CRLF after, ends it (RFC 5321
// §4.1.1.4); a bare CR or LF is content like any other octet. One leading dot
// of a line is removed (§4.5.2).
func (c *Conn) copyLines(s *sink, deadline time.Time) error {
	lineStart := true
	for {
		b := c.in.bytes()
		n := 0 // octets that are certain to be content
		if lineStart {
			switch end := endOfData(b); end {
			case dataEnds:
				c.in.skip(3)
				return nil
			case dataStuffed:
				c.in.skip(1)
				lineStart = false
				continue
			case dataContent:
				lineStart = false
			}
		}
		if !lineStart {
			n, lineStart = untilDot(b)
		}
		if n > 0 {
			if err := s.write(b[:n]); err != nil {
				return c.fail(err)
			}
			c.in.skip(n)
			continue
		}
		if err := c.more(deadline); err != nil {
			return err
		}
	}
}

// What the beginning of a line can be.
const (
	dataUnknown = iota // more octets are needed
	dataEnds           // the end of the body
	dataStuffed        // a dot that is to be removed
	dataContent        // content
)

func endOfData(b []byte) int {
	const end = ".\r\n"
	switch {
	case len(b) == 0:
		return dataUnknown
	case b[0] != '.':
		return dataContent
	case len(b) >= len(end) && string(b[:len(end)]) == end:
		return dataEnds
	case len(b) < len(end) && end[:len(b)] == string(b):
		return dataUnknown
	}
	return dataStuffed
}

// untilDot returns how much of b, which begins within a line, is content, and
// whether the rest begins a line. It skips lines that do not begin with a dot.
func untilDot(b []byte) (n int, lineStart bool) {
	for from := 0; ; { // dots are rarer than line ends, in an attachment most of all
		i := bytes.IndexByte(b[from:], '.')
		if i < 0 {
			break
		}
		if i += from; i >= 2 && b[i-2] == '\r' && b[i-1] == '\n' {
			return i, true
		}
		from = i + 1
	}
	switch {
	case bytes.HasSuffix(b, []byte("\r\n")):
		return len(b), true
	case bytes.HasSuffix(b, []byte("\r")):
		return len(b) - 1, false // LF may follow
	}
	return len(b), false
}

// copyChunks reads a body after BDAT. A truncated chunk is always an error.
func (c *Conn) copyChunks(s *sink, deadline time.Time) error {
	for {
		if time.Now().After(deadline) {
			return c.fail(errTimeout) // chunk after chunk, never the last
		}
		for c.chunk.left > 0 {
			b := c.in.bytes()
			if len(b) == 0 {
				if err := c.more(deadline); err != nil {
					return err
				}
				continue
			}
			b = b[:min(int64(len(b)), c.chunk.left)]
			if err := s.write(b); err != nil {
				return c.fail(err)
			}
			c.in.skip(len(b))
			c.chunk.left -= int64(len(b))
		}
		if c.chunk.last || s.err != nil {
			return nil
		}
		c.writeVerdict(envelope.Verdict{Code: 250, Enhanced: [3]int{2, 0, 0}, Text: []string{"chunk received"}})
		if err := c.nextChunk(); err != nil {
			return err
		}
	}
}

// nextChunk reads the command between two chunks. NOOP is allowed; any command other
// than BDAT aborts the message and is executed afterwards.
func (c *Conn) nextChunk() error {
	for {
		line, err := c.commandLine()
		if err != nil {
			return err
		}
		cmd, _ := parseCommand(line)
		switch cmd.verb {
		case "BDAT":
			c.cmd = cmd
			return c.parseChunk()
		case "NOOP":
			c.writeVerdict(envelope.Verdict{Code: 250, Enhanced: [3]int{2, 0, 0}, Text: []string{"OK"}})
		default:
			c.held = line
			c.swallow = true // the verdict on a message that was aborted
			return errReset
		}
	}
}

// parseChunk parses the arguments of BDAT. When they are malformed, the end of the
// chunk is not known, and the connection is closed.
func (c *Conn) parseChunk() error {
	size, rest, _ := strings.Cut(c.cmd.arg, " ")
	rest = strings.TrimLeft(rest, " ")
	n, ok := parseDecimal(size)
	if !ok || rest != "" && !strings.EqualFold(rest, "LAST") {
		c.writeVerdict(envelope.Refuse(501, [3]int{5, 5, 4}, "BDAT requires a number of octets and optionally LAST; closing connection"))
		return c.fail(errBadChunk)
	}
	c.chunk = &chunk{left: n, last: rest != ""}
	return nil
}

// parseDecimal parses digits only, up to the largest file size.
func parseDecimal(s string) (int64, bool) {
	if s == "" || len(s) > 18 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// refuseChunk is called when go-smtp refuses a message: the chunk that follows the
// command is dropped before the next command is read.
func (c *Conn) refuseChunk() {
	if c.chunk != nil {
		c.drain, c.chunk = c.chunk.left, nil
	}
}

// discard reads and drops a refused chunk.
func (c *Conn) discard() error {
	if c.drain > c.floodLimit() {
		return c.fail(ErrFlood)
	}
	deadline := c.within(c.opt.MessageTimeout)
	for c.drain > 0 {
		n := min(int64(c.in.buffered()), c.drain)
		c.in.skip(int(n))
		if c.drain -= n; c.drain == 0 {
			return nil
		}
		if err := c.more(deadline); err != nil {
			return err
		}
	}
	return nil
}
