package relay

import (
	"context"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/delivery"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/smtpd"
)

// hop is a transaction with a next hop; *nexthop.Transaction is one.
type hop interface {
	delivery.Hop
	Greeting() (line, profile string)
	LacksDSN() bool
}

var _ hop = (*nexthop.Transaction)(nil)

// session handles the mail of one client: from EHLO to the end of the connection or
// to STARTTLS.
type session struct {
	*client
	user string // who was authenticated
	tx   *transaction
}

// transaction is one message, from MAIL on.
type transaction struct {
	setup   *setup // the configuration that was in force at MAIL
	id      string
	from    envelope.ReversePath
	started time.Time
	route   *nexthop.Route // of the first recipient
	hop     hop
	taken   []envelope.Recipient // accepted by the next hop
	count   int                  // RCPT commands that went to the next hop

	noted     []RecipientEvent // every recipient, in the order of RCPT
	messageID string
	fields    []string // see Event.Fields
	report    *StatusReport
	signed    []string // see Event.Signed
	subject   string
	ended     bool // the event was passed to the sinks
}

var _ smtpd.Handler = (*session)(nil)

// Reset implements smtpd.Handler. After Data no transaction is open.
func (s *session) Reset(verb string) {
	s.abandon(verb)
	if s.tx != nil && s.tx.hop != nil {
		s.tx.hop.Abort()
	}
	s.tx = nil
}

// Mail implements smtpd.Handler. It replies without the next hop, which is known
// only with the first recipient.
func (s *session) Mail(from envelope.ReversePath, leftOut []smtpd.LeftOut) envelope.Verdict {
	if v := s.mayMail(); !v.OK() {
		return v
	}
	s.tx = s.newTransaction(from)
	if v := s.takes(from); !v.OK() {
		s.refuseMail(v)
		return v
	}
	s.noteLeftOut("", leftOut)
	return envelope.Verdict{Code: 250, Enhanced: [3]int{2, 1, 0}, Text: []string{"sender accepted"}}
}

func (s *session) newTransaction(from envelope.ReversePath) *transaction {
	return &transaction{setup: s.server.setup.Load(), id: s.server.nextID(), from: from, started: s.server.opt.Now()}
}

// mayMail applies the policy of the listener: whether this client may send a message
// now.
func (s *session) mayMail() envelope.Verdict {
	switch {
	case s.tx != nil:
		return envelope.Refuse(503, [3]int{5, 5, 1}, "nested MAIL: a transaction is open already") // RFC 5321 §4.1.4
	case s.cfg.TLS.Mode == config.ListenerTLSRequired && s.conn.TLS() == nil:
		return s.denied("TLS is required", envelope.Refuse(530, [3]int{5, 7, 0}, "must issue a STARTTLS command first")) // RFC 3207 §4
	case !s.allowed && s.user == "":
		return s.denied("not allowed to relay", envelope.Refuse(550, [3]int{5, 7, 1}, "relaying denied: %s is not in allow of listener %q and has not authenticated", s.addr, s.cfg.Name))
	}
	return envelope.Verdict{Code: 250}
}

// denied logs a refusal by policy, once for each connection.
func (s *session) denied(why string, v envelope.Verdict) envelope.Verdict {
	if !s.warned {
		s.warned = true
		s.server.opt.Log.Refused(s.event(func(e *ConnEvent) { e.Why, e.Verdict = why, v }))
	}
	return v
}

// takes reports whether the listener accepts a message with that reverse-path; the
// verdict has code 0 then.
func (s *session) takes(from envelope.ReversePath) envelope.Verdict {
	switch {
	case s.cfg.MaxSize > 0 && from.Size > int64(s.cfg.MaxSize):
		return envelope.Refuse(552, [3]int{5, 3, 4}, "a message of %d octets is larger than the limit of %d", from.Size, s.cfg.MaxSize)
	case !from.UTF8 && !envelope.IsASCII(from.Path):
		return envelope.Refuse(553, [3]int{5, 6, 7}, "an address with non-ASCII characters requires SMTPUTF8")
	}
	return envelope.Verdict{Code: 250}
}

// Rcpt implements smtpd.Handler: it forwards the recipient to the next hop.
// Recipients that the client has pipelined after the first one are sent with it if
// they have the same route, and so is DATA, which saves round trips.
func (s *session) Rcpt(rcpts []smtpd.Recipient, data bool) []envelope.Verdict {
	tx := s.tx
	if tx == nil {
		return []envelope.Verdict{envelope.Refuse(503, [3]int{5, 5, 1}, "MAIL must come first")}
	}
	first := rcpts[0]
	s.noteLeftOut(first.Path, first.LeftOut)
	if v := s.admit(first.Recipient); !v.OK() {
		return []envelope.Verdict{s.accept(first, v)}
	}
	batch := []envelope.Recipient{first.Recipient}
	for _, rcpt := range rcpts[1:] {
		if v := s.admit(rcpt.Recipient); !v.OK() {
			data = false // it is answered when its turn comes
			break
		}
		batch = append(batch, rcpt.Recipient)
	}
	var verdicts []envelope.Verdict
	s.whileConnected(delivery.AnswerBy(tx.setup.cfg, time.Now()), func(ctx context.Context) { verdicts = tx.hop.Envelope(ctx, tx.from, batch, data) })
	if len(verdicts) != len(batch) {
		return []envelope.Verdict{s.OutOfStep()}
	}
	for i, v := range verdicts {
		if i > 0 {
			s.noteLeftOut(rcpts[i].Path, rcpts[i].LeftOut)
		}
		verdicts[i] = s.accept(rcpts[i], v)
	}
	return verdicts
}

// admit checks whether the recipient may be sent to the transaction's next hop, and
// chooses that next hop with the first recipient. The verdict has code 0 when it
// may.
func (s *session) admit(rcpt envelope.Recipient) envelope.Verdict {
	tx := s.tx
	if v := s.tooMany(rcpt); !v.OK() {
		return v
	}
	route, v := s.routeOf(rcpt)
	switch {
	case route == nil:
		return v
	case tx.route == nil:
		tx.route, tx.hop = route, s.begin(tx.setup, route)
	case tx.route != route:
		return envelope.Refuse(452, [3]int{4, 5, 3}, "this recipient has another next hop: send it in a separate transaction")
	}
	tx.count++
	return envelope.Verdict{Code: 250}
}

// tooMany refuses a recipient that the transaction may not have; otherwise the code
// is 250.
func (s *session) tooMany(rcpt envelope.Recipient) envelope.Verdict {
	limit := s.tx.setup.cfg.Limits.Recipients
	switch {
	case limit > 0 && s.tx.count >= limit:
		return envelope.Refuse(452, [3]int{4, 5, 3}, "too many recipients: send the others in a further transaction")
	case !s.tx.from.UTF8 && !envelope.IsASCII(rcpt.Path):
		return envelope.Refuse(553, [3]int{5, 6, 7}, "an address with non-ASCII characters requires SMTPUTF8")
	}
	return envelope.Verdict{Code: 250}
}

// routeOf returns the route of a recipient, or a refusal.
func (s *session) routeOf(rcpt envelope.Recipient) (*nexthop.Route, envelope.Verdict) {
	route := s.tx.setup.router.routeOf(rcpt.Path)
	switch {
	case route == nil:
		return nil, envelope.Refuse(550, [3]int{5, 4, 4}, "no route in the configuration accepts mail for this domain")
	case s.cfg.Direction == config.Inbound && route.Others:
		return nil, envelope.Refuse(550, [3]int{5, 7, 1}, "relaying denied: listener %q is inbound and accepts mail only for domains that a route names", s.cfg.Name)
	}
	return route, envelope.Verdict{}
}

// accept stores the verdict on a recipient and returns the client's reply.
func (s *session) accept(rcpt smtpd.Recipient, v envelope.Verdict) envelope.Verdict {
	s.tx.note(rcpt.Path, v)
	if v.OK() {
		s.tx.taken = append(s.tx.taken, rcpt.Recipient)
		s.noteLacking(rcpt.Recipient, v)
		return v
	}
	return forClient(v)
}

// OutOfStep implements smtpd.Handler: it ends a transaction for which the client and
// the next hop no longer have the same recipients. The client tries again.
func (s *session) OutOfStep() envelope.Verdict {
	s.server.opt.Log.fault(s.event(func(e *ConnEvent) { e.Why = "replies to recipients out of step, transaction aborted" }))
	if s.tx.hop != nil {
		s.tx.hop.Abort()
	}
	s.tx.hop = abortedHop{}
	return abortedHop{}.Deliver(nil, nil)
}

func (tx *transaction) routeName() string {
	if tx.route == nil {
		return ""
	}
	return tx.route.Name
}
