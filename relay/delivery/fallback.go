package delivery

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// When the next hop refuses the content of a meeting message
// ([envelope.Verdict.RefusesContent]) and on_refuse is "fallback", the message is
// sent again in other forms, each in a separate transaction, until one is accepted
// or none is left. After such a refusal nothing was delivered to any recipient, so
// that none gets two copies.
//
// The first payload is the repair for the receiver's profile; if an earlier revision
// of the meeting was refused or returned for its content by the same domain, it is
// the form after that one (see [FormMemory]). What follows, in this order, leaving
// out what would be the same octets again:
//
//	standard     the repairs that are safe for everyone
//	as-received  no repair: it must never cost a meeting that the receiver
//	             would have taken without us
//	utc          every time in UTC
//	minimal      only what scheduling needs
//	notice       a text for a person, the calendar attached
//
// A form that was accepted recently at the same place is tried first; a notice
// always last.
//
// No further form is tried after any reply other than a refusal of the content; when
// the next hop does not accept the sender or a recipient again, for whom the client
// already got 250; when the time that clients wait for a verdict is nearly over; and
// when the client has disconnected.
//
// The client gets the verdict on the last attempt when that was accepted or is
// temporary. When no form was accepted, it gets the reply to the payload that is
// nearest to what it sent, since that reply is about its message.

// Forms as the log and the metrics name them.
const (
	formReceived = "as-received"
	formStandard = "standard"
	formProfile  = "profile"
)

// Forms returns the names of all forms, beginning with the one nearest to what the
// client sent.
func Forms() []string { return slices.Clone(forms) }

var forms = []string{formReceived, formStandard, formProfile,
	string(rewrite.FallbackUTC), string(rewrite.FallbackMinimal), string(rewrite.FallbackNotice)}

// How long fallbacks may take from the end of the body on. Clients wait ten
// minutes (RFC 5321 §4.5.3.2.6).
const (
	fallbackStart = 2 * time.Minute // no further try is begun
	fallbackEnd   = 5 * time.Minute // none is waited for
)

// fallback is the forms that are tried for one message.
type fallback struct {
	*Delivery
	sent    map[[sha256.Size]byte]bool // payloads
	skipped []string                   // forms that are none, and why, since the last attempt

	refused []string // the forms whose content was refused

	form string           // that was refused last
	last envelope.Verdict // on it

	best    envelope.Verdict // on the payload nearest to the original
	meeting *Meeting
	nearest int // its place in forms
}

// Attempt reports that the next hop refused a payload for its content, and what
// follows.
type Attempt struct {
	Form    string           // the form that was refused
	Verdict envelope.Verdict // the refusal
	Next    string           // the form that is tried next, "" when none is
	Why     string           // why forms were skipped, or why none is tried
}

// fallBack tries further forms of a message that was refused for its content, and
// returns the verdict for the client; meeting is set to that of the payload which
// this verdict is about.
func (d *Delivery) fallBack(ctx context.Context, meeting *Meeting, first *payload, refused envelope.Verdict) envelope.Verdict {
	cfg := d.Config.Rewrite
	if cfg.OnRefuse != config.RefuseFallback || cfg.Mode != config.RewriteFix || meeting == nil || meeting.Fault != nil {
		return refused
	}
	e := d.engine
	ctx, cancel := context.WithTimeout(ctx, fallbackEnd-e.opt.Now().Sub(d.whole))
	defer cancel()
	l := &fallback{Delivery: d, sent: map[[sha256.Size]byte]bool{}, form: meeting.Form, last: refused,
		best: refused, meeting: meeting, nearest: slices.Index(forms, meeting.Form)}
	l.again(first)
	key := d.place()
	order := e.formMemory.order(key, d.acceptedForm(), e.opt.Now())
	if meeting.raised {
		order = slices.Insert(order, len(order)-1, formProfile) // before the notice
	}
	l.refused = append(l.refused, meeting.Form)
	for _, form := range order {
		p, m := l.prepare(ctx, form)
		if p == nil {
			continue
		}
		v, over := l.try(ctx, form, p, m)
		p.close()
		if over {
			if v.OK() {
				e.formMemory.learn(key, form, e.opt.Now())
			}
			l.conclude(meeting, refused)
			return v
		}
		l.refused = append(l.refused, form)
	}
	l.report("", "no further form")
	l.conclude(meeting, refused)
	return l.best
}

// conclude sets meeting to that of the payload which the verdict is about.
func (l *fallback) conclude(meeting *Meeting, first envelope.Verdict) {
	raised := meeting.raised
	*meeting = *l.meeting
	meeting.raised, meeting.Refused, meeting.Refusal = raised, l.refused, first.Reply()
}

// cannotFallBack reports why a refused meeting is not sent in another form.
func (d *Delivery) cannotFallBack(meeting *Meeting, refused envelope.Verdict) {
	if d.Config.Rewrite.OnRefuse == config.RefuseFallback {
		l := &fallback{Delivery: d, form: meeting.Form, last: refused}
		l.report("", "the beginning of the message was forwarded before it was complete: it cannot be sent again")
	}
}

// again reports whether the same payload was sent before, and records it.
func (l *fallback) again(p *payload) bool {
	h := sha256.New()
	if _, err := p.writeBody(h); err != nil {
		return true // what cannot be read is not sent
	}
	sum := [sha256.Size]byte(h.Sum(nil))
	was := l.sent[sum]
	l.sent[sum] = true
	return was
}

// prepare makes the payload of a form; nil when there is none, or it is the same as
// an earlier one.
func (l *fallback) prepare(ctx context.Context, form string) (*payload, *Meeting) {
	o := l.rewriteOptions()
	switch form {
	case formReceived:
		o.Mode = rewrite.Off
	case formStandard:
		o.Profile = remedy.Standard
	case formProfile:
	default:
		o.Fallback = rewrite.Fallback(form)
	}
	p, report, err := l.Delivery.prepare(ctx, o)
	switch {
	case err != nil:
		l.skipped = append(l.skipped, form+": "+err.Error())
		l.engine.opt.Metrics.Fallback(form, NoSuchForm)
	case form == formStandard && !report.Changed: // as received, which comes next
	case l.again(p):
	case form == formReceived:
		return p, l.meeting.asReceived()
	default:
		m := meetingOf(report, o, nil)
		m.Form = form
		switch o.Fallback {
		case rewrite.FallbackUTC, rewrite.FallbackMinimal:
			m.Outcome = Simplified
		case rewrite.FallbackNotice:
			m.Outcome = Notice
		}
		return p, m
	}
	p.close()
	return nil, nil
}

// try sends one payload. over reports that the verdict is final.
func (l *fallback) try(ctx context.Context, form string, p *payload, m *Meeting) (v envelope.Verdict, over bool) {
	switch late := l.engine.opt.Now().Sub(l.whole) > fallbackStart; {
	case ctx.Err() != nil:
		l.report("", context.Cause(ctx).Error())
		return l.best, true
	case late:
		l.report("", "out of time: the client would not wait for a further attempt")
		return l.best, true
	}
	l.report(form, "")
	v, sent := l.resend(ctx, p)
	l.engine.opt.Metrics.Fallback(form, fallbackResult(v, sent))
	if sent && v.Remote == "" && v.Code >= 500 {
		// ours: this payload does not fit what the next hop offers
		l.skipped = append(l.skipped, form+": "+strings.Join(v.Text, " "))
		return v, false
	}
	l.form, l.last = form, v
	if !sent {
		l.report("", "stopped: the next hop does not accept the envelope again")
		return l.best, true
	}
	if v.OK() || v.Temporary() {
		l.meeting = m
		return v, true
	}
	if at := slices.Index(forms, form); at < l.nearest {
		l.nearest, l.best, l.meeting = at, v, m
	}
	if !v.RefusesContent() {
		l.report("", "stopped: this refusal is not about the content")
		return l.best, true
	}
	return v, false
}

func fallbackResult(v envelope.Verdict, sent bool) string {
	if !sent {
		return GivenUp
	}
	return v.Class()
}

// report reports the next hop's reply to one payload, and what follows.
func (l *fallback) report(next, why string) {
	if why != "" {
		l.skipped = append(l.skipped, why)
	}
	l.observer.TriedForm(Attempt{Form: l.form, Next: next, Why: strings.Join(l.skipped, "; "), Verdict: l.last})
	l.skipped = nil
}

// resend sends a payload in a new transaction to all recipients of the first one.
// sent is false when the envelope was not accepted as before.
func (d *Delivery) resend(ctx context.Context, p *payload) (v envelope.Verdict, sent bool) {
	next := d.caller.Again()
	defer next.Abort()
	from := d.From
	if from.Size > 0 {
		from.Size = p.Size()
	}
	for _, v := range next.Envelope(ctx, from, d.Recipients, false) {
		if !v.OK() {
			return v, false
		}
	}
	return next.Deliver(ctx, p), true
}

// sendAsReceived sends a message unchanged when its repaired form does not fit what
// the next hop offers, for example its SIZE. Nothing of the repaired form was sent.
func (d *Delivery) sendAsReceived(ctx context.Context, meeting *Meeting, ours envelope.Verdict) envelope.Verdict {
	p := d.asReceived()
	defer p.close()
	v, sent := d.resend(ctx, p)
	if !sent && !v.Temporary() {
		return ours
	}
	if meeting != nil {
		meeting.Applied, meeting.Vetoed, meeting.Form, meeting.Outcome = nil, nil, formReceived, LeftAlone
	}
	d.observer.LeftAlone("message", "the next hop cannot accept the repaired form: "+strings.Join(ours.Text, " "), nil)
	return v
}
