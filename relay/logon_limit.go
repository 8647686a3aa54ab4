package relay

import (
	"context"
	"net/netip"
	"sync"
	"time"
)

// logonLimiter limits password guessing and its cost: few checks at a time for all
// clients, so that listed clients keep enough processor time; one at a time for each
// address, so that a client waits for no more than one check of each other address;
// a delay after each failure; and no further check for an address with too many
// failures.
type logonLimiter struct {
	checks chan struct{} // a place for each password that is being checked

	mu        sync.Mutex
	since     time.Time // when counting began
	addresses map[netip.Prefix]*logonClient
}

// logonClient is an address whose passwords are checked one after the other, so that
// a failure is counted before the next check begins.
type logonClient struct {
	turn     chan struct{} // holds a value while a password is checked, or waits for a place
	inside   int           // those that wait for the turn, or have it
	failures int
}

const (
	failureWindow   = 10 * time.Minute // after that all begin anew
	maxFailures     = 20               // failures of one address in a window
	maxLogonClients = 10_000           // addresses that are counted
	failureDelay    = 2 * time.Second  // after a failure
	checkWait       = 15 * time.Second // for the turn and a place
)

// begin waits for the client's turn and for a free place in checks; it returns nil
// when this client gets none. Otherwise end must be called.
func (g *logonLimiter) begin(ctx context.Context, a netip.Addr) *logonClient {
	who := g.enter(clientOf(a))
	ctx, cancel := context.WithTimeout(ctx, checkWait)
	defer cancel()
	select {
	case who.turn <- struct{}{}:
	case <-ctx.Done():
		g.leave(who, false)
		return nil
	}
	if !g.tooManyFailures(who) {
		select {
		case g.checks <- struct{}{}:
			return who
		case <-ctx.Done():
		}
	}
	<-who.turn
	g.leave(who, false)
	return nil
}

// end frees the place and the turn, and counts a failure.
func (g *logonLimiter) end(who *logonClient, failed bool) {
	<-g.checks
	g.leave(who, failed)
	<-who.turn
}

// enter returns the entry of a client. At the end of each window it removes all
// entries except those with a check in progress.
func (g *logonLimiter) enter(client netip.Prefix) *logonClient {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := time.Now(); g.addresses == nil || now.Sub(g.since) > failureWindow || len(g.addresses) > maxLogonClients {
		kept := make(map[netip.Prefix]*logonClient)
		for at, who := range g.addresses {
			if who.inside > 0 {
				who.failures, kept[at] = 0, who
			}
		}
		g.since, g.addresses = now, kept
	}
	who := g.addresses[client]
	if who == nil {
		who = &logonClient{turn: make(chan struct{}, 1)}
		g.addresses[client] = who
	}
	who.inside++
	return who
}

func (g *logonLimiter) leave(who *logonClient, failed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	who.inside--
	if failed {
		who.failures++
	}
}

// tooManyFailures reports whether an address has reached the limit of failures.
func (g *logonLimiter) tooManyFailures(who *logonClient) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return who.failures >= maxFailures
}

// trust counts a client that has authenticated, or shown a certificate, among the
// clients that may relay instead of the strangers, if the limit allows it.
func (c *client) trust() {
	if c.place == &c.server.relayClients {
		return
	}
	limits := c.server.setup.Load().cfg.Limits
	if ok, _ := c.server.relayClients.enter(c.addr, limits.Connections, limits.ConnectionsPerClient); ok {
		c.place.leave(c.addr)
		c.place = &c.server.relayClients
	}
	c.conn.Trust(limits.CommandTimeout)
}
