package nexthop

import (
	"fmt"
	"net"
	"strconv"
	"sync"
)

// chunkWriter sends a body of unknown size as a sequence of BDAT chunks. Every chunk
// but the last is written without waiting for the reply to the one before (RFC 3030
// §4.2); another goroutine reads the replies meanwhile, so that they do not fill the
// connection and a refusal is noticed at once.
type chunkWriter struct {
	tail  []byte // the last octets so far: the last chunk must not be empty
	heard chan struct{}

	mu      sync.Mutex // guards what follows
	sent    int        // chunks
	replies int
	last    bool  // the last chunk was sent
	before  reply // to the last chunk but one
	reply   reply
	err     error
}

// chunkTail is how many octets are held back for the last chunk.
const chunkTail = 64

// newStreamWriter returns a bodyWriter for a body of unknown size.
func newStreamWriter(c *conn, bdat bool) *bodyWriter {
	w := &bodyWriter{c: c, bdat: bdat, gather: bodyDirect, buf: bodyBuffers.Get().(*[]byte)}
	*w.buf = (*w.buf)[:0]
	if !bdat {
		w.left = unknownSize
		w.listen()
		return w
	}
	w.chunks = &chunkWriter{heard: make(chan struct{})}
	c.clearReadDeadline()
	go w.chunks.listen(c)
	return w
}

// listen reads replies up to the one to the last chunk, or to the first that is not
// a success.
func (r *chunkWriter) listen(c *conn) {
	defer close(r.heard)
	for {
		got, err := readReply(c.br)
		if r.take(got, err) {
			c.noteEarlyReply()
			return
		}
	}
}

// take records a reply and reports whether it is the final one.
func (r *chunkWriter) take(got reply, err error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.replies++
	switch {
	case err == nil && got.code/100 == 2 && (r.replies < r.sent || r.replies == r.sent && !r.last):
		r.before = got
		return false
	case err == nil && r.replies > r.sent:
		err = fmt.Errorf("%w: unexpected %s", errReply, got.words())
	}
	r.reply, r.err = got, err
	return true
}

// emit buffers p, and sends a chunk when there is enough.
func (r *chunkWriter) emit(w *bodyWriter, p []byte) error {
	if len(r.tail)+len(p) <= chunkTail {
		r.tail = append(r.tail, p...)
		return nil
	}
	keep := min(len(p), chunkTail)
	*w.buf = append(*w.buf, r.tail...)
	r.tail = append(r.tail[:0], p[len(p)-keep:]...)
	p = p[:len(p)-keep]
	if len(*w.buf)+len(p)+chunkTail <= bodyDirect {
		*w.buf = append(*w.buf, p...)
		return nil
	}
	return r.chunk(w, p, "\r\n")
}

// finish sends the last chunk.
func (r *chunkWriter) finish(w *bodyWriter) error { return r.chunk(w, r.tail, " LAST\r\n") }

// chunk sends the buffer and p as one chunk.
func (r *chunkWriter) chunk(w *bodyWriter, p []byte, end string) error {
	if w.err != nil {
		return w.err
	}
	last := end != "\r\n"
	if last && !w.c.expectReply() {
		w.err = errEarly
		return w.err
	}
	r.mu.Lock()
	r.sent++
	r.last = last
	r.mu.Unlock()
	var command [40]byte
	head := append(strconv.AppendInt(append(command[:0], "BDAT "...), int64(len(*w.buf)+len(p)), 10), end...)
	w.c.setWriteTimeout(w.c.wait.block)
	all := net.Buffers{head, *w.buf, p}
	_, w.err = all.WriteTo(w.c.nc)
	*w.buf = (*w.buf)[:0]
	return w.err
}

// answer waits for the final reply.
func (r *chunkWriter) answer(w *bodyWriter) (reply, error) {
	<-r.heard
	if r.err != nil {
		return w.c.receiveError(r.err)
	}
	if r.reply.code == 421 || r.replies < r.sent { // the replies to the other chunks are outstanding
		w.c.unusable = true
	}
	return r.reply, nil
}

// chunkReply returns the reply to the chunk before the last; its code is 0 when
// there was none.
func (w *bodyWriter) chunkReply() reply {
	if w.chunks == nil {
		return reply{}
	}
	return w.chunks.before
}
