package relay

import (
	"net"
	"net/netip"
	"strings"

	"github.com/reconvene/reconvene/config"
)

// selfOf returns a function that reports whether a host or an address is this
// server: our name, and the addresses that the listeners of a configuration are
// bound to.
func selfOf(cfg *config.Config) func(host string, addr netip.AddrPort) bool {
	type endpoint struct {
		addr netip.Addr // not valid: all of this machine
		port string
	}
	var endpoints []endpoint
	for _, l := range cfg.Listeners {
		host, port, err := net.SplitHostPort(l.Address)
		if err != nil {
			continue
		}
		addr, err := netip.ParseAddr(host)
		if err != nil && host != "" {
			continue // a name; check speaks of it
		}
		if addr.IsUnspecified() {
			addr = netip.Addr{}
		}
		endpoints = append(endpoints, endpoint{addr.Unmap(), port})
	}
	return func(host string, at netip.AddrPort) bool {
		if host != "" {
			return strings.EqualFold(host, cfg.Hostname)
		}
		for _, d := range endpoints {
			_, port, _ := net.SplitHostPort(at.String())
			if port == d.port && (d.addr == at.Addr() || !d.addr.IsValid() && isOwnAddress(at.Addr())) {
				return true
			}
		}
		return false
	}
}

// isOwnAddress reports whether an address is one of this machine's.
func isOwnAddress(a netip.Addr) bool {
	if a.IsLoopback() {
		return true
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, own := range addrs {
		if p, err := netip.ParsePrefix(own.String()); err == nil && p.Addr().Unmap() == a {
			return true
		}
	}
	return false
}
