package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"

	"github.com/reconvene/reconvene/config"
)

// inheritedSockets are listening sockets that a service manager opened for us
// (systemd's socket activation). A listener of the configuration whose address is
// that of one gets a duplicate of it; all others are opened by ourselves. The sockets
// themselves stay open, as they do in the service manager: an address that a changed
// configuration leaves, and the next one comes back to, is that of the socket again.
// It is safe for concurrent use.
type inheritedSockets struct {
	list []*net.TCPListener // does not change

	mu    sync.Mutex
	doubt error
}

// Listen opens an address, host:port.
func (i *inheritedSockets) Listen(ctx context.Context, address string) (net.Listener, error) {
	for _, l := range i.list {
		if config.SameAddress(l.Addr().String(), address) {
			return duplicate(l)
		}
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil && len(i.list) > 0 {
		err = fmt.Errorf("%w; systemd passed other sockets (reconvene.socket): %s", err, strings.Join(i.addresses(), ", "))
	}
	return l, err
}

// duplicate is another descriptor of the same socket.
func duplicate(l *net.TCPListener) (net.Listener, error) {
	file, err := l.File()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return net.FileListener(file)
}

func (i *inheritedSockets) addresses() []string {
	var list []string
	for _, l := range i.list {
		list = append(list, l.Addr().String())
	}
	return list
}

// Use returns where the listeners of a configuration and the sockets differ.
func (i *inheritedSockets) Use(cfg *config.Config) config.Problems {
	problems := cfg.CompareSockets(i.addresses())
	i.mu.Lock()
	defer i.mu.Unlock()
	i.doubt = problems.Err()
	return problems
}

// Trouble is a socket that no listener has, or nil.
func (i *inheritedSockets) Trouble() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.doubt
}
