package config

import (
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
)

// The errors of all systems get a reason and an action: those of Windows are numbers
// that the package syscall does not count as its own, and their texts are translated.
func TestJudgeListen(t *testing.T) {
	for _, c := range []struct {
		name, path string
		code       syscall.Errno
		want       string
	}{
		{"in use", "listener[0].address", syscall.EADDRINUSE, "in use by another program"},
		{"in use on Windows", "listener[0].address", 10048, "in use by another program"},
		{"admin in use on Windows", "admin.address", 10048, "in use by another program"},
		{"kept alone on Windows", "listener[0].address", 10013, "excludedportrange"},
		{"rights", "listener[0].address", syscall.EACCES, "need root"},
		{"no such address on Windows", "listener[0].address", 10049, "name an address of this machine"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &loader{file: "reconvene.toml"}
			// Nobody greets at port 0.
			checkListen(l, c.path, "127.0.0.1:0", greets, &net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", c.code)})
			if len(l.problems) != 1 || !strings.Contains(l.problems[0].Error(), c.want) || l.problems[0].Warning {
				t.Errorf("got %v, want %q", l.problems, c.want)
			}
		})
	}
}
