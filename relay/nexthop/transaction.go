package nexthop

import (
	"context"
	"strings"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// Transaction is one message to one next hop. The order of calls: Envelope once or
// more, then Deliver or Stream, or Abort. Abort may be called at any time, also
// deferred. It is not safe for concurrent use.
type Transaction struct {
	n       *Engine
	route   *Route
	session *Session // whose connections it may use; nil: any
	c       *conn    // nil before Envelope, after the end, and after a failure

	reused   bool // the connection is from the pool, and there was no reply to MAIL yet
	suspect  bool // the reply to MAIL may be to another command
	mailed   bool
	accepted int              // recipients
	data     envelope.Verdict // the next hop's answer to DATA, when that was sent early
	dead     envelope.Verdict // why nothing more can be done, when Code is set
	busy     bool             // between a command and its reply: the connection must not be used again
	profile  string
	greeting string

	lacksUTF8 bool // the header must be ASCII
	lacksDSN  bool // the next hop does not offer DSN

	mailTimeout time.Duration // for the reply to MAIL, while another host can be tried; 0: as configured

	dialogue *Dialogue // nil: nobody wants it
}

// Envelope sends the recipients, after MAIL on the first call, and DATA after them
// when data is set, that is when the client has already sent its own. It returns one
// verdict for each recipient, in order.
//
// The commands are sent in one write when the next hop offers PIPELINING (RFC 2920),
// else one at a time. DATA is not sent where it would save nothing: without
// PIPELINING, and with CHUNKING, where the body needs no 354.
//
// Until the next hop has accepted a recipient, the client has got no reply.
// Therefore a connection from the pool that turns out to be closed is replaced by a
// new one, and when a host replies 4xx to MAIL or closes the connection, the next
// host is tried.
func (t *Transaction) Envelope(ctx context.Context, from envelope.ReversePath, rcpts []envelope.Recipient, data bool) []envelope.Verdict {
	s := &search{n: t.n, route: t.route.forMessage(from), session: t.session}
	t.dialogue = dialogueOf(ctx)
	for {
		if t.dead.Code == 0 && t.c == nil {
			t.begin(ctx, from, s)
		}
		switch {
		case t.dead.Code != 0:
			return repeat(t.dead, len(rcpts))
		case t.data.Code/100 == 3:
			return repeat(envelope.Refuse(503, [3]int{5, 5, 1}, "the next hop already expects the message"), len(rcpts))
		}
		t.data = envelope.Verdict{} // DATA was refused because there was no recipient: it will be sent again
		c, first := t.c, !t.mailed
		verdicts, stale := t.exchange(ctx, from, rcpts, data)
		if first && t.mailed {
			s.noteMailReply(c, t.dead)
		}
		switch {
		case stale && t.reused && ctx.Err() == nil:
			s.dead(c)
		case !first || ctx.Err() != nil || t.accepted > 0 || !t.dead.Temporary() || !s.tryNext(ctx, c, t.dead):
			t.reused = false
			return verdicts
		}
		*t = Transaction{n: t.n, route: t.route, session: t.session, dialogue: t.dialogue}
	}
}

// begin gets a connection to a host that can accept the message.
func (t *Transaction) begin(ctx context.Context, from envelope.ReversePath, s *search) {
	t.c, t.reused, t.dead = s.connect(ctx)
	if t.c == nil {
		return
	}
	t.session.uses(t.c)
	t.dialogue.connected(t.c, t.reused)
	t.mailTimeout = s.mailTimeout(t.c.at, t.reused)
	t.greeting, _, _ = strings.Cut(t.c.seen.greeting, "\n")
	t.profile = fingerprint(t.c.seen.greeting, t.c.seen.ehlo, t.c.seen.keywords)
	t.lacksUTF8, t.lacksDSN = t.c.lacksUTF8(from), !t.c.ext.dsn
	if t.dead = t.c.takes(from); t.dead.Code != 0 {
		t.release()
	}
}

// takes reports whether the next hop's extensions and limits allow the message; the
// verdict has code 0 then.
func (c *conn) takes(from envelope.ReversePath) envelope.Verdict {
	switch {
	case envelope.HasControl(from.Path) || envelope.HasControl(from.Body+from.Ret+from.EnvID):
		return envelope.Refuse(553, [3]int{5, 1, 7}, "the reverse-path or its parameters contain a control character")
	case c.lacksUTF8(from) && !envelope.IsASCII(from.Path) && !(from.ALabels && envelope.IsASCII(envelope.ASCIIPath(from.Path))):
		return c.needsUTF8()
	case c.ext.size > 0 && from.Size > c.ext.size:
		return c.tooLarge(from.Size)
	}
	return envelope.Verdict{}
}

// lacksUTF8 reports that the client declared SMTPUTF8 and the next hop does not
// offer it. Some clients declare it for every message; one whose envelope and header
// are ASCII is sent without it (RFC 6531 §3.2), any other is refused.
func (c *conn) lacksUTF8(from envelope.ReversePath) bool { return from.UTF8 && !c.ext.utf8 }

func (c *conn) needsUTF8() envelope.Verdict {
	return envelope.Refuse(550, [3]int{5, 6, 7}, "next hop %s does not offer SMTPUTF8, which this message requires (RFC 6531 section 3.5)", c.remote)
}

func (c *conn) tooLarge(size int64) envelope.Verdict {
	return envelope.Refuse(552, [3]int{5, 3, 4}, "message of %d octets is larger than the limit of %d of next hop %s", size, c.ext.size, c.remote)
}

// fail closes the connection; all following calls return the same verdict.
func (t *Transaction) fail(v envelope.Verdict) envelope.Verdict {
	t.dead, t.c.unusable = v, true
	return v
}

// release returns the connection to the pool, and records a host that failed after
// it had accepted a recipient: the next message is sent to another one first.
func (t *Transaction) release() {
	c := t.c
	if err := c.failed(); err != nil && t.accepted > 0 {
		t.n.health.lost(c.key, err)
	}
	t.c, t.busy = nil, false
	t.n.pool.put(c, t.n.opt.Now())
}

// Abort ends the transaction. It does not wait for the next hop, and does nothing
// after Deliver. When DATA has been answered, the connection is closed: anything
// else would end the body as a message (RFC 5321 §4.1.1.5).
func (t *Transaction) Abort() {
	if t.c == nil {
		return
	}
	if t.busy || t.data.Code/100 == 3 {
		t.c.unusable = true
	}
	if !t.c.ext.pipelining && t.c.reset {
		t.c.unusable = true // RSET would cost the next message a round trip
	}
	if t.dead.Code == 0 {
		t.dead = envelope.Refuse(503, [3]int{5, 5, 1}, "the transaction was aborted")
	}
	t.release()
}

// Profile returns the receiver's profile: that of the route, else the one that the
// greeting suggests (after Envelope), else "standard".
func (t *Transaction) Profile() string { return t.route.profile(t.profile) }

// Greeting returns the first line of the next hop's greeting, and the profile that
// it suggests or "". It is valid after Envelope.
func (t *Transaction) Greeting() (line, profile string) { return t.greeting, t.profile }

// LacksDSN reports whether the next hop does not offer DSN. It is valid after
// Envelope.
func (t *Transaction) LacksDSN() bool { return t.lacksDSN }

func repeat(v envelope.Verdict, n int) []envelope.Verdict {
	all := make([]envelope.Verdict, n)
	for i := range all {
		all[i] = v
	}
	return all
}
