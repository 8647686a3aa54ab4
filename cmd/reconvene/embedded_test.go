//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
	"testing"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// Three relays with a NATS server in each: one is killed under load, with its server.
// Whatever was answered 250 arrives.
func TestEmbeddedCluster(t *testing.T) {
	next := newSink(t, nil)
	arrived := countArrivals(next)
	var peers []string
	for range 3 {
		peers = append(peers, smtptest.FreeAddr(t))
	}
	var relays []*program
	for i, listen := range peers {
		file := serveConfig(t, "", next.addr, fmt.Sprintf("[queue]\nengine = \"nats\"\nmax_size = \"100MB\"\n[state]\ndirectory = %q\n[cluster]\nembedded = true\nlisten = %q\npeers = [%q, %q, %q]\n",
			t.TempDir(), listen, peers[0], peers[1], peers[2]))
		text, err := os.ReadFile(file)
		if err == nil {
			text = bytes.Replace(text, []byte("[[listener]]\n"), []byte("[[listener]]\nhandoff = \"queue\"\n"), 1)
			err = os.WriteFile(file, bytes.Replace(text, []byte("smarthost."), fmt.Appendf(nil, "smarthost%d.", i), 1), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		relays = append(relays, startServe(t, nil, "--config", file))
	}
	answered := sendToAll(t, relays, func() { relays[0].signal(syscall.SIGKILL) })
	<-relays[0].done
	if len(answered) < 100 { // the other two accept all
		t.Errorf("%d messages were accepted", len(answered))
	}
	arrived.await(t, answered, 2*patience) // a lease takes half a minute
}
