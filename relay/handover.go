package relay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/delivery"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/smtpd"
	"github.com/reconvene/reconvene/rewrite"
)

// Data implements smtpd.Handler: it receives the message and delivers it to the next
// hop.
func (s *session) Data(body io.WriterTo) envelope.Verdict {
	tx := s.tx
	if tx == nil || tx.hop == nil {
		return s.drainOutOfStep(body)
	}
	d := s.server.delivery.Begin(s.ctx, delivery.Message{
		Config: tx.setup.cfg, Hostname: s.hostname, Inbound: s.cfg.Direction == config.Inbound, MaxSize: int64(s.cfg.MaxSize),
		Newlines: s.cfg.BareNewlines, From: tx.from, Recipients: tx.taken, Route: tx.route, Hop: tx.hop, Keys: tx.setup.keys,
	}, (*caller)(s), s.observer())
	defer d.Close()
	if _, err := body.WriteTo(d); err != nil {
		return s.abort(d, err)
	}
	s.readSummary(d.Head())
	r := d.Finish()
	s.tx.signed = r.Signed
	head, _ := d.Head()
	s.readFields(head, r.Meeting)
	return s.conclude(d.Size(), r)
}

// abort ends a transaction whose body was not received completely.
func (s *session) abort(d *delivery.Delivery, err error) envelope.Verdict {
	v := d.Abort(err)
	gone := errors.Is(err, smtpd.ErrGone) // or does not want an answer
	if gone {
		v = envelope.Verdict{Cause: err}
		if errors.Is(err, smtpd.ErrFlood) {
			v = delivery.TooLarge(d.MaxSize).Because(err) // the client got the reply before its connection was closed
		}
	}
	s.readSummary(d.Head())
	s.finish(d.Size(), nil, v)
	if gone {
		return envelope.Verdict{Cause: err}
	}
	return forClient(v)
}

// drainOutOfStep reads and drops the body of a transaction that cannot be delivered.
func (s *session) drainOutOfStep(body io.WriterTo) envelope.Verdict {
	if _, err := body.WriteTo(io.Discard); err != nil || s.tx == nil {
		return abortedHop{}.Deliver(nil, nil).Because(err)
	}
	v := s.OutOfStep()
	s.finish(0, nil, v)
	return v
}

// conclude ends a transaction whose message was received completely, and returns the
// reply for the client.
func (s *session) conclude(size int64, r delivery.Result) envelope.Verdict {
	if r.Gone && !r.Verdict.OK() {
		s.finish(size, r.Meeting, envelope.Verdict{Cause: context.Cause(s.ctx)})
		return forClient(r.Verdict)
	}
	s.finish(size, r.Meeting, r.Verdict)
	if r.Verdict.OK() {
		s.messages++
	}
	return forClient(r.Verdict)
}

// finish ends the transaction with a verdict on the message.
func (s *session) finish(size int64, meeting *delivery.Meeting, v envelope.Verdict) {
	if s.tx.hop != nil {
		s.tx.hop.Abort() // nothing after Deliver
	}
	why := ""
	if v.Code == 0 {
		why = s.interrupted(v.Cause)
	}
	if errors.Is(v.Cause, rewrite.ErrPanic) {
		s.server.opt.Log.fault(s.event(func(e *ConnEvent) {
			e.Why, e.Err = "message "+s.tx.id+" could not be written, the connection to the next hop was closed before its end", v.Cause
		}))
	}
	s.end(size, meeting, v, why)
}

// whileConnected runs work that waits for the next hop. Its context ends at until
// (zero: never) and when the client disconnects; gone reports whether the client
// disconnected.
func (s *session) whileConnected(until time.Time, wait func(ctx context.Context)) (gone bool) {
	defer s.conn.Monitor(func() { s.leave(smtpd.ErrGone) })()
	ctx := s.ctx
	if !until.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, until, delivery.ErrTotalTime)
		defer cancel()
	}
	wait(ctx)
	return s.ctx.Err() != nil
}

// caller implements [delivery.Caller] for the message of the session.
type caller session

var _ delivery.Caller = (*caller)(nil)

// Received implements delivery.Caller.
func (c *caller) Received() string {
	s := (*session)(c)
	hello, extended := s.conn.Hello()
	t := trace{hello: hello, client: s.addr, hostname: s.hostname, extended: extended,
		utf8: s.tx.from.UTF8, tls: s.conn.TLS(), auth: s.user != "", id: s.tx.id, at: s.server.opt.Now()}
	if len(s.tx.taken) == 1 {
		t.rcpt = s.tx.taken[0].Path
	}
	return t.field()
}

// Again implements delivery.Caller.
func (c *caller) Again() delivery.Hop { return c.begin(c.tx.setup, c.tx.route) }

// Wait implements delivery.Caller.
func (c *caller) Wait(until time.Time, work func(ctx context.Context)) (gone bool) {
	return (*session)(c).whileConnected(until, work)
}

// observer returns the log of what is done with the message of the session.
func (s *session) observer() *deliveryLog {
	return &deliveryLog{log: s.server.opt.Log, conn: func() ConnEvent { return s.event(nil) }, id: s.tx.id, from: s.tx.from.Path, route: s.tx.routeName(), to: s.tx.taken}
}

// abortedHop is the hop of a transaction that was aborted: it refuses everything
// with 451.
type abortedHop struct{}

func (abortedHop) Envelope(_ context.Context, _ envelope.ReversePath, rcpts []envelope.Recipient, _ bool) []envelope.Verdict {
	return slices.Repeat([]envelope.Verdict{abortedHop{}.Deliver(nil, nil)}, len(rcpts))
}

func (abortedHop) Deliver(context.Context, envelope.Body) envelope.Verdict {
	return envelope.Refuse(451, [3]int{4, 3, 0}, "internal error, try again")
}
func (abortedHop) Profile() string            { return "standard" }
func (abortedHop) Greeting() (string, string) { return "", "" }
func (abortedHop) LacksDSN() bool             { return false }
func (abortedHop) Abort()                     {}

// forClient adapts a next hop's verdict to our own conversation: 421 would announce
// that we close the connection, and a code that is not final has no meaning for the
// client.
func forClient(v envelope.Verdict) envelope.Verdict {
	switch {
	case v.Code == 421:
		v.Code = 451
	case v.Code < 200 || v.Code >= 300 && v.Code < 400 || v.Code >= 600:
		v.Text = append([]string{fmt.Sprintf("the next hop replied %d", v.Code)}, v.Text...)
		v.Code, v.Enhanced = 451, [3]int{4, 5, 0}
	}
	return v
}
