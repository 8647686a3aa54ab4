package nexthop

import (
	"context"
	"io"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/spool"
)

// Stream is a message on its way to the next hop while it still arrives. End must
// be called, once: with nil when the message is whole, else with the reason why
// it will not be; the next hop then never sees an end of it.
type Stream interface {
	io.Writer
	End(ctx context.Context, cause error) envelope.Verdict
}

// Streamer is a next hop that takes a message before it is whole.
type Streamer interface {
	// Stream begins the body. It is false when the message has to be collected
	// first; Deliver then takes it, or says why not.
	Stream(ctx context.Context) (Stream, bool)
}

// stream is a body that goes out while it still comes in (Stream). By BDAT each
// piece is a chunk, so that every octet goes as it is; by DATA as ever.
type stream struct {
	t    *Transaction
	w    *bodyWriter
	stop func() bool
	sent int64
	full bool // it is more than the next hop takes
}

var (
	_ Streamer = (*Transaction)(nil)
	_ Stream   = (*stream)(nil)
)

// Stream begins a body whose octets are not known yet. It is false where they would
// have to be known: for a next hop that lacks 8BITMIME or a needed SMTPUTF8, and
// for one that wants each chunk to be answered before the next (no PIPELINING).
// When the next hop refuses, Deliver says so.
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

// End completes the message or gives it up, and returns the next hop's verdict.
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
