package relay

import (
	"context"
	"errors"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/smtpd"
	"github.com/reconvene/reconvene/relay/spool"
	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// handOver rewrites the message, sends it to the next hop and returns what that
// one said.
func (s *session) handOver(body *spool.Body) envelope.Verdict {
	s.readSummary(body, body.Size())
	h, err := countReceived(body, body.Size(), s.hostname)
	if err != nil {
		v := s.unstored(err)
		s.finish(body.Size(), nil, v)
		return v
	}
	if v := s.inCircle(h); v.Code != 0 {
		s.finish(body.Size(), nil, v)
		return v
	}
	s.tx.whole = s.server.opt.Now()
	s.tx.answered = s.answerBy()
	var msg *outgoing
	var meeting *MeetingEvent
	var unfit *remedy.Finding
	gone := s.whileConnected(func(ctx context.Context) { msg, meeting, unfit = s.rewrite(ctx, body) })
	defer msg.close()
	s.readFields(body, meeting)
	if gone {
		return s.conclude(body.Size(), meeting, envelope.Verdict{Code: 451, Enhanced: [3]int{4, 4, 2}, Text: []string{context.Cause(s.ctx).Error()}}, true)
	}
	if unfit != nil {
		meeting.Outcome, meeting.Applied, meeting.Form = Refused, nil, "" // nothing was sent
		return s.conclude(body.Size(), meeting, sendBack(unfit), false)
	}
	var v envelope.Verdict
	gone = s.whileConnected(func(ctx context.Context) {
		switch v = s.tx.hop.Deliver(ctx, msg); {
		case v.RefusesContent():
			v = s.fallBack(ctx, body, meeting, msg, v)
		case v.Remote == "" && v.Code >= 500 && msg.body != body:
			v = s.sendAsReceived(ctx, body, meeting, v)
		}
	})
	return s.conclude(body.Size(), meeting, v, gone)
}

// conclude ends a transaction that the next hop has answered, and returns what
// the client gets.
func (s *session) conclude(size int64, meeting *MeetingEvent, v envelope.Verdict, gone bool) envelope.Verdict {
	if gone && !v.OK() {
		s.finish(size, meeting, envelope.Verdict{Cause: context.Cause(s.ctx)})
		return forClient(v)
	}
	s.finish(size, meeting, v)
	if v.OK() {
		s.messages++
	}
	return forClient(v)
}

// finish ends the transaction with a verdict on the message.
func (s *session) finish(size int64, meeting *MeetingEvent, v envelope.Verdict) {
	if s.tx.hop != nil {
		s.tx.hop.Abort() // nothing after Deliver
	}
	why := ""
	if v.Code == 0 {
		why = s.interrupted(v.Cause)
	}
	if errors.Is(v.Cause, rewrite.ErrPanic) {
		s.server.opt.Log.Fault(s.event(func(e *ConnEvent) {
			e.Why, e.Err = "message "+s.tx.id+" could not be written, the connection to the next hop was closed before its end", v.Cause
		}))
	}
	s.end(size, meeting, v, why)
}

// errTotalTime ends the wait for the next hop.
var errTotalTime = errors.New("nexthop.total_timeout is over")

func (tx *transaction) routeName() string {
	if tx.route == nil {
		return ""
	}
	return tx.route.Name
}

// answerBy is when the client has waited for total_timeout; zero without one.
func (s *session) answerBy() time.Time {
	if total := s.tx.setup.cfg.NextHop.TotalTimeout; total > 0 {
		return time.Now().Add(total)
	}
	return time.Time{}
}

// whileConnected runs what waits for the next hop, with a context that ends when
// the client goes away or has waited for total_timeout, and says whether it went
// away.
func (s *session) whileConnected(wait func(ctx context.Context)) (gone bool) {
	defer s.conn.Watch(func() { s.leave(smtpd.ErrGone) })()
	ctx := s.ctx
	until := s.tx.answered
	if until.IsZero() {
		until = s.answerBy()
	}
	if !until.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, until, errTotalTime)
		defer cancel()
	}
	wait(ctx)
	return s.ctx.Err() != nil
}
