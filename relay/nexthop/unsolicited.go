package nexthop

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/peek"
)

// errUnsolicited is a reply that nobody asked for. Nobody can tell any more which reply
// belongs to which command, so that none is passed on: not as a success, and not
// as a permanent refusal either.
var errUnsolicited = errors.New("replies out of step")

// waiting says what the next hop has sent that was not read yet: in the buffer,
// on the socket, and in a TLS record that waits there. It does not wait, and takes
// nothing. Nobody else may read meanwhile.
func (c *conn) waiting() peek.Waiting {
	switch {
	case c.br.Buffered() > 0:
		return peek.Input
	case c.below == nil:
		return peek.At(c.nc)
	}
	// Below TLS there may be what is no reply, such as a session ticket.
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

// unsolicited reads a reply that nobody asked for; the error is nil when there is none.
// The connection is of no further use then.
func (c *conn) unsolicited() (reply, error) {
	if c.unusable || c.waiting() != peek.Input {
		return reply{}, nil // a connection that was closed fails by itself
	}
	r, err := c.receive(finalReplyTimeout)
	c.unusable = true
	if err != nil {
		return reply{}, fmt.Errorf("%w (%w)", errUnsolicited, err)
	}
	return r, fmt.Errorf("%w: unexpected %s", errUnsolicited, r.words())
}

// failOnUnsolicited gives the transaction up when there is a stray reply.
func (t *Transaction) failOnUnsolicited(ctx context.Context, step string) bool {
	_, err := t.c.unsolicited()
	if err == nil {
		return false
	}
	t.fail(t.c.lost(ctx, step, err))
	return true
}

// refusedEarly is unasked behind 354. There a refusal is the answer to the body,
// before it was sent.
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

// surplus is the verdict on a message behind whose reply another one waits. When
// both say the same, or one that it was taken and the other good-bye, that is so
// whichever of them is about this message. Else nothing is known.
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

// mailReplies is what a connection's replies to MAIL look like. A reply too many
// that was on its way when MAIL was sent looks like another one, mostly.
type mailReplies struct {
	first reply // to MAIL, of all of this connection
	last  reply // to the last command of the transaction before
	rcpt  reply // to the last recipient that was taken
}

// suspect says that a positive reply to MAIL on a connection that has carried a
// message is unlike the first one.
func (m *mailReplies) suspect(r reply) bool {
	if m.first.code == 0 {
		m.first = r
		return false
	}
	return r.enhanced != m.first.enhanced || r.words() != m.first.words() && r.words() == m.last.words()
}

// suspectVerdict reports whether a reply that takes a message looks like one to an
// address (RFC 3463 §3.2) or, by BDAT, to the last recipient or to a chunk before the
// last: it may have been one too many. Behind DATA that would mostly have stood in the
// place of the 354, so that servers with the same words for all need no doubt there.
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

// withoutDigits is a reply without the sizes in it.
func withoutDigits(words string) string {
	return strings.Map(func(c rune) rune {
		if '0' <= c && c <= '9' {
			return -1
		}
		return c
	}, words)
}

// confirmVerdict finds out what an odd verdict on a message was: it holds when no reply
// is owed behind it.
func (t *Transaction) confirmVerdict(ctx context.Context, v envelope.Verdict) envelope.Verdict {
	if err := t.c.outOfStep(); err != nil {
		return t.fail(t.c.lost(ctx, "the end of the message", fmt.Errorf("%w, behind %s", err, v.Error())))
	}
	return v
}

// confirmMail finds out what an odd reply to MAIL was: when the connection is in step
// after all, the envelope may go to a new one.
func (t *Transaction) confirmMail(ctx context.Context) (stale bool) {
	err := t.c.outOfStep()
	if err == nil {
		t.fail(envelope.Refuse(451, [3]int{4, 4, 2}, "connection to next hop %s closed", t.c.remote))
		return true
	}
	t.fail(t.c.lost(ctx, "MAIL", err))
	return false
}

// outOfStep finds out whether a connection owes more replies than one. QUIT has
// the only reply that no other command has (RFC 5321 §4.3.2).
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
