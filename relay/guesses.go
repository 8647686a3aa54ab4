package relay

import (
	"context"
	"net/netip"
	"sync"
	"time"
)

// guesses bounds what guessing passwords costs us and gains a guesser: few checks
// at a time for all, so that listed mail keeps its processors, a delay behind each
// failure, and no further check for an address with many of them.
type guesses struct {
	checks chan struct{} // a place for each password that is being checked

	mu    sync.Mutex
	since time.Time // when counting began
	count map[netip.Prefix]int
}

const (
	guessWindow = 10 * time.Minute // after that all begin anew
	maxGuesses  = 20               // failures of one address in a window
	maxGuessers = 10_000           // addresses that are counted
	guessDelay  = 2 * time.Second  // behind a failure
	checkWait   = 15 * time.Second // for a place
)

// begin waits for a place in checks; it is false when there is none for this client.
func (g *guesses) begin(ctx context.Context, a netip.Addr) bool {
	g.mu.Lock()
	if now := time.Now(); g.count == nil || now.Sub(g.since) > guessWindow || len(g.count) > maxGuessers {
		g.since, g.count = now, make(map[netip.Prefix]int)
	}
	many := g.count[clientOf(a)] >= maxGuesses
	g.mu.Unlock()
	if many {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, checkWait)
	defer cancel()
	select {
	case g.checks <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// failed counts a failure and waits.
func (g *guesses) failed(ctx context.Context, a netip.Addr) {
	g.mu.Lock()
	if g.count != nil {
		g.count[clientOf(a)]++
	}
	g.mu.Unlock()
	select {
	case <-time.After(guessDelay):
	case <-ctx.Done():
	}
}

// settleIn moves a client that has authenticated, or shown a certificate, from the strangers to those who may
// relay, if there is a place.
func (c *client) settleIn() {
	if c.place == &c.server.census {
		return
	}
	limits := c.server.setup.Load().cfg.Limits
	if ok, _ := c.server.census.enter(c.addr, limits.Connections, limits.ConnectionsPerClient); ok {
		c.place.leave(c.addr)
		c.place = &c.server.census
	}
	c.gate.opt.commandTimeout, c.gate.until = limits.CommandTimeout, time.Time{}
}
