package delivery

import (
	"errors"
	"io"

	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/spool"
	"github.com/reconvene/reconvene/rewrite"
)

// streamAfter is how much of a message is collected before it is decided whether to
// send it while it arrives: two blocks of the spool. Smaller messages are there with a
// few reads, and meetings stand in front of what makes a mail large.
const streamAfter = 2 * spool.BlockSize

// stream is a message that is sent while it arrives, as far as the scan is certain that
// nothing will be changed there. From the first part on that could be a meeting it is
// collected again, and what was made of it follows at the end.
type stream struct {
	d    *Delivery
	out  nexthop.Stream
	scan Scan

	head    int64  // octets at the beginning that the body keeps
	sent    int64  // octets of the message that out has
	pending []byte // octets behind them of which it is not certain yet that they do not change
	broken  bool   // out has failed
}

// tryStream begins to send what has come, if that is possible.
func (d *Delivery) tryStream() error {
	next, ok := d.Hop.(nexthop.Streamer)
	if !ok || d.Inbound || d.convertsNewlines() {
		// What is found in an inbound message stands in its header. Whether line
		// ends may be converted is known at the end of the message.
		return nil
	}
	scan := d.newScan()
	_, err := d.body.WriteTo(scan)
	may := err == nil && scan.HeaderSeen() && !scan.Found()
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

// start sends our Received field and what is certain of the head.
func (s *stream) start() error {
	s.pending = make([]byte, s.head-s.sent)
	if _, err := s.d.body.ReadAt(s.pending, s.sent); err != nil && err != io.EOF {
		return err
	}
	if err := s.send([]byte(s.d.caller.Received())); err != nil {
		return err
	}
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

// write sends what has become certain with b, and keeps the rest.
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

// keepPending puts what is pending to the head; what follows goes there, too.
func (s *stream) keepPending() error {
	_, err := s.d.body.Write(s.pending)
	s.pending = nil
	return err
}

// end is called when the message is whole.
func (s *stream) end() error {
	s.scan.End()
	if s.pending == nil {
		return nil
	}
	return s.keepPending()
}

// sendRest sends what the rewriter made, or the octets as they came.
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

// kept is a streamed message as a source: without the octets between its head and those
// that are kept because they may be changed.
type kept struct{ *stream }

var errSent = errors.New("these octets were already sent to the next hop")

// Size is that of the whole message.
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
