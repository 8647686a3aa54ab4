//go:build unix

package peek

import (
	"net"
	"syscall"
)

// Knows reports whether At can say what waits on conn.
func Knows(conn net.Conn) bool {
	_, ok := conn.(syscall.Conn) // not *tls.Conn
	return ok
}

// At reports what waits on conn.
func At(conn net.Conn) Waiting {
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return Unknown
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return Unknown
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
		return Unknown
	case failed == syscall.EAGAIN:
		return Nothing
	case failed == nil && n > 0:
		return Input
	}
	return End
}
