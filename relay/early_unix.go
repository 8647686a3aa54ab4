//go:build unix

package relay

import (
	"net"
	"syscall"
)

// hasInput says whether octets wait on the socket, without waiting and without
// taking them.
func hasInput(conn net.Conn) bool {
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	n := 0
	err = raw.Read(func(fd uintptr) bool {
		var b [1]byte
		n, _, err = syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK)
		return true // never wait
	})
	return err == nil && n > 0
}
