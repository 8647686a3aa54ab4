package relay

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
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

	offers *offers // what the hosts are known to offer; nil remembers nothing
}

// NextHop is the client side of the relay. It keeps idle connections between
// transactions and remembers for a while which hosts did not work. It is safe
// for concurrent use.
type NextHop struct {
	opt  NextHopOptions
	wait timeouts
	pool *pool

	mu      sync.Mutex
	failed  map[hopKey]time.Time // when a host could not be used
	resumes map[hopKey]tls.ClientSessionCache
}

// failureMemory is how long a host that could not be used comes after the others
// in via. It is never left out: when all fail they are all tried.
const failureMemory = 30 * time.Second

// maxRemembered bounds what is remembered of hosts over many reloads.
const maxRemembered = 1024

// NewNextHop makes an engine. Close ends it.
func NewNextHop(opt NextHopOptions) *NextHop {
	if opt.Dial == nil {
		opt.Dial = (&net.Dialer{}).DialContext
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	n := &NextHop{
		opt:     opt,
		wait:    rfcTimeouts(),
		failed:  make(map[hopKey]time.Time),
		resumes: make(map[hopKey]tls.ClientSessionCache),
	}
	if opt.Limits.ConnectTimeout > 0 {
		n.wait.connect = opt.Limits.ConnectTimeout
	}
	n.pool = newPool(opt.Limits, opt.Metrics.HopDown)
	return n
}

// Close closes idle connections; transactions that run finish first and close
// theirs.
func (n *NextHop) Close() { n.pool.close() }

// Begin starts a transaction. It does no I/O.
func (n *NextHop) Begin(r *Route) *Transaction { return &Transaction{n: n, route: r} }

// connect returns an idle connection or a new one. Hosts are tried in the order
// of via, those that failed lately last. When fresh is set no idle one is used.
// The verdict says why none could be had.
func (n *NextHop) connect(ctx context.Context, r *Route, fresh bool) (c *hopConn, reused bool, v Verdict) {
	hosts := n.order(r)
	if !fresh {
		for _, via := range hosts {
			if c := n.pool.get(r.key(via), n.opt.Now()); c != nil {
				n.opt.Metrics.HopReused()
				return c, true, Verdict{}
			}
			if !n.failing(r.key(via)) {
				break // a better host that has no idle connection comes first
			}
		}
	}
	var failures []error
	for _, via := range hosts {
		c, err := n.open(ctx, r, via)
		n.remember(r.key(via), err)
		if err == nil {
			return c, false, Verdict{}
		}
		if ctx.Err() != nil {
			return nil, false, refuse(451, [3]int{4, 4, 1}, "given up before next hop %s was ready: the client went away or the time was up", via).because(ctx.Err())
		}
		failures = append(failures, fmt.Errorf("%s: %w", via, err))
	}
	return nil, false, unreachable(r, failures)
}

// unreachable is the verdict when no host of a route can be used: one line a
// host, so that the last line says why (some clients show only that one).
func unreachable(r *Route, failures []error) Verdict {
	v := refuse(451, [3]int{4, 4, 1}, "no next hop of route %q can be used now", r.Name).because(errors.Join(failures...))
	if len(failures) == 0 {
		v.Text = append(v.Text, "the route has no via")
	}
	for _, err := range failures {
		v.Text = append(v.Text, cleanText([]byte(err.Error())))
		if failed := (*hopError)(nil); errors.As(err, &failed) {
			v.Enhanced = failed.enhanced
		}
	}
	return v
}

// order is via with the hosts that failed lately at the end.
func (n *NextHop) order(r *Route) []string {
	if len(r.Via) < 2 {
		return r.Via
	}
	var good, bad []string
	for _, via := range r.Via {
		if n.failing(r.key(via)) {
			bad = append(bad, via)
		} else {
			good = append(good, via)
		}
	}
	return append(good, bad...)
}

func (n *NextHop) failing(key hopKey) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	at, ok := n.failed[key]
	return ok && n.opt.Now().Sub(at) < failureMemory
}

func (n *NextHop) remember(key hopKey, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err == nil {
		delete(n.failed, key)
		return
	}
	if len(n.failed) >= maxRemembered {
		clear(n.failed)
	}
	n.failed[key] = n.opt.Now()
}

// sessions is the TLS session cache of one host on one kind of route: a session
// that was set up without a check must not serve a route that wants one.
func (n *NextHop) sessions(key hopKey) tls.ClientSessionCache {
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
