package nexthop

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/peek"
)

// errUnsolicited is a reply to no command. It is then not known which reply belongs
// to which command, so that none is passed on: neither as a success nor as a
// permanent refusal.
var errUnsolicited = errors.New("replies out of step")

// waiting returns what the next hop has sent that was not read: in the buffer, on
// the socket, and in a TLS record there. It does not wait and consumes nothing. No
// other goroutine may read meanwhile.
func (c *conn) waiting() peek.Waiting {
	switch {
	case c.br.Buffered() > 0:
		return peek.Input
	case c.below == nil:
		return peek.At(c.nc)
	}
	// Below TLS there may be data other than a reply, such as a session ticket.
	c.setReadTimeout(finalReplyTimeout)
	c.below.peeking = true
	_, err := c.br.Peek(1)
	c.below.peeking = false
	switch {
	case err == nil:
		return peek.Input
	case isTimeout(err):
		return peek.Nothing
	}
	return peek.End
}

// unsolicited reads a reply to no command; the error is nil when there is none. The
// connection must not be used after an error.
func (c *conn) unsolicited() (reply, error) {
	if c.unusable || c.waiting() != peek.Input {
		return reply{}, nil // the next use of a closed connection fails
	}
	r, err := c.receive(finalReplyTimeout)
	c.unusable = true
	if err != nil {
		return reply{}, fmt.Errorf("%w (%w)", errUnsolicited, err)
	}
	return r, fmt.Errorf("%w: unexpected %s", errUnsolicited, r.words())
}

// failOnUnsolicited ends the transaction when there is an unsolicited reply, and
// reports whether there was one.
func (t *Transaction) failOnUnsolicited(ctx context.Context, step string) bool {
	_, err := t.c.unsolicited()
	if err == nil {
		return false
	}
	t.fail(t.c.lost(ctx, step, err))
	return true
}

// refusedEarly is failOnUnsolicited after 354. There a refusal is the reply to the
// body, before it was sent.
func (t *Transaction) refusedEarly(ctx context.Context) bool {
	r, err := t.c.unsolicited()
	switch {
	case err == nil:
		return false
	case r.code >= 400:
		t.fail(r.verdict(t.c.remote))
	default:
		t.fail(t.c.lost(ctx, "DATA", err))
	}
	return true
}

// surplus returns the verdict on a message after whose reply there is another one.
// When both replies have the same result, or one is a success and the other
// announces the end of the connection, that is the verdict, whichever of them is
// about this message. Otherwise the result is not known.
func (t *Transaction) surplus(ctx context.Context, v envelope.Verdict) envelope.Verdict {
	r, err := t.c.unsolicited()
	if r.isMessageLimit() {
		t.n.capacity.learnMessageLimit(t.c.at.host, t.c.uses+1)
	}
	if err == nil || r.code/100 == v.Code/100 || v.OK() && (r.code == 421 || r.code == 0) {
		return v
	}
	return t.fail(t.c.lost(ctx, "the end of the message", fmt.Errorf("%w, after %s", err, v.Error())))
}

// mailReplies stores what a connection's replies to MAIL look like. A surplus reply
// that was on its way when MAIL was sent mostly differs from them.
type mailReplies struct {
	first reply // to MAIL, of all of this connection
	last  reply // to the last command of the transaction before
	rcpt  reply // to the last recipient that was accepted
}

// suspect reports whether a positive reply to MAIL on a connection that has carried
// a message differs from the first one.
func (m *mailReplies) suspect(r reply) bool {
	if m.first.code == 0 {
		m.first = r
		return false
	}
	return r.enhanced != m.first.enhanced || r.words() != m.first.words() && r.words() == m.last.words()
}

// suspectVerdict reports whether a reply that accepts a message resembles one to an
// address (RFC 3463 §3.2) or, by BDAT, to the last recipient or to the chunk before
// the last: it may be a surplus one. By DATA a surplus reply would mostly have been
// read in place of the 354, so that servers with one text for all replies are not
// suspect there.
func (m *mailReplies) suspectVerdict(r reply, w *bodyWriter) bool {
	switch {
	case r.code/100 != 2:
		return false
	case r.enhanced[0] != 0 && r.enhanced[1] == 1:
		return true
	case !w.bdat:
		return false
	}
	chunk := w.chunkReply()
	return r.words() == m.rcpt.words() || chunk.code != 0 && withoutDigits(r.words()) == withoutDigits(chunk.words())
}

// withoutDigits returns a reply without the sizes in it.
func withoutDigits(words string) string {
	return strings.Map(func(c rune) rune {
		if '0' <= c && c <= '9' {
			return -1
		}
		return c
	}, words)
}

// confirmVerdict checks a suspect verdict on a message: it is valid when no reply is
// outstanding after it.
func (t *Transaction) confirmVerdict(ctx context.Context, v envelope.Verdict) envelope.Verdict {
	if err := t.c.outOfStep(); err != nil {
		return t.fail(t.c.lost(ctx, "the end of the message", fmt.Errorf("%w, behind %s", err, v.Error())))
	}
	return v
}

// confirmMail checks a suspect reply to MAIL. When no reply is outstanding, stale is
// true and the envelope may be sent on a new connection.
func (t *Transaction) confirmMail(ctx context.Context) (stale bool) {
	err := t.c.outOfStep()
	if err == nil {
		t.fail(envelope.Refuse(451, [3]int{4, 4, 2}, "connection to next hop %s closed", t.c.remote))
		return true
	}
	t.fail(t.c.lost(ctx, "MAIL", err))
	return false
}

// outOfStep sends QUIT and returns an error when more than its reply is outstanding.
// The code of the reply to QUIT belongs to no other command (RFC 5321 §4.3.2).
func (c *conn) outOfStep() error {
	r, err := c.ask(c.wait.connect, "QUIT")
	c.unusable = true
	if err != nil && !errors.Is(err, errReply) && !errors.Is(err, errUnsolicited) || r.code == 221 || r.code == 421 {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("%w: %s to QUIT", errUnsolicited, r.words())
	}
	return err
}
