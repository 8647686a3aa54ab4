//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// Three relays with a NATS server in each: one is killed under load, with its server.
// Whatever was answered 250 arrives.
func TestEmbeddedCluster(t *testing.T) {
	next := newSink(t, nil)
	arrived := countArrivals(next)
	peers := smtptest.FreeAddrs(t, 3)
	var relays []*program
	var file string
	for i, listen := range peers {
		file = serveConfig(t, "", next.addr, fmt.Sprintf("[queue]\nengine = \"nats\"\nmax_size = \"100MB\"\n[state]\ndirectory = %q\n[cluster]\nembedded = true\nlisten = %q\npeers = [%q, %q, %q]\n",
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
	for _, p := range relays {
		p.shows("/metrics", "reconvene_queue_nats_connected 1\n")
	}
	if out, errs, _ := printed("check", "--probe", "--config", file); strings.Count(out, ", version ") != 3 || strings.Contains(out, "#   warning") {
		t.Errorf("check --probe: %s%s", out, errs)
	}
	answered := sendToAll(t, relays, func() { relays[0].signal(syscall.SIGKILL) })
	<-relays[0].done
	if len(answered) < 100 { // the other two accept all
		t.Errorf("%d messages were accepted", len(answered))
	}
	arrived.await(t, answered, 2*patience) // a lease takes half a minute
	relays[1].signal(syscall.SIGKILL)
	<-relays[1].done
	if out, errs, _ := printed("check", "--probe", "--config", file); !strings.Contains(out, "1 of 3 relays can be reached, and more than half must run: clients of the queue") {
		t.Errorf("check --probe with one relay: %s%s", out, errs)
	}
	relays[2].shows("/readyz", "warning: the queue in NATS cannot be used", "more than half of the NATS servers must run")
}
