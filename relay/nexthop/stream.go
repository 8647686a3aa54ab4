package nexthop

import (
	"context"
	"io"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/spool"
)

// Stream is the body of a message that is sent while it is still being received. End
// must be called once: with nil when the message is complete, else with the reason
// why it never will be; the next hop then gets no end of the message.
type Stream interface {
	io.Writer
	End(ctx context.Context, cause error) envelope.Verdict
}

// Streamer is a next hop to which a message can be sent before it is complete.
type Streamer interface {
	// Stream begins the body. It returns false when the message must be collected
	// first; Deliver then sends it, or returns why it cannot be sent.
	Stream(ctx context.Context) (Stream, bool)
}

// stream is a body that is sent while it is being received (Stream): by BDAT each
// piece as a chunk, by DATA as usual.
type stream struct {
	t    *Transaction
	w    *bodyWriter
	stop func() bool
	sent int64
	full bool // it is larger than the next hop accepts
}

var (
	_ Streamer = (*Transaction)(nil)
	_ Stream   = (*stream)(nil)
)

// Stream begins a body whose octets are not known yet. It returns false where they
// must be known: for a next hop without 8BITMIME or a needed SMTPUTF8, and for one
// with CHUNKING but without PIPELINING, to which each chunk is sent only after the
// reply to the one before. When the next hop refuses the body, Deliver returns that.
func (t *Transaction) Stream(ctx context.Context) (Stream, bool) {
	if t.dead.Code != 0 || t.c == nil || t.accepted == 0 || t.data.Code >= 400 {
		return nil, false
	}
	ext := &t.c.ext
	if !ext.eightBit || t.lacksUTF8 || t.byChunks() && !ext.pipelining {
		return nil, false
	}
	t.busy = true
	stop := t.c.cutOffWhenDone(ctx)
	if v := t.invite(ctx); v.Code != 0 {
		if !stop() {
			t.c.unusable = true
		}
		t.busy = false
		if t.dead.Code == 0 {
			t.data = v
		}
		return nil, false
	}
	return &stream{t: t, w: newStreamWriter(t.c, t.byChunks()), stop: stop}, true
}

// Write implements io.Writer.
func (p *stream) Write(b []byte) (int, error) {
	p.sent += int64(len(b))
	if size := p.t.c.ext.size; size > 0 && p.sent > size {
		p.full = true
		return 0, spool.ErrTooLarge
	}
	return p.w.Write(b)
}

// End completes or aborts the message, and returns the next hop's verdict.
func (p *stream) End(ctx context.Context, cause error) envelope.Verdict {
	t := p.t
	c := t.c
	defer p.w.free()
	cut := !p.stop()
	stop := c.cutOffWhenDone(ctx)
	var v envelope.Verdict
	if p.full {
		p.w.abandon()
		c.unusable = true
		v = c.tooLarge(p.sent)
	} else {
		v = t.complete(ctx, p.w, cause)
	}
	t.busy = false
	if !stop() || cut {
		c.unusable = true
	}
	t.dead = envelope.Refuse(503, [3]int{5, 5, 1}, "the transaction is over")
	t.release()
	return v
}
