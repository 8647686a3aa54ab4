package smtpd

import (
	"bytes"
	"io"
	"iter"
	"strings"
	"sync"
)

// input has the octets that were read from a client and not yet used: a small buffer
// for commands, a large one from a pool for bodies and long pipelines.
type input struct {
	buf   []byte
	r, w  int
	big   *[]byte // buf, when it came from the pool
	small []byte  // the other one meanwhile
	eof   error   // a read error that is due when the buffer is used up
}

const (
	smallInput = 4 << 10
	bigInput   = 64 << 10
)

var bigInputs = sync.Pool{New: func() any { b := make([]byte, bigInput); return &b }}

func (in *input) bytes() []byte { return in.buf[in.r:in.w] }

func (in *input) buffered() int { return in.w - in.r }

func (in *input) skip(n int) { in.r += n }

// reset discards the unread octets.
func (in *input) reset() {
	in.r, in.w = 0, 0
	in.shrink()
}

// shrink returns the large buffer to the pool when it is empty.
func (in *input) shrink() {
	if in.big != nil && in.r == in.w {
		bigInputs.Put(in.big)
		in.big, in.buf, in.r, in.w = nil, in.small, 0, 0
	}
}

// grow takes a large buffer from the pool.
func (in *input) grow() {
	if in.big != nil {
		return
	}
	big := bigInputs.Get().(*[]byte)
	n := copy(*big, in.bytes())
	in.small, in.big, in.buf, in.r, in.w = in.buf, big, *big, 0, n
}

// room returns space for more input; nothing when the large buffer is full.
func (in *input) room() []byte {
	if in.buf == nil {
		in.buf = make([]byte, smallInput)
	}
	if in.r == in.w {
		in.r, in.w = 0, 0
	}
	if in.w == len(in.buf) {
		if in.big == nil {
			in.grow()
		} else {
			in.w = copy(in.buf, in.bytes())
			in.r = 0
		}
	}
	return in.buf[in.w:]
}

// fill reads once. It returns nil when it has read something.
func (in *input) fill(r io.Reader) error {
	if in.eof != nil {
		return in.eof
	}
	room := in.room()
	if len(room) == 0 {
		return io.ErrShortBuffer // callers look at buffered() before
	}
	n, err := r.Read(room)
	in.w += n
	if n > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

// line removes and returns the next line with its LF, if it is complete and no
// longer than limit.
func (in *input) line(limit int) (string, bool) {
	b := in.bytes()
	if len(b) > limit {
		b = b[:limit]
	}
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return "", false
	}
	in.skip(i + 1)
	return string(b[:i+1]), true
}

// lines returns the complete buffered lines without their CRLF, and stops at the
// first that is too long or not a command line.
func (in *input) lines(limit int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for b := in.bytes(); ; {
			i := bytes.Index(b[:min(len(b), limit)], []byte("\r\n"))
			if i < 0 || !checkLine(b[:i]) || !yield(string(b[:i])) {
				return
			}
			b = b[i+2:]
		}
	}
}

func (in *input) hasPrefixFold(prefix string) bool {
	b := in.bytes()
	return len(b) >= len(prefix) && strings.EqualFold(string(b[:len(prefix)]), prefix)
}
