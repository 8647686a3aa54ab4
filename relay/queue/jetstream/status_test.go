package jetstream

import (
	"testing"
	"time"
)

// The status says what the relay has, what the whole queue has, and when NATS is away and
// back again.
func TestStatus(t *testing.T) {
	nodes, w := startNATS(t, 1), newWorld()
	w.refuse = func(string, string) bool { return true }
	a := start(t, "a", w, nodes, 2*time.Second)
	b := start(t, "b", w, nodes, 2*time.Second)
	for i := range 10 {
		if err := a.accept("m"+string(rune('0'+i)), "", "b@example.net"); err != nil {
			t.Fatal(err)
		}
	}
	good := func(r *relay) bool {
		s := r.store.Status()
		return s.Trouble == nil && s.Partitions == partitionCount && s.Held == partitionCount/2 && s.Known && s.Free == 0 && s.Messages == 10
	}
	eventually(t, "the status is not good", func() bool { return good(a) && good(b) })
	before := a.store.Status().Errors
	nodes[0].kill()
	eventually(t, "nobody notices that NATS is away", func() bool {
		s := a.store.Status()
		return s.Trouble != nil && !s.Known && s.Held == 0 && s.Errors > before
	})
	nodes[0].start(t)
	eventually(t, "the status does not become good again", func() bool { return good(a) && good(b) })
}

// Partitions that no relay has are counted: here another relay is alive, and takes none.
func TestFreePartitions(t *testing.T) {
	nodes, w := startNATS(t, 1), newWorld()
	a := start(t, "a", w, nodes, 2*time.Second)
	eventually(t, "a takes nothing", func() bool { return a.has() == partitionCount })
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for {
			_, _ = a.store.places.leases.Put(t.Context(), keyRelay+"idle", nil)
			select {
			case <-stop:
				return
			case <-time.After(200 * time.Millisecond):
			}
		}
	}()
	eventually(t, "nobody counts the free partitions", func() bool { return a.store.Status().Free == partitionCount/2 })
}

// A relay that is connected to a server without a majority says that the queue cannot be used.
func TestStatusWithoutMajority(t *testing.T) {
	nodes, w := startNATS(t, 3), newWorld()
	a := start(t, "a", w, nodes, 6*time.Second)
	eventually(t, "the status is not good", func() bool { s := a.store.Status(); return s.Trouble == nil && s.Known && s.Free == 0 })
	nodes[0].kill()
	nodes[1].kill()
	eventually(t, "nobody notices that there is no majority", func() bool {
		s := a.store.Status()
		return a.store.nc.IsConnected() && s.Trouble != nil && !s.Known && s.Held == 0
	})
	nodes[0].start(t)
	eventually(t, "the status does not become good again", func() bool { s := a.store.Status(); return s.Trouble == nil && s.Held == partitionCount })
}

// Before NATS was reached, the status says so.
func TestStatusWithoutNATS(t *testing.T) {
	nodes := startNATS(t, 1)
	connect := connector(nodes)
	nodes[0].kill()
	s, err := Open(Options{Connect: connect, Relay: "a"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if st := s.Status(); st.Trouble == nil || st.Known || st.Held != 0 {
		t.Errorf("%+v", st)
	}
}
