package config

import (
	"fmt"
	"net"
	"slices"
)

// CompareSockets reports where the listeners differ from the sockets that systemd
// opens for serve (reconvene.socket). A socket whose address no listener has is not
// served, which is an error and not a warning although serve starts; a listener
// without a socket is opened by Reconvene itself. Without sockets there is nothing
// to compare.
func (c *Config) CompareSockets(sockets []string) Problems {
	if len(sockets) == 0 {
		return nil
	}
	var own []int // listeners without a socket
	addresses := make([]string, len(c.Listeners))
	for i, ln := range c.Listeners {
		addresses[i] = ln.Address
		if !anySame(ln.Address, sockets) {
			own = append(own, i)
		}
	}
	var problems Problems
	for _, socket := range sockets {
		if !anySame(socket, addresses) {
			problems = append(problems, c.unanswered(socket, own))
		}
	}
	if len(problems) > 0 {
		return problems // the listeners without a socket are a part of it
	}
	for _, i := range own {
		problems = append(problems, Problem{Key: element("listener", i) + ".address", Warning: true,
			Text: "reconvene.socket does not have " + addresses[i] + ", so Reconvene opens it: while it restarts, connections are refused",
			Hint: "write ListenStream=" + addresses[i] + " in reconvene.socket, too"})
	}
	return problems
}

// unanswered is a socket that no listener has; the first listener without a socket
// is probably meant for it.
func (c *Config) unanswered(socket string, own []int) Problem {
	if len(own) == 0 {
		return Problem{Key: "listener", Text: "none has the address " + socket + ", which systemd opens (reconvene.socket): clients get no greeting there",
			Hint: fmt.Sprintf("add a [[listener]] with address = %q, or remove ListenStream=%s from reconvene.socket", socket, socket)}
	}
	address := c.Listeners[own[0]].Address
	return Problem{Key: element("listener", own[0]) + ".address",
		Text: fmt.Sprintf("is %s, but systemd opens %s (reconvene.socket), where clients get no greeting", address, socket),
		Hint: fmt.Sprintf("write address = %q here, or ListenStream=%s in reconvene.socket", socket, address)}
}

func anySame(address string, others []string) bool {
	return slices.ContainsFunc(others, func(other string) bool { return SameAddress(address, other) })
}

// SameAddress reports whether two addresses, host:port, cannot be listened on at the
// same time. No host and the unspecified addresses of both families are the same.
func SameAddress(a, b string) bool {
	one, err := net.ResolveTCPAddr("tcp", a)
	if err != nil {
		return false
	}
	other, err := net.ResolveTCPAddr("tcp", b)
	if err != nil {
		return false
	}
	every := func(ip net.IP) bool { return len(ip) == 0 || ip.IsUnspecified() }
	return one.Port == other.Port && (every(one.IP) && every(other.IP) || one.IP.Equal(other.IP))
}

// trySockets compares the listeners with the sockets of systemd.
func trySockets(l *loader, cfg *Config) {
	starts := !cfg.overlapsSocket(l.sockets)
	for _, p := range cfg.CompareSockets(l.sockets) {
		l.note(p.Key, p.Text, p.Hint, p.Warning || starts)
	}
}

// overlapsSocket reports whether a listener without a socket cannot be opened, since a
// socket has the same port on an address that includes its own.
func (c *Config) overlapsSocket(sockets []string) bool {
	return slices.ContainsFunc(c.Listeners, func(ln Listener) bool {
		return !anySame(ln.Address, sockets) && slices.ContainsFunc(sockets, func(socket string) bool {
			host, port, err := net.SplitHostPort(ln.Address)
			other, otherPort, err2 := net.SplitHostPort(socket)
			return err == nil && err2 == nil && port == otherPort && sameHost(host, other)
		})
	})
}

// portOfSocket reports whether a socket of systemd has the port of an address. Such
// an address is not tried: a connection would start the service.
func portOfSocket(l *loader, address string) bool {
	_, want, err := net.SplitHostPort(address)
	return err == nil && slices.ContainsFunc(l.sockets, func(socket string) bool {
		_, port, err := net.SplitHostPort(socket)
		return err == nil && port == want
	})
}
