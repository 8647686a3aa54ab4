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

// search is how one envelope finds a host that takes it. It lasts until the
// client hears something: until then the next host can be tried.
type search struct {
	n       *Engine
	route   *Route
	session *Session // whose idle connections it may use; nil: any

	targets  []target
	fresh    bool                 // no idle connection: one turned out to be dead
	again    bool                 // a new connection was ended by a 421 about itself
	tried    map[hostKey]bool     // not again
	started  map[string]time.Time // by entry of via: its first try
	full     []target             // those without a place for one more connection
	woken    string               // a host of which a connection came free for us
	failures []error              // one for each target that failed
	refused  envelope.Verdict     // what a host said to MAIL
}

// begin orders the targets, those that work first, unless that was done.
func (s *search) begin(ctx context.Context) {
	if s.tried != nil {
		return
	}
	s.tried, s.started = make(map[hostKey]bool), make(map[string]time.Time)
	s.targets = s.n.directory.targets(ctx, s.route.Via)
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
// turn.
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
// allowed. The verdict says why none could be had.
func (s *search) connect(ctx context.Context) (c *conn, reused bool, v envelope.Verdict) {
	s.begin(ctx)
	defer func() {
		if s.woken != "" && (c == nil || c.at.host != s.woken) {
			s.n.capacity.freed(s.woken) // we did not need it: the next may
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

// verdict is what the client hears when no host takes the envelope: what one
// said to MAIL where there is that, else why none could be used.
func (s *search) verdict() envelope.Verdict {
	if s.refused.Code != 0 {
		return s.refused
	}
	return unreachable(s.route, s.failures)
}

// idle takes an idle connection of the hosts that come first: all that work when
// the load is shared, else the addresses of the first entry that works, and of
// those in front of it.
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

// open connects to a target within its share of the time. It notes what becomes
// of it.
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

// mayCount reports whether a host that bears no further connection has not failed:
// we hold some that work, or it may still count one that we have just closed. Then
// it has had a moment to notice.
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

// failed notes that a target cannot be used.
func (s *search) failed(t target, err error) {
	key := s.route.key(t)
	s.tried[key] = true
	s.failures = append(s.failures, fmt.Errorf("%s: %w", t.name(), err))
	s.n.health.failed(key, err)
}

// budget is the time for a target until it has answered MAIL; 0: as long as the
// steps may take, because there is no other to be tried. The addresses of a host
// share its time.
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

// await waits for one of our connections to the hosts that bear no further one.
// It returns nil when there may be a place for a new one, or the time is up.
func (s *search) await(ctx context.Context) *conn {
	var hosts []string
	for _, t := range s.full {
		if !slices.Contains(hosts, t.host) {
			hosts = append(hosts, t.host)
		}
	}
	w := s.n.capacity.wait(hosts, s.woken != "")
	defer func() { s.woken = cmp.Or(w.done(), s.woken) }()
	// Only now: what came free before the wait began would be missed.
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

// room reports whether there is a place at one of the hosts that had none. An idle
// connection of another route is closed for it: it cannot serve us.
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

// spare takes an idle connection to a host that bears no further one, whatever
// it has carried.
func (s *search) spare() *conn {
	for _, t := range s.full {
		if c := s.n.pool.get(s.route.key(t), nil, s.n.opt.Now()); c != nil {
			s.n.opt.Observer.Reused()
			return c
		}
	}
	return nil
}

// name is what the log and the client read of a target.
func (t target) name() string {
	if t.host == t.addr {
		return t.host
	}
	return t.host + " [" + t.addr + "]"
}

// mailTimeout is how long the reply to MAIL may take while another host can be tried;
// 0: as configured. A connection that was idle may be dead without a word: there
// is time for a new one then.
func (s *search) mailTimeout(t target, reused bool) time.Duration {
	budget := s.budget(t)
	if budget > 0 && reused {
		return min(budget, s.n.wait.host) / 3
	}
	return budget
}

// noteMailReply notes what a host said to MAIL, or that it said nothing.
func (s *search) noteMailReply(c *conn, dead envelope.Verdict) {
	if !dead.Temporary() {
		s.n.health.answeredMail(c.key)
	}
}

// dead notes that a connection from the pool could not be used: a new one is made
// next. A 421 may say how many messages the host bears on one.
func (s *search) dead(c *conn) {
	s.fresh = true
	if before := c.uses - 1; c.closing.isMessageLimit() && before > 0 {
		s.n.capacity.learnMessageLimit(c.at.host, before)
	}
}

// tryNext notes that a host did not take the envelope for the time being, and
// reports whether the next one can be tried.
func (s *search) tryNext(ctx context.Context, c *conn, v envelope.Verdict) bool {
	s.begin(ctx)
	if c.closing.isMessageLimit() && !s.again {
		s.again = true
		return true // it is about this connection: another may do
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
		if v.Remote == "" { // it did not say that: the words are ours
			e.Verdict, e.Err = envelope.Verdict{}, &hostError{step: "mail", err: errors.New(strings.Join(v.Text, " / "))}
		}
		s.n.opt.Observer.Failed(e)
	}
	return left
}
