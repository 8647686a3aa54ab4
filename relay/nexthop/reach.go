package nexthop

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/reconvene/reconvene/relay/resolver"
)

// HostState reports whether one address of a route's hosts could accept mail now.
type HostState struct {
	Host string // as it is named in the log
	Took time.Duration
	Err  error // why it could not; nil when it could
}

func (h HostState) String() string {
	if h.Err == nil {
		return fmt.Sprintf("%s: good, after %v", h.Host, h.Took.Round(time.Millisecond))
	}
	return fmt.Sprintf("%s: %v, after %v", h.Host, h.Err, h.Took.Round(time.Millisecond))
}

const (
	// reachTimeout is how long a host may be silent after another one of the route
	// was found to work. All hosts are tried at the same time.
	reachTimeout = 5 * time.Second
	// reachMost is how long they may take as long as none works: a slow host accepts
	// mail, too.
	reachMost = 30 * time.Second
	// MaxReach is the longest time that Reach takes: for looking names up, and then
	// for the hosts.
	MaxReach = directoryTimeout + reachMost
)

// Reach opens a connection to each address of a route's hosts as for a delivery, up
// to TLS and authentication. A host that failed in a delivery and has not worked
// since is also sent MAIL, since it may accept connections but no mail; when it
// replies, its failure is forgotten. The observer is not called: these connections
// carry no mail.
func (n *Engine) Reach(ctx context.Context, r *Route) []HostState {
	if r.PerDomain() {
		return []HostState{n.reachDNS(ctx)} // whom to connect to is known only with a recipient
	}
	ctx, enough := context.WithTimeout(ctx, min(n.wait.host, reachMost))
	defer enough()
	targets := n.targets(ctx, r)
	states := make([]HostState, len(targets))
	var p reachWait
	var all sync.WaitGroup
	for i, t := range targets {
		ctx, w := p.add(ctx)
		all.Go(func() {
			defer w.end()
			start := time.Now()
			c, err := n.reach(ctx, r, t, w.replied)
			states[i] = HostState{Host: t.name(), Took: time.Since(start), Err: err}
			if err == nil {
				p.enough()
			}
			if c != nil {
				c.close()
			}
		})
	}
	all.Wait()
	return states
}

// reach tries one host. The caller closes the connection, unless it is nil.
func (n *Engine) reach(ctx context.Context, r *Route, t target, heard func()) (*conn, error) {
	c, err := n.ready(ctx, r, t, attempt{unencrypted: func(Event) {}, replied: heard})
	if err != nil || n.health.lastFailure(c.key) == nil {
		return c, err
	}
	if err := c.takesMail(ctx); err != nil {
		return c, err
	}
	n.health.answeredMail(c.key)
	return c, nil
}

// reachWait ends the wait for hosts that do not reply, once another host works.
type reachWait struct {
	mu    sync.Mutex
	good  bool
	hosts []*awaited
}

// awaited is one host that is being tried.
type awaited struct {
	p      *reachWait
	silent bool // for reachTimeout
	timer  *time.Timer
	giveUp context.CancelFunc
}

// add begins the wait for a host; it ends with the returned context.
func (p *reachWait) add(ctx context.Context) (context.Context, *awaited) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := &awaited{p: p}
	ctx, w.giveUp = context.WithCancel(ctx)
	w.timer = time.AfterFunc(reachTimeout, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if w.silent = true; p.good {
			w.giveUp()
		}
	})
	p.hosts = append(p.hosts, w)
	return ctx, w
}

// enough records that a host works.
func (p *reachWait) enough() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.good = true
	for _, w := range p.hosts {
		if w.silent {
			w.giveUp()
		}
	}
}

// replied records a reply of the host.
func (w *awaited) replied() {
	w.p.mu.Lock()
	defer w.p.mu.Unlock()
	w.silent = false
	w.timer.Reset(reachTimeout)
}

func (w *awaited) end() {
	w.timer.Stop()
	w.giveUp()
}

// reachDNS reports whether mail exchangers could be looked up now: it asks for those of
// our own name, whatever the answer. A server that cannot look up this name may be able
// to look up others.
func (n *Engine) reachDNS(ctx context.Context) HostState {
	ctx, cancel := context.WithTimeout(ctx, directoryTimeout)
	defer cancel()
	start := time.Now()
	_, err := n.directory.dns.LookupMX(ctx, n.opt.Hostname)
	if refused := (resolver.RefusedError{}); isNotFound(err) || errors.As(err, &refused) {
		err = nil
	}
	if err != nil {
		err = &hostError{step: "dns", enhanced: [3]int{4, 4, 3}, err: lookUpError(n.opt.Hostname, err)}
	}
	return HostState{Host: "the DNS", Took: time.Since(start), Err: err}
}
