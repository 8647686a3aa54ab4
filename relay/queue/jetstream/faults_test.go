package jetstream

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/queue/storetest"
)

// Three relays and three NATS servers: a relay and a server die under load, and the
// server comes back. Whatever was accepted arrives; sent twice is at most what the dead
// relay was sending.
func TestRelayAndNodeDie(t *testing.T) {
	nodes, w := startNATS(t, 3), newWorld()
	var relays []*relay
	for _, name := range []string{"a", "b", "c"} {
		relays = append(relays, start(t, name, w, nodes, 8*time.Second)) // a lease that a busy machine can renew
	}
	eventually(t, "the partitions are not shared", func() bool {
		return !slices.ContainsFunc(relays, func(r *relay) bool { return r.has() != partitionCount/3 })
	})
	var mu sync.Mutex
	var accepted []string
	var load, half sync.WaitGroup
	killed := make(chan struct{})
	const connections, each = 4, 60
	half.Add(len(relays) * connections)
	for i, r := range relays {
		for c := range connections {
			load.Go(func() {
				for n := range each {
					if n == each/2 {
						half.Done()
						<-killed
					}
					id := fmt.Sprintf("%d-%d-%d", i, c, n)
					if r.accept(id, fmt.Sprint("meeting", n%7), "b@example.net") != nil {
						continue // refused: the client would send it again
					}
					mu.Lock()
					accepted = append(accepted, id)
					mu.Unlock()
				}
			})
		}
	}
	half.Wait()
	relays[2].die()
	nodes[0].kill()
	close(killed)
	load.Wait()
	nodes[0].start(t)
	arrives := func() (missing int) {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, id := range accepted {
			if len(w.arrived[id+" b@example.net"]) == 0 {
				missing++
			}
		}
		return missing
	}
	eventually(t, "something that was accepted does not arrive", func() bool { return arrives() == 0 })
	if n := len(accepted); n < 2*connections*each {
		t.Errorf("only %d messages were accepted", n) // by the two that live, in spite of the loss of a server
	}
	twice := 0
	w.mu.Lock()
	for id, by := range w.arrived {
		if len(by) > 1 {
			twice++
			t.Logf("%s was sent by %v", id, by)
		}
	}
	w.mu.Unlock()
	if twice > 20 { // as many as the relay sends at a time
		t.Errorf("%d messages were sent twice", twice)
	}
	eventually(t, "something is left", func() bool { return len(storetest.Load(t, relays[0].store)) == 0 })
}
