package nexthop

import (
	"context"

	"github.com/reconvene/reconvene/relay/envelope"
)

// Offers is what a next hop takes in a transaction, for a body that depends on it.
type Offers struct {
	Chunks      bool  // the body is sent by BDAT: every octet unchanged
	EightBit    bool  // 8BITMIME
	ASCIIHeader bool  // the client declared SMTPUTF8, and the next hop does not offer it
	Size        int64 // octets; 0: no limit is known
	Remote      string
}

// Adaptable is a body whose octets depend on what the next hop offers.
type Adaptable interface {
	// Adapt returns the body that is sent; a verdict with a code other than 0 when
	// there is none. The body is used until Deliver returns.
	Adapt(ctx context.Context, o Offers) (envelope.Body, envelope.Verdict)
}

// adapt returns the form of a body for this next hop.
func (t *Transaction) adapt(ctx context.Context, msg envelope.Body) (envelope.Body, envelope.Verdict) {
	a, ok := msg.(Adaptable)
	if !ok {
		return msg, envelope.Verdict{}
	}
	return a.Adapt(ctx, Offers{Chunks: t.byChunks(), EightBit: t.c.ext.eightBit, ASCIIHeader: t.lacksUTF8, Size: t.c.ext.size, Remote: t.c.remote})
}
