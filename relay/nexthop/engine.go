package nexthop

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/tlspolicy"
)

// Options is what an Engine needs.
type Options struct {
	Hostname string         // our name in EHLO
	Limits   config.Limits  // the pool_… keys
	Bounds   config.NextHop // timeouts and the number of connections
	Dial     func(ctx context.Context, network, address string) (net.Conn, error)
	DNS      HostResolver // nil: net.DefaultResolver
	// Self reports whether a host, or the address if it is valid, is this server.
	Self     func(host string, addr netip.AddrPort) bool
	Now      func() time.Time
	Observer Observer               // nil: events are ignored
	STS      STSPolicies            // nil: none are known
	Results  func(tlspolicy.Result) // of routes with a policy; nil: ignored
}

// Engine is the client side of the relay. It keeps idle connections between
// transactions, remembers for a while which hosts failed, and limits the connections
// to each host. It is safe for concurrent use.
type Engine struct {
	opt       Options
	wait      timeouts
	pool      *pool
	directory *directory
	health    *health
	capacity  *capacity
	turn      atomic.Uint32 // of via_policy = "share"

	mu      sync.Mutex
	resumes map[hostKey]tls.ClientSessionCache
}

// New makes an engine. Close must be called at its end.
func New(opt Options) *Engine {
	if opt.Dial == nil {
		opt.Dial = (&net.Dialer{}).DialContext
	}
	if opt.DNS == nil {
		opt.DNS = net.DefaultResolver
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Observer == nil {
		opt.Observer = unobserved{}
	}
	n := &Engine{
		opt:       opt,
		wait:      newTimeouts(opt.Bounds),
		directory: &directory{dns: opt.DNS, now: opt.Now, self: opt.Self},
		health:    &health{now: opt.Now},
		capacity:  &capacity{most: opt.Bounds.MaxConnections, now: opt.Now},
		resumes:   make(map[hostKey]tls.ClientSessionCache),
	}
	n.pool = newPool(opt.Limits, opt.Observer.Closed)
	n.pool.capacity = n.capacity
	return n
}

// Close closes the idle connections. Running transactions complete and close theirs.
func (n *Engine) Close() { n.pool.close() }

// Begin starts a transaction that may use any idle connection. It does no I/O.
func (n *Engine) Begin(r *Route) *Transaction { return &Transaction{n: n, route: r} }

// sessions returns the TLS session cache of one host on one kind of route: a TLS
// session that was set up without a check must not be resumed on a route that
// requires one.
func (n *Engine) sessions(key hostKey) tls.ClientSessionCache {
	n.mu.Lock()
	defer n.mu.Unlock()
	cache := n.resumes[key]
	if cache == nil {
		if len(n.resumes) >= maxRemembered {
			clear(n.resumes)
		}
		cache = tls.NewLRUClientSessionCache(4)
		n.resumes[key] = cache
	}
	return cache
}

// unreachable is the verdict when no host of a route can be used: one line for each
// host, the last one with a reason (some clients show only that one).
func unreachable(r *Route, failures []error) envelope.Verdict {
	if v := r.undeliverable(failures); v.Code != 0 {
		return v
	}
	v := envelope.Refuse(451, [3]int{4, 4, 1}, "no next hop of route %q is available now", r.Name).Because(errors.Join(failures...))
	if len(failures) == 0 {
		v.Text = append(v.Text, "the route has no via")
	}
	for _, err := range failures {
		v.Text = append(v.Text, envelope.CleanText([]byte(err.Error())))
		if failed := (*hostError)(nil); errors.As(err, &failed) {
			v.Enhanced = failed.enhanced
		}
	}
	return v
}

// givenUp is the verdict when the time was over, or the client disconnected, before
// a host was ready.
func givenUp(ctx context.Context, host string, failures []error) envelope.Verdict {
	v := envelope.Refuse(451, [3]int{4, 4, 1}, "stopped before next hop %s was ready: %s", host, whyEnded(ctx))
	for _, err := range failures {
		v.Text = append(v.Text, envelope.CleanText([]byte(err.Error())))
	}
	return v.Because(errors.Join(append([]error{ctx.Err()}, failures...)...))
}
