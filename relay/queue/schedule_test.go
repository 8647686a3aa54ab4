package queue

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A destination that is down costs one attempt after each pause, however many messages
// wait for it; they go out when it is back, and others are not held up.
func TestDownDestination(t *testing.T) {
	// With the race detector Go 1.26 can crash when timers of a bubble end on several
	// processors at a time, of which this test has thousands.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, newMemory(), Settings{})
		works := false
		h.answer = func(_ *Message, r *Recipient) Result {
			if r.Domain() == "down.example" && !works {
				return down
			}
			return accepted
		}
		for i := range 1000 {
			h.post(fmt.Sprintf("m%03d", i), nil, "b@down.example")
		}
		h.post("other", nil, "b@up.example")
		pass(time.Second)
		if got := h.take(); !slices.Contains(got, "other b@up.example") || len(got) > 1+200 {
			t.Fatalf("%d attempts at first", len(got))
		}
		attempts := func() (n int) {
			for _, s := range h.take() {
				if strings.HasSuffix(s, "b@down.example") {
					n++
				}
			}
			return n
		}
		pass(10 * time.Hour)
		if n := attempts(); n > 16 {
			t.Errorf("%d attempts in ten hours", n)
		}
		h.with(func() { works = true })
		pass(time.Hour + 15*time.Minute)
		if n := attempts(); n != 1000 || h.store.len() != 0 {
			t.Errorf("%d attempts when it was back, %d messages left", n, h.store.len())
		}
		if len(h.waits) < 5 || h.waits[len(h.waits)-1] != "down.example back" {
			t.Errorf("told %v", h.waits)
		}
	})
}

// A message that makes an attempt look as if the destination were down does not hold
// up the others.
func TestMessageThatAlwaysFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, newMemory(), Settings{})
		h.answer = func(m *Message, _ *Recipient) Result {
			if m.ID == "poison" {
				return down
			}
			return accepted
		}
		h.post("poison", nil, "b@a.example")
		pass(time.Second)
		for i := range 20 {
			h.post(fmt.Sprintf("m%d", i), nil, "b@a.example")
		}
		pass(2 * time.Minute)
		if n := h.store.len(); n != 1 {
			t.Errorf("%d messages are left", n)
		}
	})
}

// Concurrency and rate of a destination are kept, and the sum of all attempts.
func TestLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, newMemory(), Settings{Workers: 7})
		h.takes = time.Second
		h.to = func(r *Recipient) Destination {
			d := Destination{Key: r.Domain(), Concurrency: 3}
			if d.Key == "slow.example" {
				d.Interval = 10 * time.Second
			}
			return d
		}
		for i := range 30 {
			h.post(fmt.Sprintf("a%02d", i), nil, "b@a.example")
			h.post(fmt.Sprintf("s%02d", i), nil, "b@slow.example")
		}
		pass(95 * time.Second)
		slow := 0
		for _, s := range h.take() {
			if strings.HasSuffix(s, "slow.example") {
				slow++
			}
		}
		if h.mostly["a.example"] != 3 || slow != 10 {
			t.Errorf("at the same time %v; %d slow ones in 95 seconds", h.mostly, slow)
		}
		for d := range 10 {
			for i := range 3 {
				h.post(fmt.Sprintf("x%d-%d", d, i), nil, fmt.Sprintf("b@d%d.example", d))
			}
		}
		synctest.Wait()
		all := 0
		h.with(func() {
			for _, n := range h.running {
				all += n
			}
		})
		if all != 7 {
			t.Errorf("%d attempts at the same time", all)
		}
	})
}

// Urgent messages are sent first, then the oldest.
func TestPriority(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, newMemory(), Settings{})
		h.takes = time.Second
		h.to = func(*Recipient) Destination { return Destination{Key: "one", Concurrency: 1} }
		for i, p := range []int{0, 0, -4, 5, 0, 9} {
			h.post(fmt.Sprintf("m%d", i), func(m *Message) { m.Priority = p }, "b@a.example")
			pass(time.Millisecond)
		}
		pass(time.Minute)
		want := "m0 m5 m3 m1 m4 m2"
		if got := strings.ReplaceAll(strings.Join(h.take(), " "), " b@a.example", ""); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// A mail about a meeting waits for an earlier one to the same recipient; nothing else
// waits for it.
func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		h := newHouse(t, store, Settings{})
		greylisted := true
		h.answer = func(m *Message, r *Recipient) Result {
			if greylisted && m.ID == "update" && r.Path == "b@a.example" {
				return deferred
			}
			return accepted
		}
		h.post("update", about("m1"), "b@a.example", "c@a.example", "d@b.example")
		pass(time.Second)
		h.take()
		h.post("cancel", about("m1"), "b@a.example", "c@a.example", "d@b.example")
		h.post("other", about("m2"), "b@a.example")
		h.post("plain", nil, "b@a.example")
		pass(time.Second)
		got := h.take()
		slices.Sort(got)
		if want := []string{"cancel c@a.example", "cancel d@b.example", "other b@a.example", "plain b@a.example"}; !slices.Equal(got, want) {
			t.Errorf("sent %v, want %v", got, want)
		}
		// The order holds after a restart, too.
		h.stop()
		h.open(Settings{})
		pass(30 * time.Second)
		if got := h.take(); slices.Contains(got, "cancel b@a.example") {
			t.Errorf("after a restart: %v", got)
		}
		h.with(func() { greylisted = false })
		pass(time.Hour)
		if got := h.take(); len(got) < 2 || got[len(got)-2] != "update b@a.example" || got[len(got)-1] != "cancel b@a.example" || store.len() != 0 {
			t.Errorf("then %v, %d left", got, store.len())
		}
	})
}

// Copies of one revision have no order; a whole revision waits for the one before.
func TestSameRevision(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, newMemory(), Settings{})
		h.takes = time.Second
		revision := func(name string) func(*Message) {
			return func(m *Message) { m.Meetings = []Meeting{{UID: "u", Revision: name}} }
		}
		for i, name := range []string{"a", "a", "a", "b", "b", "a", "c"} {
			h.post(fmt.Sprintf("m%d", i), revision(name), "b@a.example")
			pass(time.Millisecond)
		}
		var got []string
		for range 3 {
			pass(1100 * time.Millisecond)
			sent := h.take()
			slices.Sort(sent)
			got = append(got, strings.ReplaceAll(strings.Join(sent, " "), " b@a.example", ""))
		}
		if want := []string{"m0 m1 m2 m5", "m3 m4", "m6"}; !slices.Equal(got, want) {
			t.Errorf("sent %q, want %q", got, want)
		}
		if len(h.q.chains) != 0 {
			t.Errorf("%d chains are left", len(h.q.chains))
		}
	})
}

// A message that waits takes less than 200 octets of memory.
func TestMemoryPerMessage(t *testing.T) {
	const n = 100_000
	q, err := Open(Options{Store: newMemory(), Carrier: &fake{t: t}})
	if err != nil {
		t.Fatal(err)
	}
	heap := func() uint64 {
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	before := heap()
	for i := range n {
		m := &Message{ID: fmt.Sprintf("5a3f2c19-%x", i), Received: time.Unix(0, int64(i)), Recipients: []Recipient{{Path: "b@example.net", State: Queued}}}
		q.enter(m, false)
	}
	if each := (heap() - before) / n; each >= 200 {
		t.Errorf("%d octets a message", each)
	} else {
		t.Logf("%d octets a message", each)
	}
	runtime.KeepAlive(q)
}
