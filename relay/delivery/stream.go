package delivery

import (
	"errors"
	"io"

	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/spool"
	"github.com/reconvene/reconvene/rewrite"
)

// streamAfter is how much of a message is collected before it is decided whether to
// send it while it is received: two blocks of the spool. Smaller messages are
// received with a few reads, and a meeting precedes the large parts of a message.
const streamAfter = 2 * spool.BlockSize

// stream is a message that is sent while it is received, up to the octets that will
// certainly not be changed. From the first part that could be a meeting on it is
// collected, and the result is sent at the end.
type stream struct {
	d    *Delivery
	out  nexthop.Stream
	scan Scan

	head    int64  // octets at the beginning that the body keeps
	sent    int64  // octets of the message that out has
	pending []byte // octets after those, which may still be changed
	broken  bool   // out has failed
}

// tryStream begins to send what was received, if that is possible.
func (d *Delivery) tryStream() error {
	next, ok := d.Hop.(nexthop.Streamer)
	if !ok || d.Inbound || (d.Convert || d.convertsNewlines()) && (d.Regular == nil || !d.Regular()) {
		// What is found in an inbound message is in its header. Whether line
		// ends may be converted is known at the end of the message.
		return nil
	}
	scan := d.newScan()
	_, err := d.body.WriteTo(scan)
	may := err == nil && scan.HeaderSeen() && !scan.Found() && len(d.signing().Keys) == 0
	if may {
		var h hops
		h, err = countReceived(d.body, d.size, d.Hostname)
		may = err == nil && d.checkLoop(h).Code == 0
	}
	if may {
		if out, ok := next.Stream(d.ctx); ok {
			d.stream = &stream{d: d, out: out, scan: scan, head: d.size, sent: scan.Clear()}
			return d.stream.start()
		}
	}
	d.endScan(scan)
	return err
}

// start sends our Received field and the beginning that will not be changed.
func (s *stream) start() error {
	s.pending = make([]byte, s.head-s.sent)
	if _, err := s.d.body.ReadAt(s.pending, s.sent); err != nil && err != io.EOF {
		return err
	}
	if err := s.send([]byte(s.d.caller.Received())); err != nil {
		return err
	}
	s.d.noteUnsignable()
	_, err := s.d.body.WriteFirst(streamWriter{s}, s.sent)
	return err
}

// streamWriter writes to the next hop.
type streamWriter struct{ s *stream }

// Write implements io.Writer.
func (w streamWriter) Write(p []byte) (int, error) { return len(p), w.s.send(p) }

func (s *stream) send(p []byte) error {
	err := noPanic(func() error {
		_, err := s.out.Write(p)
		return err
	})
	s.broken = s.broken || err != nil
	return err
}

// write sends the octets that will certainly not be changed, now that b is known,
// and keeps the rest.
func (s *stream) write(b []byte) error {
	body := s.d.body
	if limit := body.MaxSize(); limit > 0 && s.d.size > limit {
		return spool.ErrTooLarge
	}
	found := s.scan.Found()
	s.scan.Write(b)
	if found {
		_, err := body.Write(b)
		return err
	}
	fresh := s.scan.Clear() - s.sent // octets of pending and b
	s.sent += fresh
	if n := min(fresh, int64(len(s.pending))); n > 0 {
		if err := s.send(s.pending[:n]); err != nil {
			return err
		}
		s.pending = s.pending[:copy(s.pending, s.pending[n:])]
		fresh -= n
	}
	if fresh > 0 {
		if err := s.send(b[:fresh]); err != nil {
			return err
		}
	}
	s.pending = append(s.pending, b[fresh:]...)
	if s.scan.Found() {
		return s.keepPending()
	}
	return nil
}

// keepPending moves the pending octets to the body; what follows is stored there,
// too.
func (s *stream) keepPending() error {
	_, err := s.d.body.Write(s.pending)
	s.pending = nil
	return err
}

// end is called when the message is complete.
func (s *stream) end() error {
	s.scan.End()
	if s.pending == nil {
		return nil
	}
	return s.keepPending()
}

// sendRest sends the rewriter's result, or the octets as they were received.
func (s *stream) sendRest(res rewrite.Result) error {
	return noPanic(func() (err error) {
		w := streamWriter{s}
		if res.Changed() {
			_, err = res.WriteFrom(w, s.sent)
			return err
		}
		_, err = io.Copy(w, io.NewSectionReader(s.d.body, s.head, s.d.body.Size()-s.head))
		return err
	})
}

// kept is a streamed message as a source: without the octets that were sent and not
// kept.
type kept struct{ *stream }

var errSent = errors.New("these octets were already sent to the next hop")

// Size returns that of the whole message.
func (k kept) Size() int64 { return k.d.size }

// ReadAt implements io.ReaderAt; errSent for octets that are not kept.
func (k kept) ReadAt(p []byte, off int64) (int, error) {
	body := k.d.body
	if off >= k.sent {
		return body.ReadAt(p, off-k.sent+k.head)
	}
	if off < 0 || off >= k.head {
		return 0, errSent
	}
	n, err := body.ReadAt(p[:min(int64(len(p)), k.head-off)], off)
	if err == nil && n < len(p) {
		m, err := k.ReadAt(p[n:], k.head)
		return n + m, err
	}
	return n, err
}
