package jetstream

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/queue"
	"github.com/reconvene/reconvene/relay/queue/storetest"
)

// world is the next hop of all relays: what arrived, by whom, in which order.
type world struct {
	mu      sync.Mutex
	arrived map[string][]string // by "ID recipient": the relays that sent it
	order   []string            // IDs
	refuse  func(id, recipient string) bool
}

func newWorld() *world { return &world{arrived: map[string][]string{}} }

func (w *world) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.arrived)
}

// relay is one relay: a queue with a carrier.
type relay struct {
	*world
	name  string
	store *Store
	queue *queue.Queue
	stop  func()
	pad   string // behind the ID in each body
	mu    sync.Mutex
	dead  bool
}

// Destination implements queue.Carrier.
func (r *relay) Destination(*queue.Message, *queue.Recipient) queue.Destination {
	return queue.Destination{Key: "next", Concurrency: 20}
}

// Carry implements queue.Carrier.
func (r *relay) Carry(ctx context.Context, m *queue.Message, body queue.Body, list []int, _ int) []queue.Result {
	results := make([]queue.Result, len(list))
	text, err := io.ReadAll(io.NewSectionReader(body, 0, body.Size()))
	r.mu.Lock()
	dead := r.dead
	r.mu.Unlock()
	if dead { // its process would be gone
		<-ctx.Done()
	}
	w := r.world
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, at := range list {
		to := m.Recipients[at].Path
		switch {
		case dead || err != nil || !strings.HasPrefix(string(text), m.ID):
			results[i].Verdict = envelope.Refuse(451, [3]int{4, 3, 0}, "the body is not that of the message")
		case w.refuse != nil && w.refuse(m.ID, to):
			results[i].Verdict = envelope.Refuse(450, [3]int{4, 2, 1}, "later")
		default:
			results[i].Verdict = envelope.Verdict{Code: 250}
			w.arrived[m.ID+" "+to] = append(w.arrived[m.ID+" "+to], r.name)
			w.order = append(w.order, m.ID)
		}
	}
	return results
}

// Compose implements queue.Carrier.
func (r *relay) Compose(string, *queue.Message, queue.Body, []queue.Notice) (*queue.Notification, error) {
	return nil, nil
}

// busyLease is one that a busy machine can renew. Only what a dead relay had waits for its end.
const busyLease = 4 * time.Second

// start starts a relay.
func start(t testing.TB, name string, w *world, nodes []*node, lease time.Duration) *relay {
	t.Helper()
	r := &relay{world: w, name: name, store: open(t, nodes, Options{Relay: name, Lease: lease})}
	q, err := queue.Open(queue.Options{Store: r.store, Carrier: r, NewID: func() string { return "n" }, Settings: queue.Settings{RetryFirst: 50 * time.Millisecond, RetryMost: time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	r.queue = q
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		q.Run(ctx, context.Background(), time.Second)
	}()
	r.stop = sync.OnceFunc(func() {
		cancel()
		<-done
		r.store.Close()
	})
	t.Cleanup(r.stop)
	return r
}

// die ends the relay as a killed process would: nothing of it reaches NATS or the next
// hop any more.
func (r *relay) die() {
	r.mu.Lock()
	r.dead = true
	r.mu.Unlock()
	r.store.nc.Close()
}

// has returns the number of partitions that a relay has.
func (r *relay) has() int { return (&sharing{Store: r.store}).count(held) }

// accept stores a message as a client's.
func (r *relay) accept(id, meeting string, to ...string) error {
	m := storetest.Message(id, to...)
	m.Received = time.Now()
	if meeting != "" {
		m.Meetings = []queue.Meeting{{UID: meeting}}
	}
	w, err := r.queue.Create(id)
	if err != nil {
		return err
	}
	defer w.Discard()
	if _, err := io.WriteString(w, id+"\r\n"+r.pad); err != nil {
		return err
	}
	return r.queue.Accept(w, m)
}

// Relays share the partitions evenly, each sends what any has accepted, and one that is
// stopped gives back its own.
func TestShare(t *testing.T) {
	nodes, w := startNATS(t, 1), newWorld()
	a := start(t, "a", w, nodes, busyLease)
	eventually(t, "a does not take all partitions", func() bool { return a.has() == partitionCount })
	b := start(t, "b", w, nodes, busyLease)
	eventually(t, "the partitions are not shared", func() bool { return a.has() == partitionCount/2 && b.has() == partitionCount/2 })
	for i := range 100 {
		if err := a.accept(fmt.Sprint("m", i), "", "b@example.net"); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "not everything arrives", func() bool { return w.count() == 100 })
	by := map[string]int{}
	for id, relays := range w.arrived {
		if len(relays) != 1 {
			t.Errorf("%s was sent by %v", id, relays)
		}
		by[relays[0]]++
	}
	if by["a"] < 20 || by["b"] < 20 {
		t.Errorf("sent by %v", by)
	}
	b.stop()
	if relays, _, err := a.store.alive(t.Context()); err != nil || relays != 1 {
		t.Errorf("%d relays are alive, %v", relays, err)
	}
	places, err := a.store.ready()
	if err != nil {
		t.Fatal(err)
	}
	for n := range partitionCount {
		if e, err := places.leases.Get(t.Context(), fmt.Sprint(keyPartition, n)); err == nil && string(e.Value()) == "b" {
			t.Errorf("partition %d was not given back", n)
		}
	}
	eventually(t, "a does not take over", func() bool { return a.has() == partitionCount })
	eventually(t, "something is left", func() bool { return len(storetest.Load(t, a.store)) == 0 })
}

// A relay that is stopped while it takes partitions leaves no lease behind, for whose end
// another one would have to wait.
func TestStopWhileTaking(t *testing.T) {
	nodes := startNATS(t, 1)
	observer := open(t, nodes, Options{Relay: "observer", Lease: time.Minute})
	for range 10 {
		a := start(t, "a", newWorld(), nodes, time.Minute)
		for a.has() == 0 {
			runtime.Gosched()
		}
		a.stop()
		_, leased, err := observer.alive(t.Context())
		if err != nil || slices.Contains(leased[:], true) {
			t.Fatalf("leases that are left: %v, %v", leased, err)
		}
	}
}

// Mails about one meeting to one recipient are sent in the order in which they were
// stored, whichever relay accepts them, also when the first one is refused for a while.
func TestOrder(t *testing.T) {
	nodes, w := startNATS(t, 1), newWorld()
	var mu sync.Mutex
	refused := 0
	w.refuse = func(id, _ string) bool {
		mu.Lock()
		defer mu.Unlock()
		if id == "o0" && refused < 3 {
			refused++
			return true
		}
		return false
	}
	relays := []*relay{start(t, "a", w, nodes, busyLease), start(t, "b", w, nodes, busyLease)}
	var want []string
	for i := range 20 {
		id := fmt.Sprint("o", i)
		want = append(want, id)
		if err := relays[i%2].accept(id, "meeting", "b@example.net"); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "not everything arrives", func() bool { return w.count() == 20 })
	if !slices.Equal(w.order, want) {
		t.Errorf("sent in the order %v", w.order)
	}
}

// A recipient to whom a relay has delivered is not sent to again by the one that takes
// over.
func TestTakeOver(t *testing.T) {
	nodes, w := startNATS(t, 1), newWorld()
	var mu sync.Mutex
	open := false
	w.refuse = func(_, to string) bool {
		mu.Lock()
		defer mu.Unlock()
		return to == "c@example.net" && !open
	}
	a := start(t, "a", w, nodes, busyLease)
	eventually(t, "a takes nothing", func() bool { return a.has() == partitionCount })
	if err := a.accept("m1", "", "b@example.net", "c@example.net"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is not sent", func() bool {
		m, err := a.store.Get("m1")
		return err == nil && m.Recipients[0].State == queue.Delivered
	})
	a.die()
	mu.Lock()
	open = true
	mu.Unlock()
	start(t, "b", w, nodes, busyLease)
	eventually(t, "it is not sent to the other", func() bool { return w.count() == 2 })
	if got := w.arrived["m1 b@example.net"]; !slices.Equal(got, []string{"a"}) {
		t.Errorf("sent by %v", got)
	}
	if got := w.arrived["m1 c@example.net"]; !slices.Equal(got, []string{"b"}) {
		t.Errorf("sent by %v", got)
	}
}
