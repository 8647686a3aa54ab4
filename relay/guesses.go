package relay

import (
	"context"
	"net/netip"
	"sync"
	"time"
)

// guesses bounds what guessing passwords costs us and gains a guesser: few checks
// at a time for all, so that listed mail keeps its processors, one at a time for an
// address, so that nobody's wait is behind more than one of each other address, a
// delay behind each failure, and no further check for an address with many of them.
type guesses struct {
	checks chan struct{} // a place for each password that is being checked

	mu        sync.Mutex
	since     time.Time // when counting began
	addresses map[netip.Prefix]*guesser
}

// guesser is an address whose passwords are checked one after the other, so that
// the failures are counted when the next one begins.
type guesser struct {
	turn     chan struct{} // holds a value while a password is checked, or waits for a place
	inside   int           // those that wait for the turn, or have it
	failures int
}

const (
	guessWindow = 10 * time.Minute // after that all begin anew
	maxGuesses  = 20               // failures of one address in a window
	maxGuessers = 10_000           // addresses that are counted
	guessDelay  = 2 * time.Second  // behind a failure
	checkWait   = 15 * time.Second // for the turn and a place
)

// begin waits for the turn of the client and for a place in checks; it returns nil
// when there is none for this client. Else end must be called.
func (g *guesses) begin(ctx context.Context, a netip.Addr) *guesser {
	who := g.enter(clientOf(a))
	ctx, cancel := context.WithTimeout(ctx, checkWait)
	defer cancel()
	select {
	case who.turn <- struct{}{}:
	case <-ctx.Done():
		g.leave(who, false)
		return nil
	}
	if !g.spent(who) {
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
func (g *guesses) end(who *guesser, failed bool) {
	<-g.checks
	g.leave(who, failed)
	<-who.turn
}

// enter finds what is known of a client. Now and then all is forgotten but those
// that are being checked.
func (g *guesses) enter(client netip.Prefix) *guesser {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := time.Now(); g.addresses == nil || now.Sub(g.since) > guessWindow || len(g.addresses) > maxGuessers {
		kept := make(map[netip.Prefix]*guesser)
		for at, who := range g.addresses {
			if who.inside > 0 {
				who.failures, kept[at] = 0, who
			}
		}
		g.since, g.addresses = now, kept
	}
	who := g.addresses[client]
	if who == nil {
		who = &guesser{turn: make(chan struct{}, 1)}
		g.addresses[client] = who
	}
	who.inside++
	return who
}

func (g *guesses) leave(who *guesser, failed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	who.inside--
	if failed {
		who.failures++
	}
}

// spent reports whether an address has failed too often.
func (g *guesses) spent(who *guesser) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return who.failures >= maxGuesses
}

// trust moves a client that has authenticated, or shown a certificate, from the strangers
// to those who may relay, if there is a place.
func (c *client) trust() {
	if c.place == &c.server.census {
		return
	}
	limits := c.server.setup.Load().cfg.Limits
	if ok, _ := c.server.census.enter(c.addr, limits.Connections, limits.ConnectionsPerClient); ok {
		c.place.leave(c.addr)
		c.place = &c.server.census
	}
	c.conn.Trust(limits.CommandTimeout)
}
