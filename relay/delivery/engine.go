package delivery

import (
	"context"
	"net"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/spool"
	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// Options is what an Engine needs. All fields are optional.
type Options struct {
	Rewrite func(rewrite.Source, rewrite.Options) (rewrite.Result, error) // nil: rewrite.Message
	Scan    func() Scan                                                   // nil: rewrite.NewScanner
	Now     func() time.Time                                              // nil: time.Now
	DNS     Resolver                                                      // for the keys of signatures; nil: net.DefaultResolver
	Metrics Metrics                                                       // nil counts nothing

	// Memory returns what is known of earlier messages, for the repair of this one;
	// nil, or a nil result: nothing.
	Memory func(inbound bool, recipients []string) remedy.Memory
	// Profile returns the profile that is stored for a domain, or "". It is called
	// where the route does not set one. nil: none is stored.
	Profile func(domain string) string
	// Keep returns what is stored of invitations after the delivery; nil, or a nil
	// result: nothing is.
	Keep  func() *rewrite.KeepOptions
	Forms FormMemory // nil stores forms for an hour, and none of a meeting
}

// Metrics counts deliveries. Its methods may be called from many goroutines.
type Metrics interface {
	// Fallback counts a form that was to be tried, and the result: the class of the
	// verdict, [NoSuchForm] or [GivenUp].
	Fallback(form, result string)
	// Rewriting counts the time that the rewriter took for one form of a message.
	Rewriting(time.Duration)
	// Signing counts a form of a message that was signed, or that was sent without
	// the signature that it should have.
	Signing(done bool)
}

// Results of a fallback that are no class of a verdict.
const (
	NoSuchForm = "no-such-form" // the message has no such form
	GivenUp    = "given-up"     // the next hop did not accept the envelope again
)

// noMetrics counts nothing.
type noMetrics struct{}

// Fallback counts a form and its result: the class of the verdict, [NoSuchForm] or
// [GivenUp].
func (noMetrics) Fallback(string, string) {}

// Rewriting records the time that the rewriter took for one form of a message.
func (noMetrics) Rewriting(time.Duration) {}

// Signing counts signatures.
func (noMetrics) Signing(bool) {}

// Engine has what all messages share. It is safe for concurrent use.
type Engine struct {
	opt        Options
	formMemory formMemory
	budget     *budget      // of what is being rewritten
	bodies     spool.Memory // stored in memory
}

// New returns an engine that may use memory octets for repairs, and in addition an
// eighth of that for bodies.
func New(memory int64, opt Options) *Engine {
	if opt.Rewrite == nil {
		opt.Rewrite = rewrite.Message
	}
	if opt.Scan == nil {
		opt.Scan = func() Scan { return rewrite.NewScanner(rewrite.Limits{}) }
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.DNS == nil {
		opt.DNS = net.DefaultResolver
	}
	if opt.Metrics == nil {
		opt.Metrics = noMetrics{}
	}
	e := &Engine{opt: opt, budget: newBudget(memory)}
	e.bodies.Resize(memory / bodyShare)
	return e
}

// bodyShare is the fraction of the memory for repairs that bodies may use in
// addition; further ones are stored in files.
const bodyShare = 8

// Resize changes the memory. Running deliveries are not interrupted.
func (e *Engine) Resize(memory int64) {
	e.budget.resize(memory)
	e.bodies.Resize(memory / bodyShare)
}

// Hop is a transaction with a next hop whose recipients are accepted, or, from
// [Caller.Again], one that has just begun; *nexthop.Transaction implements it.
type Hop interface {
	Envelope(ctx context.Context, from envelope.ReversePath, rcpts []envelope.Recipient, data bool) []envelope.Verdict
	Deliver(ctx context.Context, msg envelope.Body) envelope.Verdict
	Profile() string // of the route, or suggested by the greeting
	Abort()
}
