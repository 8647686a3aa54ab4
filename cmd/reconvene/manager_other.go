//go:build !linux

package main

import "context"

// manager is systemd, which is on Linux only; here its methods do nothing.
type manager struct{}

func (manager) sockets() (*inheritedSockets, error)         { return new(inheritedSockets), nil }
func (manager) ready()                                      {}
func (manager) reloading()                                  {}
func (manager) stopping()                                   {}
func (manager) keepAlive(ctx context.Context, alive func()) {}

// serviceSockets are the addresses that systemd opens: none.
func serviceSockets(config string) []string { return nil }
