package nexthop

import (
	"context"
	"fmt"
	"time"
)

// HostState is whether one address of a route's hosts could take mail now.
type HostState struct {
	Host string // as it is named in the log
	Took time.Duration
	Err  error // why not; nil when it could
}

func (h HostState) String() string {
	if h.Err == nil {
		return fmt.Sprintf("%s: good, after %v", h.Host, h.Took.Round(time.Millisecond))
	}
	return fmt.Sprintf("%s: %v, after %v", h.Host, h.Err, h.Took.Round(time.Millisecond))
}

const (
	// reachTimeout is how long the hosts of a route may take to show that they are
	// there, once one of them has. All are asked at the same time, and none has to
	// answer for another.
	reachTimeout = 5 * time.Second
	// reachMost is how long they may take while none has: a slow host takes mail,
	// too.
	reachMost = 30 * time.Second
	// MaxReach bounds Reach: looking names up, and then the hosts.
	MaxReach = directoryTimeout + reachMost
)

// Reach asks each address of a route's hosts for greeting and EHLO. One that
// failed in a delivery and has not worked since is asked for MAIL, too: it may
// greet and take no mail. Where it takes it, its failure is forgotten.
func (n *Engine) Reach(ctx context.Context, r *Route) []HostState {
	ctx, enough := context.WithTimeout(ctx, min(n.wait.host, reachMost))
	defer enough()
	targets := n.directory.targets(ctx, r.Via)
	states := make([]HostState, len(targets))
	answers := make(chan error, len(targets))
	for i, t := range targets {
		go func() {
			start := time.Now()
			err := n.reach(ctx, r, t)
			states[i] = HostState{Host: t.name(), Took: time.Since(start), Err: err}
			answers <- err
		}()
	}
	patience := time.NewTimer(reachTimeout)
	defer patience.Stop()
	good, late := false, false
	for left := len(targets); left > 0; {
		select {
		case err := <-answers:
			left--
			good = good || err == nil
		case <-patience.C:
			late = true
		}
		if good && late {
			enough()
		}
	}
	return states
}

func (n *Engine) reach(ctx context.Context, r *Route, t target) error {
	c, err := n.connect(ctx, r, t)
	if err != nil {
		return err
	}
	defer c.close()
	stop := c.watch(ctx)
	defer stop()
	if err := n.greet(ctx, c, r); err != nil {
		return err
	}
	if n.health.ails(c.key) == nil {
		return nil
	}
	if err := c.takesMail(ctx); err != nil {
		return err
	}
	n.health.works(c.key)
	return nil
}
