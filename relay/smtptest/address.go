package smtptest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"syscall"
	"testing"
)

// FreeAddr is an address at which nobody listens, neither by TCP nor by UDP. Its port is
// outside of the range that Linux gives to outgoing connections by default (32768 to
// 60999): a port of that range can be taken before a program listens on it, even by the
// connection that looks whether it does.
func FreeAddr(t testing.TB) string {
	t.Helper()
	return FreeAddrs(t, 1)[0]
}

// FreeAddrs are that many addresses as FreeAddr returns one, each another.
func FreeAddrs(t testing.TB, count int) (list []string) {
	t.Helper()
	// A process that is being started has the listener, too, until it executes its program.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	for range 100 * count {
		if len(list) == count {
			return list
		}
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000)))
		if err != nil {
			continue
		}
		defer l.Close()
		u, err := net.ListenPacket("udp", l.Addr().String())
		if err != nil {
			continue
		}
		defer u.Close()
		list = append(list, l.Addr().String())
	}
	t.Fatal("no port is free")
	return nil
}
