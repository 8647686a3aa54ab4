package relay

import (
	"net/netip"
	"sync"
)

// connCounter counts connections, in total and for each client. A client is an IPv4
// address or an IPv6 /64, which is what one site is assigned.
type connCounter struct {
	mu      sync.Mutex
	total   int
	clients map[netip.Prefix]int
}

func clientOf(a netip.Addr) netip.Prefix {
	bits := 64
	if a = a.Unmap(); a.Is4() {
		bits = 32
	}
	p, _ := a.WithZone("").Prefix(bits)
	return p
}

// enter counts a connection unless a limit is reached; why names the limit. A limit
// of 0 is none.
func (c *connCounter) enter(a netip.Addr, maxTotal, maxClient int) (ok bool, why string) {
	client := clientOf(a)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case maxTotal > 0 && c.total >= maxTotal:
		return false, "too many connections"
	case maxClient > 0 && c.clients[client] >= maxClient:
		return false, "too many connections from your address"
	}
	if c.clients == nil {
		c.clients = make(map[netip.Prefix]int)
	}
	c.total++
	c.clients[client]++
	return true, ""
}

// leave ends the count of a connection that enter accepted.
func (c *connCounter) leave(a netip.Addr) {
	client := clientOf(a)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total--
	if c.clients[client]--; c.clients[client] <= 0 {
		delete(c.clients, client)
	}
}
