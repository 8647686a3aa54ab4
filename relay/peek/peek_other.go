//go:build !unix

package peek

import "net"

// Knows reports whether At can return anything but Unknown for conn.
func Knows(net.Conn) bool { return false }

// At returns what can be read from conn now.
func At(net.Conn) Waiting { return Unknown }
