//go:build !unix

package relay

import "net"

// canLook is false: this system cannot be asked without waiting.
func canLook(net.Conn) bool { return false }

// look knows nothing here; only clients outside of allow are held to RFC 5321
// §3.1.
func look(net.Conn) waiting { return waitingUnknown }
