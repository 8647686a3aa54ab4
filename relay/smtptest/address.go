package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// freeAddr is an address at which nobody listens. Its port is outside of
// the range that Linux gives to outgoing connections by default (32768 to 60999):
// a port of that range can be taken before the program listens on it, even by the
// connection that looks whether it does.
func freeAddr(t *testing.T) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 15000+rand.IntN(17000)))
		if err != nil {
			continue
		}
		defer l.Close()
		return l.Addr().String()
	}
	t.Fatal("no port is free")
	return ""
}
