package nexthop

import (
	"context"
	"errors"
	"fmt"

	"github.com/reconvene/reconvene/relay/envelope"
)

// Deliver sends the message and returns the next hop's final verdict. It returns 2xx
// only when the next hop replied 2xx after it had the complete message.
//
// The body is sent by BDAT in one chunk where CHUNKING is offered (RFC 3030): no
// round trip for 354, no dot-stuffing, and every octet unchanged. Otherwise it is
// sent by DATA.
func (t *Transaction) Deliver(ctx context.Context, msg envelope.Body) envelope.Verdict {
	switch {
	case t.dead.Code != 0:
		return t.dead
	case t.accepted == 0:
		return t.finishWith(envelope.Refuse(554, [3]int{5, 5, 1}, "no valid recipients"))
	case t.data.Code >= 400:
		return t.finishWith(t.data)
	}
	msg, v := t.adapt(ctx, msg)
	if v.Code != 0 {
		return t.finishWith(v)
	}
	if v := t.c.carries(msg); v.Code != 0 {
		return t.finishWith(v)
	}
	if t.lacksUTF8 && msg.EightBit() && !hasASCIIHeader(msg) {
		return t.finishWith(t.c.needsUTF8())
	}
	t.busy = true
	stop := t.c.cutOffWhenDone(ctx)
	defer stop()
	v = t.transfer(ctx, msg)
	t.busy = false
	if v.Whole && t.c.failed() == nil {
		t.n.health.works(t.c.key)
	}
	if !stop() {
		t.c.unusable = true
	}
	t.dead = envelope.Refuse(503, [3]int{5, 5, 1}, "the transaction is over")
	t.release()
	return v
}

// finishWith ends the transaction with a verdict before the body was begun.
func (t *Transaction) finishWith(v envelope.Verdict) envelope.Verdict {
	t.Abort()
	return v
}

// carries reports whether the next hop can accept this message; the verdict has code
// 0 then.
func (c *conn) carries(msg envelope.Body) envelope.Verdict {
	switch {
	case c.ext.size > 0 && msg.Size() > c.ext.size:
		return c.tooLarge(msg.Size())
	case msg.EightBit() && !c.ext.eightBit:
		return envelope.Refuse(554, [3]int{5, 6, 3}, "the message has 8-bit octets and next hop %s does not offer 8BITMIME: enable it there, or set hide_extensions = [\"8BITMIME\"] on the listener of Reconvene, so that the client sends quoted-printable or base64", c.remote)
	}
	return envelope.Verdict{}
}

// hasASCIIHeader reports whether the header of a message is ASCII. When reading
// fails, the transfer fails, too, and returns the error.
func hasASCIIHeader(msg envelope.Body) bool {
	var h headerOctets
	_, _ = msg.WriteTo(&h)
	return !h.eightBit
}

// headerOctets reads a message up to the empty line after its header.
type headerOctets struct {
	last     [4]byte
	eightBit bool
}

var errHeaderEnds = errors.New("the header ends here")

func (h *headerOctets) Write(p []byte) (int, error) {
	for i, c := range p {
		h.last = [4]byte{h.last[1], h.last[2], h.last[3], c}
		h.eightBit = h.eightBit || c >= 0x80
		if h.last == [4]byte{'\r', '\n', '\r', '\n'} {
			return i + 1, errHeaderEnds
		}
	}
	return len(p), nil
}

// transfer sends DATA, if it was not sent before, and the body.
func (t *Transaction) transfer(ctx context.Context, msg envelope.Body) envelope.Verdict {
	c := t.c
	if v := t.invite(ctx); v.Code != 0 {
		return v
	}
	w := newBodyWriter(c, t.byChunks(), msg.Size())
	defer w.free()
	_, err := msg.WriteTo(w)
	return t.complete(ctx, w, err)
}

// byChunks reports whether the body is sent by BDAT.
func (t *Transaction) byChunks() bool { return t.c.ext.chunking && t.data.Code == 0 }

// invite gets the next hop to accept a body; the verdict has code 0 when it does.
func (t *Transaction) invite(ctx context.Context) envelope.Verdict {
	c := t.c
	if !t.byChunks() && t.data.Code == 0 {
		r, err := c.ask(c.wait.data, "DATA")
		t.dialogue.add(exchanged{said: "> DATA", reply: r, err: err})
		switch {
		case err != nil:
			return t.fail(c.lost(ctx, "DATA", err))
		case r.code >= 400:
			return r.verdict(c.remote)
		case r.code/100 != 3:
			return t.fail(c.lost(ctx, "DATA", fmt.Errorf("%w: %s", errReply, r.words())))
		}
	}
	if t.byChunks() && t.failOnUnsolicited(ctx, "rest") || !t.byChunks() && t.refusedEarly(ctx) {
		return t.dead
	}
	return envelope.Verdict{}
}

// complete completes a body and returns the verdict on it; err is why it cannot be
// completed.
func (t *Transaction) complete(ctx context.Context, w *bodyWriter, err error) envelope.Verdict {
	c := t.c
	if err == nil {
		err = w.finish()
	}
	if err != nil || w.err != nil {
		return t.unsent(ctx, w, err)
	}
	r, err := w.reply()
	t.dialogue.add(exchanged{said: "> (the message)", reply: r, err: err})
	switch {
	case err != nil:
		v := c.lost(ctx, "the end of the message", err)
		v.Text = append([]string{"the message was sent but its receipt was not confirmed: a second copy is possible (RFC 1047)"}, v.Text...)
		return t.fail(v)
	case r.code < 400 && r.code/100 != 2:
		return t.fail(c.lost(ctx, "the end of the message", fmt.Errorf("%w: %s", errReply, r.words())))
	}
	v := r.verdict(c.remote)
	v.Whole = true
	if w.bdat && r.code >= 500 && r.code <= 504 {
		// It offers CHUNKING and does not know BDAT: it reads the body as commands.
		c.unusable = true
	}
	c.reset = !v.OK() && (w.bdat || c.ext.pipelining) // RFC 3030 §2: after a refused chunk only RSET helps
	c.replies.last = r
	v = t.surplus(ctx, v)
	if v.OK() && !c.unusable && c.replies.suspectVerdict(r, w) {
		return t.confirmVerdict(ctx, v)
	}
	return v
}

// unsent is the verdict on a body that was not sent completely. The connection is
// closed: only that shows the next hop that there is no message.
func (t *Transaction) unsent(ctx context.Context, w *bodyWriter, err error) envelope.Verdict {
	c := t.c
	c.unusable = true
	var content *contentError
	switch {
	case errors.As(err, &content):
		w.abandon()
		return envelope.Refuse(554, [3]int{5, 6, 11}, "the message has %s, and next hop %s does not offer CHUNKING, which is required to forward it safely and unchanged",
			content.what, c.remote).Because(err)
	case w.err == nil:
		w.abandon()
		return envelope.Refuse(451, [3]int{4, 3, 0}, "the message could not be read again: local error, see the log").Because(err)
	}
	r, replyErr := w.earlyReply()
	t.dialogue.add(exchanged{said: "> (a part of the message)", reply: r, err: replyErr})
	switch {
	case replyErr != nil:
		return c.lost(ctx, "the message", w.err)
	case r.code < 400:
		return c.lost(ctx, "the message", fmt.Errorf("%w: %s before the end of the message", errReply, r.words()))
	}
	return r.verdict(c.remote)
}
