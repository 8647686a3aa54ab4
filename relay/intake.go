package relay

import (
	"errors"
	"io"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/spool"
	"github.com/reconvene/reconvene/rewrite"
)

// passAfter is how much of a message is collected before we think of passing it
// on while it arrives: two blocks of the spool. Smaller messages are there with a
// few reads, and meetings stand in front of what makes a mail large.
const passAfter = 2 * spool.BlockSize

// intake takes a body in. It collects it; a large one without a meeting in its
// first part is passed on while it arrives, as far as the rewriter is certain
// that nothing will be changed there. From the first part on that could be a
// meeting it is collected again, and what was made of it follows at the end.
type intake struct {
	s       *session
	body    *spool.Body // all of it, or the head and what lies from passed on
	size    int64
	decided bool

	out     nexthop.Stream // nil while the message is collected
	watch   arrival
	told    bool   // the log says why the look was given up
	head    int64  // octets at the beginning that body keeps
	passed  int64  // octets that out has
	pending []byte // octets behind them that are not clear yet
	broken  bool   // out has failed
}

func (s *session) newIntake() *intake {
	limits := s.tx.setup.cfg.Limits
	body := spool.New(spool.Options{
		Directory: limits.Directory, InMemory: int64(limits.Memory), MaxSize: int64(s.cfg.MaxSize), Memory: &s.server.bodies,
	})
	return &intake{s: s, body: body}
}

// Close forgets the message.
func (in *intake) Close() {
	if in.watch != nil {
		in.forget(in.watch)
	}
	in.body.Close()
}

// forget ends a look. The log says when it has failed: the message goes on all
// the same.
func (in *intake) forget(watch arrival) {
	watch.Close()
	if err := watch.Err(); err != nil && !in.told {
		in.told = true
		in.s.server.opt.Log.Fault(in.s.event(func(e *ConnEvent) {
			e.Why, e.Err = "the examination of a message during its arrival failed; message "+in.s.tx.id+" was forwarded nevertheless", err
		}))
	}
}

// Write implements io.Writer.
func (in *intake) Write(b []byte) (int, error) {
	in.size += int64(len(b))
	if in.out != nil {
		return len(b), in.pass(b)
	}
	n, err := in.body.Write(b)
	if err == nil && !in.decided && in.size > passAfter {
		in.decided = true
		err = in.begin()
	}
	return n, err
}

// begin passes on what has come, if that is possible.
func (in *intake) begin() error {
	next, ok := in.s.tx.hop.(nexthop.Streamer)
	if !ok || in.s.cfg.Direction == config.Inbound || in.s.convertsNewlines() {
		// What is found in an inbound message stands in its header. Whether line
		// ends may be converted is known at the end of the message.
		return nil
	}
	watch := in.s.newArrival()
	_, err := in.body.WriteTo(watch)
	pass := err == nil && watch.HeaderSeen() && !watch.Found()
	if pass {
		var h hops
		h, err = countReceived(in.body, in.size, in.s.hostname)
		pass = err == nil && in.s.inCircle(h).Code == 0
	}
	if pass {
		if out, ok := next.Pass(in.s.ctx); ok {
			in.out, in.watch = out, watch
			return in.start()
		}
	}
	in.forget(watch)
	return err
}

// start sends our Received field and what is clear of the head.
func (in *intake) start() error {
	in.head, in.passed = in.size, in.watch.Clear()
	in.pending = make([]byte, in.head-in.passed)
	if _, err := in.body.ReadAt(in.pending, in.passed); err != nil && err != io.EOF {
		return err
	}
	if err := in.send([]byte(in.s.trace().field())); err != nil {
		return err
	}
	_, err := in.body.WriteFirst(sendingTo{in}, in.passed)
	return err
}

// sendingTo is an intake as a writer to its stream.
type sendingTo struct{ in *intake }

func (w sendingTo) Write(p []byte) (int, error) { return len(p), w.in.send(p) }

func (in *intake) send(p []byte) error {
	err := noPanic(func() error {
		_, err := in.out.Write(p)
		return err
	})
	in.broken = in.broken || err != nil
	return err
}

// pass sends on what has become clear with b, and keeps the rest.
func (in *intake) pass(b []byte) error {
	if limit := in.body.MaxSize(); limit > 0 && in.size > limit {
		return spool.ErrTooLarge
	}
	found := in.watch.Found()
	in.watch.Write(b)
	if found {
		_, err := in.body.Write(b)
		return err
	}
	fresh := in.watch.Clear() - in.passed // octets of pending and b
	in.passed += fresh
	if n := min(fresh, int64(len(in.pending))); n > 0 {
		if err := in.send(in.pending[:n]); err != nil {
			return err
		}
		in.pending = in.pending[:copy(in.pending, in.pending[n:])]
		fresh -= n
	}
	if fresh > 0 {
		if err := in.send(b[:fresh]); err != nil {
			return err
		}
	}
	in.pending = append(in.pending, b[fresh:]...)
	if in.watch.Found() {
		return in.keepPending()
	}
	return nil
}

// keepPending puts what is not clear to the head; what follows goes there, too.
func (in *intake) keepPending() error {
	_, err := in.body.Write(in.pending)
	in.pending = nil
	return err
}

// end is called when the message is whole.
func (in *intake) end() error {
	in.watch.End()
	if in.pending == nil {
		return nil
	}
	return in.keepPending()
}

// sendRest sends what finish made, or the octets as they came.
func (in *intake) sendRest(res rewrite.Result) error {
	return noPanic(func() (err error) {
		w := sendingTo{in}
		if res.Changed() {
			_, err = res.WriteFrom(w, in.passed)
			return err
		}
		_, err = io.Copy(w, io.NewSectionReader(in.body, in.head, in.body.Size()-in.head))
		return err
	})
}

// torn is a message without the octets between its head and those that are kept
// because they may be changed.
type torn struct{ in *intake }

var errPassed = errors.New("these octets were already sent to the next hop")

func (t torn) Size() int64 { return t.in.size }

func (t torn) ReadAt(p []byte, off int64) (int, error) {
	in := t.in
	if off >= in.passed {
		return in.body.ReadAt(p, off-in.passed+in.head)
	}
	if off < 0 || off >= in.head {
		return 0, errPassed
	}
	n, err := in.body.ReadAt(p[:min(int64(len(p)), in.head-off)], off)
	if err == nil && n < len(p) {
		m, err := t.ReadAt(p[n:], in.head)
		return n + m, err
	}
	return n, err
}
