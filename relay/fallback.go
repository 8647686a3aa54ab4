package relay

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/spool"
	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// Fallbacks are what happens when the next hop refuses the content of a
// meeting mail ([Verdict.RefusesContent]) and on_refuse says "fallback": it is
// sent again in another form, in a transaction of its own, until one is taken
// or none is left. After such a refusal nothing was delivered to anybody, so
// nobody gets two.
//
// The first payload is the repair for the receiver's profile; of a meeting of which an
// earlier revision was refused or returned for its content at the same domain, it is
// the form behind that one (see [FormMemory]). What follows, in
// this order, leaving out what would be the same octets again:
//
//	standard     the repairs that are safe for everyone
//	as-received  no repair: it must never cost a meeting that the receiver
//	             would have taken without us
//	utc          every time in UTC
//	minimal      only what scheduling needs
//	notice       a text for a person, the calendar attached
//
// One that worked lately at the same place comes first; a notice always last.
//
// It ends without a further try: with any other answer than a refusal of the
// content; when the next hop does not take the sender or a recipient again,
// who was told 250 already and must not be lost; when the time that clients
// wait for a verdict is running out; when the client is gone.
//
// The client gets the verdict on the last try when it was taken or is to be
// tried again later. When none was taken, the words on the payload that is
// nearest to what the client sent: they are about its message.

// Forms as the log and the metrics name them.
const (
	formReceived = "as-received"
	formStandard = "standard"
	formProfile  = "profile"
)

// forms are all of them, from the nearest to what the client sent.
var forms = []string{formReceived, formStandard, formProfile,
	string(rewrite.FallbackUTC), string(rewrite.FallbackMinimal), string(rewrite.FallbackNotice)}

// How long fallbacks may take from the end of the body on. Clients wait ten
// minutes (RFC 5321 §4.5.3.2.6).
const (
	fallbackStart = 2 * time.Minute // no further try is begun
	fallbackEnd   = 5 * time.Minute // none is waited for
)

// fallback is what is tried for one message.
type fallback struct {
	*session
	body    *spool.Body
	sent    map[[sha256.Size]byte]bool // payloads
	skipped []string                   // forms that are none, and why, since the last try

	refused []string // the forms whose content was refused

	form string           // that was refused last
	last envelope.Verdict // on it

	best    envelope.Verdict // on the payload nearest to the original
	meeting *MeetingEvent
	nearest int // its place in forms
}

// fallBack tries further forms of a message that was refused for its content and
// returns what the client is to be told; meeting becomes that of the payload
// that this verdict is about.
func (s *session) fallBack(ctx context.Context, body *spool.Body, meeting *MeetingEvent, first *outgoing, refused envelope.Verdict) envelope.Verdict {
	cfg := s.tx.setup.cfg.Rewrite
	if cfg.OnRefuse != config.RefuseFallback || cfg.Mode != config.RewriteFix || meeting == nil || meeting.Fault != nil {
		return refused
	}
	ctx, cancel := context.WithTimeout(ctx, fallbackEnd-s.server.opt.Now().Sub(s.tx.whole))
	defer cancel()
	l := &fallback{session: s, body: body, sent: map[[sha256.Size]byte]bool{}, form: meeting.Form, last: refused,
		best: refused, meeting: meeting, nearest: slices.Index(forms, meeting.Form)}
	l.again(first)
	key := s.place()
	order := s.server.formMemory.order(key, s.took(), s.server.opt.Now())
	if meeting.raised {
		order = slices.Insert(order, len(order)-1, formProfile) // before the notice
	}
	l.refused = append(l.refused, meeting.Form)
	for _, form := range order {
		msg, m := l.prepare(ctx, form)
		if msg == nil {
			continue
		}
		v, over := l.try(ctx, form, msg, m)
		msg.close()
		if over {
			if v.OK() {
				s.server.formMemory.learn(key, form, s.server.opt.Now())
			}
			l.conclude(meeting, refused)
			return v
		}
		l.refused = append(l.refused, form)
	}
	l.log("", "no further form")
	l.conclude(meeting, refused)
	return l.best
}

// conclude makes the event of the message that of the payload which its verdict is
// about.
func (l *fallback) conclude(meeting *MeetingEvent, first envelope.Verdict) {
	raised := meeting.raised
	*meeting = *l.meeting
	meeting.raised, meeting.Refused, meeting.Refusal = raised, l.refused, first.Reply()
}

// cannotFallBack says in the log why a refused meeting is not sent in another form.
func (s *session) cannotFallBack(meeting *MeetingEvent, refused envelope.Verdict) {
	if s.tx.setup.cfg.Rewrite.OnRefuse == config.RefuseFallback {
		l := &fallback{session: s, form: meeting.Form, last: refused}
		l.log("", "the beginning of the message was forwarded before it was complete: it cannot be sent again")
	}
}

// again says whether a payload was sent before, and notes it.
func (l *fallback) again(msg *outgoing) bool {
	h := sha256.New()
	if _, err := msg.writeBody(h); err != nil {
		return true // what cannot be read is not sent
	}
	sum := [sha256.Size]byte(h.Sum(nil))
	was := l.sent[sum]
	l.sent[sum] = true
	return was
}

// prepare makes the payload of a form; nil when there is none, or not another
// one than before.
func (l *fallback) prepare(ctx context.Context, form string) (*outgoing, *MeetingEvent) {
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
	msg, report, err := l.session.prepare(ctx, l.body, o)
	switch {
	case err != nil:
		l.skipped = append(l.skipped, form+": "+err.Error())
		l.server.opt.Metrics.Fallback(form, noSuchForm)
	case form == formStandard && !report.Changed: // as received, which comes next
	case l.again(msg):
	case form == formReceived:
		return msg, l.meeting.asReceived()
	default:
		m := meetingEvent(report, o, nil)
		m.Form = form
		switch o.Fallback {
		case rewrite.FallbackUTC, rewrite.FallbackMinimal:
			m.Outcome = Simplified
		case rewrite.FallbackNotice:
			m.Outcome = Notice
		}
		return msg, m
	}
	msg.close()
	return nil, nil
}

// asReceived is the event of a meeting that is sent as it came.
func (m *MeetingEvent) asReceived() *MeetingEvent {
	plain := *m
	plain.Applied, plain.Vetoed, plain.Form, plain.Outcome = nil, nil, formReceived, LeftAlone
	plain.Calendars = slices.Clone(m.Calendars)
	for i := range plain.Calendars {
		plain.Calendars[i] = plain.Calendars[i].AsReceived()
	}
	return &plain
}

// try sends one payload. over says that the verdict is the last word.
func (l *fallback) try(ctx context.Context, form string, msg *outgoing, m *MeetingEvent) (v envelope.Verdict, over bool) {
	switch late := l.server.opt.Now().Sub(l.tx.whole) > fallbackStart; {
	case ctx.Err() != nil:
		l.log("", context.Cause(ctx).Error())
		return l.best, true
	case late:
		l.log("", "out of time: the client would not wait for a further attempt")
		return l.best, true
	}
	l.log(form, "")
	v, sent := l.retry(ctx, msg)
	l.server.opt.Metrics.Fallback(form, fallbackResult(v, sent))
	if sent && v.Remote == "" && v.Code >= 500 {
		// ours: this payload does not fit what the next hop offers
		l.skipped = append(l.skipped, form+": "+strings.Join(v.Text, " "))
		return v, false
	}
	l.form, l.last = form, v
	if !sent {
		l.log("", "stopped: the next hop does not accept the envelope again")
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
		l.log("", "stopped: this refusal is not about the content")
		return l.best, true
	}
	return v, false
}

// retry sends a payload in a new transaction for everybody who was in the first
// one. sent is false when the envelope was not taken as before.
func (l *fallback) retry(ctx context.Context, msg *outgoing) (v envelope.Verdict, sent bool) {
	tx := l.tx
	next := l.begin(tx.setup, tx.route)
	defer next.Abort()
	from := tx.from
	if from.Size > 0 {
		from.Size = msg.Size()
	}
	for _, v := range next.Envelope(ctx, from, tx.taken, false) {
		if !v.OK() {
			return v, false
		}
	}
	return next.Deliver(ctx, msg), true
}

// sendAsReceived sends a message as it came whose repaired form does not fit what
// the next hop offers, its SIZE for example. Nothing of that form was sent.
func (s *session) sendAsReceived(ctx context.Context, body *spool.Body, meeting *MeetingEvent, ours envelope.Verdict) envelope.Verdict {
	v, sent := (&fallback{session: s}).retry(ctx, s.asReceived(body))
	if !sent && !v.Temporary() {
		return ours
	}
	if meeting != nil {
		meeting.Applied, meeting.Vetoed, meeting.Form, meeting.Outcome = nil, nil, formReceived, LeftAlone
	}
	s.server.opt.Log.LeftAlone(LeftAloneEvent{Conn: s.id, ID: s.tx.id, From: s.tx.from.Path, What: "message",
		Why: "the next hop cannot accept the repaired form: " + strings.Join(ours.Text, " ")})
	return v
}

// log says what the next hop said to one payload and what follows.
func (l *fallback) log(next, why string) {
	if why != "" {
		l.skipped = append(l.skipped, why)
	}
	l.server.opt.Log.Fallback(FallbackEvent{Conn: l.id, ID: l.tx.id, From: l.tx.from.Path, To: l.tx.rcpts, Route: l.tx.routeName(),
		Form: l.form, Next: next, Why: strings.Join(l.skipped, "; "), NextHop: l.last.Remote, Verdict: l.last})
	l.skipped = nil
}

// took is the form that the domain of the recipients took after it had refused
// others, as far as that is remembered beyond a restart.
func (s *session) took() string {
	if domain := s.domain(); s.server.opt.Forms != nil && domain != "" {
		return s.server.opt.Forms.Took(domain)
	}
	return ""
}

// raise makes the form that a meeting begins with, where a recipient has refused or
// returned an earlier revision of it for its content: one higher than that. It
// returns nil where it begins with the repair for the profile.
func (s *session) raise(ctx context.Context, body *spool.Body, meeting *MeetingEvent) (*outgoing, *MeetingEvent) {
	cfg := s.tx.setup.cfg.Rewrite
	domain := s.domain()
	if s.server.opt.Forms == nil || domain == "" || meeting == nil || meeting.Fault != nil || s.cfg.Direction == config.Inbound ||
		cfg.OnRefuse != config.RefuseFallback || cfg.Mode != config.RewriteFix {
		return nil, nil
	}
	first := ""
	for _, c := range meeting.Components() {
		if first = s.server.opt.Forms.First(c.Sent.UID, domain); first != "" {
			break
		}
	}
	if first == "" {
		return nil, nil
	}
	l := &fallback{session: s, body: body, sent: map[[sha256.Size]byte]bool{}, form: meeting.Form, meeting: meeting}
	for form := first; form != ""; form = Higher(form) {
		if form == meeting.Form {
			return nil, nil
		}
		if msg, m := l.prepare(ctx, form); msg != nil {
			m.raised = true
			l.skipped = append(l.skipped, "an earlier revision of this meeting was refused or returned")
			l.log(form, "")
			return msg, m
		}
	}
	return nil, nil
}

// domain is the one that all recipients share, or "".
func (s *session) domain() string {
	_, domain, _ := strings.Cut(s.place(), " ")
	return domain
}

// place is where a message goes, as far as what worked there is remembered: the
// route and the domain that its recipients share. "" is nowhere.
func (s *session) place() string {
	domain := ""
	for i, rcpt := range s.tx.rcpts {
		d := asciiDomain(rcpt[strings.LastIndexByte(rcpt, '@')+1:])
		if i > 0 && d != domain {
			return ""
		}
		domain = d
	}
	return s.tx.routeName() + " " + domain
}
