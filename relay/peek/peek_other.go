//go:build !unix

package peek

import "net"

// Knows is false: this system cannot be asked without waiting.
func Knows(net.Conn) bool { return false }

// At knows nothing here.
func At(net.Conn) Waiting { return Unknown }
