package delivery

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/rewrite"
)

// ErrTotalTime is the cause of a context that ends when nexthop.total_timeout is
// over.
var ErrTotalTime = errors.New("nexthop.total_timeout is over")

// AnswerBy returns when a wait that begins at now reaches total_timeout; zero
// without a limit.
func AnswerBy(cfg *config.Config, now time.Time) time.Time {
	if total := cfg.NextHop.TotalTimeout; total > 0 {
		return now.Add(total)
	}
	return time.Time{}
}

// Finish sends a message whose body was received completely, and returns the next
// hop's verdict.
func (d *Delivery) Finish() Result {
	var r Result
	if d.stream != nil {
		r = d.finishStream()
	} else {
		r = d.finishCollected()
	}
	if r.Meeting != nil {
		for _, v := range d.signatures {
			r.Meeting.DKIM = append(r.Meeting.DKIM, v.result)
		}
	}
	r.Signed = d.signed
	return r
}

func (d *Delivery) finishCollected() Result {
	h, err := countReceived(d.body, d.size, d.Hostname)
	if err != nil {
		return Result{Verdict: unstored(err, d.MaxSize)}
	}
	if v := d.checkLoop(h); v.Code != 0 {
		return Result{Verdict: v}
	}
	d.completed()
	var f firstForm
	gone := d.caller.Wait(d.answerBy, func(ctx context.Context) { f = d.chooseFirst(ctx) })
	defer f.payload.close()
	switch {
	case gone:
		return Result{Meeting: f.meeting, Gone: true, Verdict: envelope.Verdict{Code: 451, Enhanced: [3]int{4, 4, 2}, Text: []string{context.Cause(d.ctx).Error()}}}
	case f.refusedFor != nil:
		f.meeting.Outcome, f.meeting.Applied, f.meeting.Form = Refused, nil, "" // nothing was sent
		return Result{Meeting: f.meeting, Verdict: refuseInvitation(f.refusedFor)}
	}
	var v envelope.Verdict
	gone = d.caller.Wait(d.answerBy, func(ctx context.Context) {
		switch v = d.Hop.Deliver(ctx, f.payload); {
		case v.RefusesContent():
			v = d.fallBack(ctx, f.meeting, f.payload, v)
		case v.Remote == "" && v.Code >= 500 && f.payload.body != d.body:
			v = d.sendAsReceived(ctx, f.meeting, v)
		}
	})
	return Result{Verdict: v, Meeting: f.meeting, Gone: gone}
}

// completed records that the body was received completely.
func (d *Delivery) completed() {
	d.whole = d.engine.opt.Now()
	d.answerBy = AnswerBy(d.Config, time.Now())
}

// finishStream sends the rest of a message that was sent while it was received.
func (d *Delivery) finishStream() Result {
	if err := d.stream.end(); err != nil {
		return Result{Verdict: d.Abort(err)}
	}
	d.completed()
	o := d.rewriteOptions()
	var v envelope.Verdict
	var result rewrite.Result
	var fault error
	gone := d.caller.Wait(d.answerBy, func(ctx context.Context) {
		if result, fault = d.rewriteRest(ctx, o); ctx.Err() != nil {
			v = d.stream.out.End(d.ctx, context.Cause(ctx))
			return
		}
		d.scanFailed = fault != nil
		v = d.stream.out.End(ctx, d.stream.sendRest(result))
	})
	d.reportLeftAlone(result.Report, fault)
	meeting := meetingOf(result.Report, o, fault)
	if meeting != nil && meeting.Fault == nil && v.RefusesContent() && o.Mode == rewrite.Fix {
		d.cannotFallBack(meeting, v)
	}
	return Result{Verdict: v, Meeting: meeting, Gone: gone}
}

// rewriteRest repairs what was not sent yet.
func (d *Delivery) rewriteRest(ctx context.Context, o rewrite.Options) (rewrite.Result, error) {
	work := d.beginWork(ctx, &o)
	defer work.end()
	s := d.stream
	res, err := s.scan.Finish(kept{s}, o)
	if err == nil && res.Changed() {
		_, err = tryWrite(res.Size()-s.sent, func(w io.Writer) (int64, error) { return res.WriteFrom(w, s.sent) })
	}
	if err != nil {
		return rewrite.Result{}, err
	}
	return res, nil
}
