//go:build !unix

package relay

import "net"

// hasInput cannot look without waiting on this system; only clients outside of
// allow are held to RFC 5321 §3.1 here.
func hasInput(net.Conn) bool { return false }
