package nexthop

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
)

// search finds a host that accepts one envelope. It ends when the client gets a
// reply: until then the next host can be tried.
type search struct {
	n       *Engine
	route   *Route
	session *Session // whose idle connections it may use; nil: any

	targets  []target
	fresh    bool                 // no idle connection: one turned out to be closed
	again    bool                 // a new connection was ended by a 421 about itself
	tried    map[hostKey]bool     // not again
	started  map[string]time.Time // by entry of via: its first try
	full     []target             // those at their limit of connections
	woken    string               // a host to which a connection became free for us
	failures []error              // one for each target that failed
	refused  envelope.Verdict     // a host's reply to MAIL
}

// begin sorts the targets once, those that work first.
func (s *search) begin(ctx context.Context) {
	if s.tried != nil {
		return
	}
	s.tried, s.started = make(map[hostKey]bool), make(map[string]time.Time)
	s.targets = s.n.targets(ctx, s.route)
	if len(s.targets) < 2 {
		return
	}
	if s.route.Policy == config.ViaShare {
		s.sortByLoad()
	}
	slices.SortStableFunc(s.targets, func(a, b target) int {
		return cmp.Compare(s.rank(a), s.rank(b))
	})
}

// rank is 0 for targets that are tried first.
func (s *search) rank(t target) int {
	switch {
	case t.err != nil:
		return 2
	case s.n.health.inBackoff(s.route.key(t)):
		return 1
	}
	return 0
}

// sortByLoad puts the targets with the fewest connections first, equal ones in
// rotation.
func (s *search) sortByLoad() {
	turn := int(s.n.turn.Add(1)) % len(s.targets)
	s.targets = slices.Concat(s.targets[turn:], s.targets[:turn])
	open := make(map[string]int, len(s.targets))
	for _, t := range s.targets {
		open[t.addr] = s.n.capacity.open(t)
	}
	slices.SortStableFunc(s.targets, func(a, b target) int { return cmp.Compare(open[a.addr], open[b.addr]) })
}

// connect returns a connection that is ready for MAIL, an idle one where that is
// allowed. The verdict is the reason when there is none.
func (s *search) connect(ctx context.Context) (c *conn, reused bool, v envelope.Verdict) {
	s.begin(ctx)
	defer func() {
		if s.woken != "" && (c == nil || c.at.host != s.woken) {
			s.n.capacity.freed(s.woken) // not needed: wake the next search
		}
	}()
	if !s.fresh {
		if c := s.idle(); c != nil {
			return c, true, envelope.Verdict{}
		}
	}
	for {
		s.full = s.full[:0]
		for _, t := range s.targets {
			if s.tried[s.route.key(t)] {
				continue
			}
			if c := s.open(ctx, t); c != nil {
				return c, false, envelope.Verdict{}
			}
			if ctx.Err() != nil {
				return nil, false, givenUp(ctx, t.host, s.failures)
			}
		}
		if len(s.full) == 0 {
			return nil, false, s.verdict()
		}
		if c := s.await(ctx); c != nil {
			return c, true, envelope.Verdict{}
		}
		if ctx.Err() != nil {
			return nil, false, givenUp(ctx, s.full[0].host, append(s.failures, fmt.Errorf("%s: no connection became free", s.full[0].host)))
		}
	}
}

// verdict is the reply to the client when no host accepts the envelope: a host's
// reply to MAIL if there was one, else why none could be used.
func (s *search) verdict() envelope.Verdict {
	if s.refused.Code != 0 {
		return s.refused
	}
	return unreachable(s.route, s.failures)
}

// idle takes an idle connection to the hosts that come first: all that work when the
// load is shared, else the addresses of the first entry that works, and of the
// entries before it.
func (s *search) idle() *conn {
	via := ""
	for _, t := range s.targets {
		key := s.route.key(t)
		if s.tried[key] || t.err != nil {
			continue
		}
		if via != "" && t.via != via && s.route.Policy != config.ViaShare {
			return nil // a better host that has no idle connection comes first
		}
		if c := s.n.pool.get(key, s.session, s.n.opt.Now()); c != nil {
			s.n.opt.Observer.Reused()
			return c
		}
		if via == "" && s.rank(t) == 0 {
			via = t.via
		}
	}
	return nil
}

// open connects to a target within its part of the time, and records the result.
func (s *search) open(ctx context.Context, t target) *conn {
	key := s.route.key(t)
	if t.err == nil && !s.n.capacity.enter(t, s.route.MaxConnections) {
		s.full = append(s.full, t)
		return nil
	}
	budget := s.budget(t)
	s.n.health.try(key)
	bounded, cancel := ctx, context.CancelFunc(func() {})
	if budget > 0 {
		bounded, cancel = context.WithTimeout(ctx, budget)
	}
	defer cancel()
	c, e, err := s.n.open(bounded, s.route, t)
	if err == nil {
		c.left = func() { s.n.capacity.close(t) }
		return c
	}
	if t.err == nil {
		s.n.capacity.leave(t)
	}
	if failed := (*hostError)(nil); errors.As(err, &failed) && failed.crowded && s.mayCount(ctx, t) {
		s.n.opt.Observer.Full(e)
		s.full = append(s.full, t)
		return nil
	}
	s.n.failed(bounded, e)
	if ctx.Err() == nil {
		s.failed(t, err)
	}
	return nil
}

// mayCount reports whether a host that accepts no further connection has not failed:
// because others of ours are open, or because it may still count one that was just
// closed. In the second case it waits for a moment.
func (s *search) mayCount(ctx context.Context, t target) bool {
	if s.n.capacity.learnConnectionLimit(t.host) {
		return true
	}
	if !s.n.capacity.closing(t.host) {
		return false
	}
	select {
	case <-time.After(closingPause):
	case <-ctx.Done():
	}
	return true
}

// failed records that a target cannot be used.
func (s *search) failed(t target, err error) {
	key := s.route.key(t)
	s.tried[key] = true
	s.failures = append(s.failures, fmt.Errorf("%s: %w", t.name(), err))
	s.n.health.failed(key, err)
}

// budget is the time for a target until it has replied to MAIL; 0: as long as the
// timeouts of the steps allow, because there is no other target. The addresses of a
// host share its time.
func (s *search) budget(t target) time.Duration {
	other, shared := false, 0
	for _, o := range s.targets {
		if s.tried[s.route.key(o)] || o.err != nil {
			continue
		}
		if o.via == t.via {
			shared++
		} else {
			other = true
		}
	}
	if _, ok := s.started[t.via]; !ok {
		s.started[t.via] = time.Now()
	}
	if !other && shared <= 1 {
		return 0
	}
	left := s.n.wait.host - time.Since(s.started[t.via])
	return max(left/time.Duration(max(shared, 1)), time.Second)
}

// await waits for a connection of ours to the hosts that accept no further one. It
// returns nil when a new connection may be possible, or the time is over.
func (s *search) await(ctx context.Context) *conn {
	var hosts []string
	for _, t := range s.full {
		if !slices.Contains(hosts, t.host) {
			hosts = append(hosts, t.host)
		}
	}
	w := s.n.capacity.wait(hosts, s.woken != "")
	defer func() { s.woken = cmp.Or(w.done(), s.woken) }()
	// Check after the wait has begun: a connection that became free before would be
	// missed.
	if c := s.spare(); c != nil || s.room() {
		return c
	}
	select {
	case <-w.free:
		return s.spare()
	case <-ctx.Done():
		return nil
	}
}

// room reports whether a further connection is allowed to one of the hosts that had
// reached their limit. If necessary it closes an idle connection of another route,
// which this search cannot use.
func (s *search) room() bool {
	for _, t := range s.full {
		if s.n.capacity.room(t, s.route.MaxConnections) {
			return true
		}
		if s.n.pool.evict(t.host) {
			return true
		}
	}
	return false
}

// spare takes an idle connection to a host that accepts no further one, however many
// messages it has carried.
func (s *search) spare() *conn {
	for _, t := range s.full {
		if c := s.n.pool.get(s.route.key(t), nil, s.n.opt.Now()); c != nil {
			s.n.opt.Observer.Reused()
			return c
		}
	}
	return nil
}

// name returns the target as it is named in the log and in replies.
func (t target) name() string {
	if t.host == t.addr {
		return t.host
	}
	return t.host + " [" + t.addr + "]"
}

// mailTimeout is how long the reply to MAIL may take while another host can be
// tried; 0: as configured. An idle connection may have been closed without notice:
// the timeout leaves enough time for a new one.
func (s *search) mailTimeout(t target, reused bool) time.Duration {
	budget := s.budget(t)
	if budget > 0 && reused {
		return min(budget, s.n.wait.host) / 3
	}
	return budget
}

// noteMailReply records a host's reply to MAIL, or that there was none.
func (s *search) noteMailReply(c *conn, dead envelope.Verdict) {
	if !dead.Temporary() {
		s.n.health.answeredMail(c.key)
	}
}

// dead records that a connection from the pool could not be used: a new one is
// opened next. A 421 may show how many messages the host accepts on one connection.
func (s *search) dead(c *conn) {
	s.fresh = true
	if before := c.uses - 1; c.closing.isMessageLimit() && before > 0 {
		s.n.capacity.learnMessageLimit(c.at.host, before)
	}
}

// tryNext records that a host did not accept the envelope for the time being, and
// reports whether the next one can be tried.
func (s *search) tryNext(ctx context.Context, c *conn, v envelope.Verdict) bool {
	s.begin(ctx)
	if c.closing.isMessageLimit() && !s.again {
		s.again = true
		return true // it is about this connection: another one may work
	}
	if v.Remote != "" {
		r := reply{code: v.Code, enhanced: v.Enhanced, text: v.Text}
		if r.isConnectionLimit() && s.n.capacity.learnConnectionLimit(c.at.host) {
			s.n.opt.Observer.Full(Event{Route: s.route.Name, NextHop: c.remote, Why: "mail", Verdict: v})
			return true // not failed: we hold connections that work
		}
		s.refused = v
	}
	s.failed(c.at, &hostError{step: "mail", enhanced: v.Enhanced, err: v})
	left := false
	for _, t := range s.targets {
		left = left || t.err == nil && !s.tried[s.route.key(t)]
	}
	if left {
		e := Event{Route: s.route.Name, NextHop: c.remote, Why: "mail", Verdict: v}
		if v.Remote == "" { // the text is ours, not the host's
			e.Verdict, e.Err = envelope.Verdict{}, &hostError{step: "mail", err: errors.New(strings.Join(v.Text, " / "))}
		}
		s.n.opt.Observer.Failed(e)
	}
	return left
}
