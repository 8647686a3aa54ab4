//go:build unix

package relay

import (
	"net"
	"syscall"
)

// canLook says whether look knows a connection.
func canLook(conn net.Conn) bool {
	_, ok := conn.(syscall.Conn) // not *tls.Conn
	return ok
}

// look says what waits on a socket, without waiting and without taking it.
func look(conn net.Conn) waiting {
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return waitingUnknown
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return waitingUnknown
	}
	var n int
	var failed error
	err = raw.Read(func(fd uintptr) bool {
		var b [1]byte
		n, _, failed = syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK)
		return true // never wait
	})
	switch {
	case err != nil:
		return waitingUnknown
	case failed == syscall.EAGAIN:
		return waitingNothing
	case failed == nil && n > 0:
		return waitingInput
	}
	return waitingEnd
}
