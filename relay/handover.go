package relay

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/smtpd"
	"github.com/reconvene/reconvene/relay/spool"
	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// outgoing is a message as it goes to the next hop: our Received field, then
// what the rewriter made of the body, or the body itself.
type outgoing struct {
	received string
	body     interface {
		io.WriterTo
		Size() int64
	}
	eightBit bool

	converted func(lineEnds int) // called when bare line ends are made CRLF; nil: they must not be

	kept *spool.Body // holds body, when the rewriter made too much for memory
}

func (o *outgoing) close() {
	if o.kept != nil {
		o.kept.Close()
	}
}

func (o *outgoing) Size() int64    { return int64(len(o.received)) + o.body.Size() }
func (o *outgoing) EightBit() bool { return o.eightBit || !envelope.IsASCII(o.received) }

func (o *outgoing) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, o.received)
	if err != nil {
		return int64(n), err
	}
	m, err := o.writeBody(w)
	return int64(n) + m, err
}

// writeBody is a boundary, too: behind a panic in it the next hop never sees an end
// of the message, and the client tries again.
func (o *outgoing) writeBody(w io.Writer) (n int64, err error) {
	err = noPanic(func() (err error) {
		n, err = o.body.WriteTo(w)
		return err
	})
	return n, err
}

var _ envelope.Body = (*outgoing)(nil)

// rewrite repairs the message and says what it found; no calendar, no event.
// Whatever goes wrong, the message is sent as it came.
//
// With unfit set it is not sent but goes back, for that finding.
func (s *session) rewrite(ctx context.Context, body *spool.Body) (msg *outgoing, meeting *MeetingEvent, unfit *remedy.Finding) {
	o := s.rewriteOptions()
	msg, report, err := s.prepare(ctx, body, o)
	s.logLeftAlone(report, err)
	meeting = meetingEvent(report, o, err)
	unfit = s.unfit(report, o, err)
	if unfit == nil {
		if raised, m := s.raise(ctx, body, meeting); raised != nil {
			msg.close()
			return raised, m, nil
		}
	}
	return msg, meeting, unfit
}

// prepare makes of the message what the options say; on an error it is the
// message as it came.
//
// It is a boundary: a panic in there must not cost the message.
func (s *session) prepare(ctx context.Context, body *spool.Body, o rewrite.Options) (out *outgoing, report rewrite.Report, err error) {
	fault := noPanic(func() error {
		var result rewrite.Result
		out, result, err = s.remake(ctx, body, o)
		if err == nil && result.Changed() && result.Signed() && o.AuthServID != "" {
			out.received += s.authResults(body, o.AuthServID)
		}
		report = result.Report
		return nil
	})
	if fault != nil {
		return s.asReceived(body), rewrite.Report{}, fault
	}
	return out, report, err
}

// asReceived is the message as it came, with our Received field, and at the border
// without results that are forged in our name.
func (s *session) asReceived(body *spool.Body) *outgoing {
	out := &outgoing{received: s.trace().field(), body: body, eightBit: body.EightBit()}
	if s.convertsNewlines() {
		out.converted = s.noteConverted
	}
	if s.isBorder() {
		s.withoutForged(out, body)
	}
	return out
}

func (s *session) remake(ctx context.Context, body *spool.Body, o rewrite.Options) (*outgoing, rewrite.Result, error) {
	out := s.asReceived(body)
	work := s.beginWork(ctx, &o)
	defer work.end()
	result, err := s.server.opt.Rewrite(body, o)
	if err == nil && result.Changed() {
		if out.eightBit, err = rehearse(result.Size(), result.WriteTo); err == nil {
			out.body = result
			err = out.keep(result, body)
		}
	}
	if err != nil {
		out.close()
		out = s.asReceived(body)
	}
	return out, result, err
}

// passOn ends a message that was passed on while it arrived; err says why the
// body was not taken whole.
func (s *session) passOn(in *intake, err error) envelope.Verdict {
	if err == nil {
		err = in.end()
	}
	if err != nil {
		v := in.out.End(s.ctx, err)
		s.readSummary(in.body, in.head)
		if !in.broken {
			v = s.unstored(err)
		}
		s.finish(in.size, nil, v)
		return forClient(v)
	}
	s.tx.whole = s.server.opt.Now()
	s.readSummary(in.body, in.head)
	o := s.rewriteOptions()
	var v envelope.Verdict
	var result rewrite.Result
	var fault error
	gone := s.whileConnected(func(ctx context.Context) {
		if result, fault = s.rewriteRest(ctx, in, o); ctx.Err() != nil {
			v = in.out.End(s.ctx, context.Cause(ctx))
			return
		}
		in.told = fault != nil
		v = in.out.End(ctx, in.sendRest(result))
	})
	s.logLeftAlone(result.Report, fault)
	meeting := meetingEvent(result.Report, o, fault)
	if meeting != nil && meeting.Fault == nil && v.RefusesContent() && o.Mode == rewrite.Fix {
		s.cannotFallBack(meeting, v)
	}
	return s.conclude(in.size, meeting, v, gone)
}

// rewriteRest is prepare for what is not on its way yet.
func (s *session) rewriteRest(ctx context.Context, in *intake, o rewrite.Options) (rewrite.Result, error) {
	work := s.beginWork(ctx, &o)
	defer work.end()
	res, err := in.watch.Finish(torn{in}, o)
	if err == nil && res.Changed() {
		_, err = rehearse(res.Size()-in.passed, func(w io.Writer) (int64, error) { return res.WriteFrom(w, in.passed) })
	}
	if err != nil {
		return rewrite.Result{}, err
	}
	return res, nil
}

// keep puts a result that holds more than a message may in memory to rest.
func (o *outgoing) keep(result rewrite.Result, body *spool.Body) error {
	if result.Held() <= body.InMemory() {
		return nil
	}
	o.kept = body.Empty()
	if _, err := result.WriteTo(o.kept); err != nil {
		return err
	}
	o.body = o.kept
	return nil
}

// profile is the receiver's: that of the route, else what is remembered of the
// recipients' domains, else what the next hop says of itself. All recipients get
// the same message: where they need different profiles it is standard.
func (s *session) profile() remedy.Profile {
	own := s.tx.hop.Profile()
	set := s.tx.route != nil && s.tx.route.Profile != "" && s.tx.route.Profile != config.ProfileAuto
	if set || s.server.opt.Profile == nil || s.cfg.Direction == config.Inbound {
		return remedy.Profile(own)
	}
	var chosen string
	for i, rcpt := range s.tx.rcpts {
		p := cmp.Or(s.server.opt.Profile(rcpt[strings.LastIndexByte(rcpt, '@')+1:]), own)
		if i > 0 && p != chosen {
			return remedy.Standard
		}
		chosen = p
	}
	return remedy.Profile(cmp.Or(chosen, own))
}

func (s *session) rewriteOptions() rewrite.Options {
	cfg := s.tx.setup.cfg.Rewrite
	o := rewrite.Options{
		Mode:       rewrite.Mode(cfg.Mode),
		Profile:    s.profile(),
		Disable:    cfg.Disable,
		Enable:     cfg.Enable,
		Sender:     s.tx.from.Path,
		Recipients: s.tx.rcpts,
		SkipFrom:   cfg.SkipFrom,
		Header:     cfg.Header,
		Form:       rewrite.Mail,
		TNEF:       rewrite.TNEF(cfg.TNEF),
		Now:        s.server.opt.Now(),
	}
	if s.server.opt.Memory != nil {
		o.Memory = s.server.opt.Memory(s.cfg.Direction == config.Inbound, o.Recipients)
	}
	if cfg.DKIM == config.DKIMIgnore {
		o.DKIM = rewrite.IgnoreDKIM
	}
	if s.cfg.Direction == config.Inbound {
		o.Direction = remedy.Inbound
		if cfg.DKIM == config.DKIMVerify { // behind us nobody verifies: we do, and may repair then
			o.DKIM, o.AuthServID = rewrite.IgnoreDKIM, s.hostname
		}
	}
	return o
}

// authResults says what became of the signatures of the message as it came. A
// message that is made more than once is verified once.
func (s *session) authResults(body *spool.Body, hostname string) string {
	if s.tx.dkim == nil {
		s.tx.dkim = verifyDKIM(s.ctx, s.server.opt.DNS, body, body.Size())
	}
	return authResults(hostname, s.tx.dkim)
}

// trace is what our Received field says about this transaction.
func (s *session) trace() *trace {
	hello, extended := s.conn.Hello()
	t := &trace{hello: hello, client: s.addr, hostname: s.hostname, extended: extended,
		utf8: s.tx.from.UTF8, tls: s.conn.TLS(), auth: s.user != "", id: s.tx.id, at: s.server.opt.Now()}
	if len(s.tx.rcpts) == 1 {
		t.rcpt = s.tx.rcpts[0]
	}
	return t
}

func (s *session) logLeftAlone(r rewrite.Report, err error) {
	e := LeftAloneEvent{Conn: s.id, ID: s.tx.id, From: s.tx.from.Path}
	if err != nil { // the report then says the same, and nothing else
		e.What, e.Why = "message", leftAloneWhy(err)
		if e.Why == smtpd.ErrGone.Error() && s.server.ctx.Err() != nil {
			e.Why = errStopped.Error()
		}
		if e.Why == "fault" {
			e.Err = err
		}
		s.server.opt.Log.LeftAlone(e)
		return
	}
	for _, skip := range r.Skipped {
		e.What, e.Why = skip.What, skip.Why
		s.server.opt.Log.LeftAlone(e)
	}
}

// meetingEvent is the report in the words of the event.
func meetingEvent(r rewrite.Report, o rewrite.Options, err error) *MeetingEvent {
	if len(r.Meetings) == 0 && len(r.Skipped) == 0 && err == nil {
		return nil
	}
	e := &MeetingEvent{Calendars: append(r.Meetings[:len(r.Meetings):len(r.Meetings)], r.Enclosed...), Profile: string(o.Profile),
		Applied: r.Applied(), Vetoed: r.Vetoed, Skipped: r.Skipped, Form: formReceived, Fault: err}
	for _, f := range r.Findings() {
		if !slices.Contains(e.Findings, f.ID) {
			e.Findings = append(e.Findings, f.ID)
		}
	}
	if len(r.Meetings) > 0 {
		e.Profile = string(r.Meetings[0].Profile)
	}
	switch {
	case err != nil && leftAloneWhy(err) != "fault":
		e.Outcome = LeftAlone
	case err != nil:
		e.Outcome = LeftAlone
	case r.Changed:
		e.Outcome, e.Form = Repaired, formProfile
	case len(r.Skipped) > 0:
		e.Outcome = LeftAlone
	case len(e.Findings) > 0 && o.Mode == rewrite.Observe:
		e.Outcome = Observed
	default:
		e.Outcome = Delivered
	}
	return e
}

// lostHop answers for a next hop whose transaction was given up.
type lostHop struct{}

func (lostHop) Envelope(_ context.Context, _ envelope.ReversePath, rcpts []envelope.Recipient, _ bool) []envelope.Verdict {
	return slices.Repeat([]envelope.Verdict{lostHop{}.Deliver(nil, nil)}, len(rcpts))
}

func (lostHop) Deliver(context.Context, envelope.Body) envelope.Verdict {
	return envelope.Refuse(451, [3]int{4, 3, 0}, "internal error, try again")
}
func (lostHop) Profile() string            { return "standard" }
func (lostHop) Greeting() (string, string) { return "", "" }
func (lostHop) LacksDSN() bool             { return false }
func (lostHop) Abort()                     {}

// forClient makes a next hop's verdict one that fits our own conversation: 421
// would say that we hang up, and a code that is no final answer says nothing.
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
