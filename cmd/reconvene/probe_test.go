package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The routes are asked at the same time: a host that hangs keeps no other waiting. Here
// the first host does not greet before the second one is asked.
func TestProbeAsksAllRoutesAtOnce(t *testing.T) {
	var hosts [2]net.Listener
	for i := range hosts {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		hosts[i] = l
	}
	asked := make(chan struct{})
	greet := func(l net.Listener, first func()) {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		first()
		fmt.Fprint(conn, "421 4.3.2 not now\r\n")
		_, _ = io.Copy(io.Discard, conn)
	}
	go greet(hosts[0], func() { <-asked })
	go greet(hosts[1], func() { close(asked) })
	file := filepath.Join(t.TempDir(), "reconvene.toml")
	text := fmt.Sprintf("hostname = \"smarthost.example.com\"\n[[listener]]\naddress = \"127.0.0.1:0\"\n[[route]]\ndomains = [\"x.example\"]\nvia = [%q]\n[[route]]\nvia = [%q]\n[admin]\naddress = \"\"\n[nexthop]\ngreeting_timeout = \"20s\"\n",
		hosts[0].Addr(), hosts[1].Addr())
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs strings.Builder
	code := run(&env{args: []string{"check", "--probe", "--config", file}, stdin: strings.NewReader(""), stdout: &out, stderr: &errs, now: time.Now})
	if code != exitProblem || strings.Count(out.String(), "greeting: 421 4.3.2 not now") != 2 || !strings.Contains(errs.String(), "no mail can go out by route x.example, route *") {
		t.Errorf("exit %d\n%s%s", code, out.String(), errs.String())
	}
}
