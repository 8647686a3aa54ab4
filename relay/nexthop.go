package relay

import (
	"context"
	"net"
	"time"

	"github.com/reconvene/reconvene/config"
)

// NextHopOptions is what the engine needs from outside.
type NextHopOptions struct {
	Hostname string        // our name in EHLO
	Limits   config.Limits // connect_timeout and the pool_… keys
	Dial     func(ctx context.Context, network, address string) (net.Conn, error)
	Now      func() time.Time
	Log      *MailLog // nil says nothing
	Metrics  *Metrics // nil counts nothing
}

// NextHop is the client side of the relay.
type NextHop struct {
	opt NextHopOptions
}

// NewNextHop makes an engine. Close ends it.
func NewNextHop(opt NextHopOptions) *NextHop { return &NextHop{opt: opt} }

// Close closes idle connections; transactions that run finish first.
func (n *NextHop) Close() {}

// Begin starts a transaction. It does no I/O.
func (n *NextHop) Begin(r *Route) *Transaction { return &Transaction{n: n, route: r} }

// Transaction is one message on its way to one next hop. The order of calls:
// Envelope once or more, then Deliver or Abort. It is not for concurrent use.
type Transaction struct {
	n     *NextHop
	route *Route
}

// Envelope sends the recipients, with MAIL FROM in front on the first call and
// with DATA behind when data is set: the client has already sent its own. It
// returns one verdict for each recipient, in order.
func (t *Transaction) Envelope(ctx context.Context, from ReversePath, rcpts []Recipient, data bool) []Verdict {
	v := make([]Verdict, len(rcpts))
	for i := range v {
		v[i] = refuse(451, [3]int{4, 3, 5}, "no next hop")
	}
	return v
}

// Deliver sends the message and returns the next hop's final verdict.
func (t *Transaction) Deliver(ctx context.Context, msg Outgoing) Verdict {
	return refuse(451, [3]int{4, 3, 5}, "no next hop")
}

// Profile is the receiver's profile: the route's own, else what the greeting
// suggests (after Envelope), else "standard".
func (t *Transaction) Profile() string { return "standard" }

// Abort gives the transaction up. It does not wait for the next hop, and does
// nothing after Deliver.
func (t *Transaction) Abort() {}
