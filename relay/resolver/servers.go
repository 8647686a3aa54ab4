package resolver

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// maxServers is how many servers are asked, as by the resolvers of the systems.
	maxServers = 3
	// listedAge is how long the list of the system is used without reading it again.
	listedAge = 30 * time.Second
)

// servers knows which servers are asked, and in which order.
type servers struct {
	configured []string
	listed     func() []string
	now        func() time.Time

	mu     sync.Mutex
	system []string
	read   time.Time
	first  string // the last one that has answered
}

// list returns the servers, the last one that has answered first.
func (s *servers) list() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.configured
	if len(list) == 0 {
		if now := s.now(); s.read.IsZero() || now.Sub(s.read) >= listedAge {
			s.system, s.read = withPorts(s.listed()), now
		}
		list = s.system
	}
	list = slices.Clone(list[:min(len(list), maxServers)])
	if i := slices.Index(list, s.first); i > 0 {
		list = slices.Insert(slices.Delete(list, i, i+1), 0, s.first)
	}
	return list
}

// worked records that a server has answered.
func (s *servers) worked(server string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.first = server
}

// withPorts adds the port of DNS where there is none.
func withPorts(list []string) []string {
	var all []string
	for _, s := range list {
		if _, _, err := net.SplitHostPort(s); err != nil {
			s = net.JoinHostPort(strings.Trim(s, "[]"), "53")
		}
		all = append(all, s)
	}
	return all
}

// believes reports whether the AD bit of a server counts. That of the system does not by
// itself, even on this machine: it may only pass on what others say.
func (r *Resolver) believes(server string) bool {
	return r.opt.Trusted || len(r.servers.configured) > 0 && isLoopback(server) && !isForwarder(server)
}

// isForwarder reports whether a server is known not to validate.
//
// QUIRK: systemd-resolved (127.0.0.53, 127.0.0.54) passes on the AD bit of any server to
// who sets DO, and so does the server of Docker (127.0.0.11).
func isForwarder(server string) bool {
	host, _, _ := net.SplitHostPort(server)
	return host == "127.0.0.53" || host == "127.0.0.54" || host == "127.0.0.11"
}

// isLoopback reports whether a server is on this machine.
func isLoopback(server string) bool {
	at, err := netip.ParseAddrPort(server)
	return err == nil && at.Addr().Unmap().IsLoopback()
}
