package relay

import (
	"context"
	"net/netip"
	"sync"
	"time"
)

// logonLimiter bounds what guessing passwords costs us and gains a guesser: few checks
// at a time for all, so that listed mail keeps its processors, one at a time for an
// address, so that nobody's wait is behind more than one of each other address, a
// delay behind each failure, and no further check for an address with many of them.
type logonLimiter struct {
	checks chan struct{} // a place for each password that is being checked

	mu        sync.Mutex
	since     time.Time // when counting began
	addresses map[netip.Prefix]*logonClient
}

// logonClient is an address whose passwords are checked one after the other, so that
// the failures are counted when the next one begins.
type logonClient struct {
	turn     chan struct{} // holds a value while a password is checked, or waits for a place
	inside   int           // those that wait for the turn, or have it
	failures int
}

const (
	failureWindow   = 10 * time.Minute // after that all begin anew
	maxFailures     = 20               // failures of one address in a window
	maxLogonClients = 10_000           // addresses that are counted
	failureDelay    = 2 * time.Second  // behind a failure
	checkWait       = 15 * time.Second // for the turn and a place
)

// begin waits for the turn of the client and for a place in checks; it returns nil
// when there is none for this client. Else end must be called.
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

// end gives the place and the turn to the next, and counts a failure.
func (g *logonLimiter) end(who *logonClient, failed bool) {
	<-g.checks
	g.leave(who, failed)
	<-who.turn
}

// enter finds what is known of a client. Now and then all is forgotten but those
// that are being checked.
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

// tooManyFailures reports whether an address has failed too often.
func (g *logonLimiter) tooManyFailures(who *logonClient) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return who.failures >= maxFailures
}

// trust moves a client that has authenticated, or shown a certificate, from the strangers
// to those who may relay, if there is a place.
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
