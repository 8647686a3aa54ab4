//go:build !windows

package main

import "errors"

// netsh is the firewall of Windows.
func netsh(...string) error {
	return errors.New("--firewall is for Windows; open the port with the firewall of this machine")
}
