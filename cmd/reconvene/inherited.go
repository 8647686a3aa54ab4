package main

import (
	"context"
	"fmt"
	"net"
	"sync"
)

// inheritedSockets are listening sockets that a service manager opened for us
// (systemd's socket activation). A listener of the configuration whose address is
// that of one gets it; all others are opened by ourselves. A socket is given out
// once: after its listener was closed, the address is opened like any other.
type inheritedSockets struct {
	mu   sync.Mutex
	free []net.Listener
}

// Listen opens an address, host:port.
func (i *inheritedSockets) Listen(ctx context.Context, address string) (net.Listener, error) {
	if l := i.take(address); l != nil {
		return l, nil
	}
	return new(net.ListenConfig).Listen(ctx, "tcp", address)
}

func (i *inheritedSockets) take(address string) net.Listener {
	want, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil // the error comes from opening it
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	for n, l := range i.free {
		if have, ok := l.Addr().(*net.TCPAddr); ok && sameEndpoint(have, want) {
			i.free = append(i.free[:n], i.free[n+1:]...)
			return l
		}
	}
	return nil
}

// sameEndpoint reports whether two addresses are one; "" and the unspecified
// addresses of both families are the same.
func sameEndpoint(a, b *net.TCPAddr) bool {
	every := func(ip net.IP) bool { return len(ip) == 0 || ip.IsUnspecified() }
	return a.Port == b.Port && (every(a.IP) && every(b.IP) || a.IP.Equal(b.IP))
}

// Unused returns a warning for each socket that no listener took.
func (i *inheritedSockets) Unused() []error {
	i.mu.Lock()
	defer i.mu.Unlock()
	var list []error
	for _, l := range i.free {
		list = append(list, fmt.Errorf("the service manager opened %s for us, and no listener has this address; "+
			"clients that connect there are not served", l.Addr()))
	}
	return list
}
