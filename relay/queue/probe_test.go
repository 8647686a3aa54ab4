package queue

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// one sends all mail to one destination, as a route to a gateway does.
func one(*Recipient) Destination { return Destination{Key: "one", Concurrency: 5} }

// A message at which the next hop fails each time does not stop the others, and is not
// tried again and again while these are sent.
func TestMessageAtWhichDestinationFails(t *testing.T) {
	for _, c := range []struct {
		name   string
		result Result
		bad    int
	}{{"fails", down, 1}, {"fails at several", down, 3}, {"defers", deferred, 12}} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, newMemory(), Settings{})
				h.to = one
				h.answer = func(m *Message, _ *Recipient) Result {
					if strings.HasPrefix(m.ID, "bad") {
						return c.result
					}
					return accepted
				}
				for i := range c.bad {
					h.post(fmt.Sprintf("bad%02d", i), nil, "b@a.example")
					pass(time.Millisecond)
				}
				h.post("good", nil, "b@b.example")
				pass(2 * time.Minute)
				if sent := h.take(); !slices.Contains(sent, "good b@b.example") {
					t.Fatalf("the good message was not sent: %v", sent)
				}
				for i := range 100 {
					h.post(fmt.Sprintf("good%d", i), nil, "b@b.example")
					pass(time.Minute)
				}
				bad, good := 0, 0
				for _, s := range h.take() {
					if strings.HasPrefix(s, "bad") {
						bad++
					} else {
						good++
					}
				}
				if good < 95 || bad > c.bad*10 {
					t.Errorf("%d of 100 good messages were sent, and %d attempts were made with %d others", good, bad, c.bad)
				}
			})
		})
	}
}

// An attempt that hangs does not keep a destination that failed from being tried.
func TestProbeBesideHangingAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, newMemory(), Settings{})
		h.to = one
		h.takes = 5 * time.Minute
		h.post("hangs", nil, "b@a.example")
		synctest.Wait()
		h.takes = 0
		works := false
		h.answer = func(*Message, *Recipient) Result {
			if works {
				return accepted
			}
			return down
		}
		h.post("m1", nil, "b@a.example")
		pass(time.Second)
		h.post("m2", nil, "b@a.example")
		h.with(func() { works = true })
		h.take()
		pass(2 * time.Minute)
		if got := h.take(); len(got) != 2 || slices.Contains(got, "hangs b@a.example") {
			t.Errorf("sent %v", got)
		}
	})
}

// A reload tries the messages at once that paused because the destination failed.
func TestReloadEndsPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, newMemory(), Settings{})
		h.to = one
		h.answer = func(*Message, *Recipient) Result { return down }
		h.post("m", nil, "b@a.example")
		pass(5 * time.Hour)
		h.with(func() { h.answer = nil })
		h.take()
		h.q.Use(Settings{})
		pass(time.Second)
		if got := h.take(); !slices.Contains(got, "m b@a.example") {
			t.Errorf("sent %v", got)
		}
	})
}

// A retry of a destination that failed is made with the message that was named.
func TestRetryTriesTheMessageThatWasNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, newMemory(), Settings{})
		h.to = one
		h.answer = func(*Message, *Recipient) Result { return down }
		for i := range 9 {
			h.post(fmt.Sprintf("m%d", i), nil, fmt.Sprintf("r%d@a.example", i))
		}
		for range 3 {
			pass(time.Minute)
			h.take()
			if n, err := h.q.Retry(t.Context(), Filter{To: "r5@a.example"}); n != 1 || err != nil {
				t.Fatal(n, err)
			}
			pass(time.Millisecond)
			if got := h.take(); !slices.Equal(got, []string{"m5 r5@a.example"}) {
				t.Errorf("sent %v", got)
			}
		}
	})
}

// An administrator is told that a change is not stored, and it is in force.
func TestChangeThatCannotBeStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		h := newHouse(t, store, Settings{})
		h.answer = func(*Message, *Recipient) Result { return deferred }
		h.post("m", nil, "b@a.example")
		pass(time.Second)
		store.fail = func(what string) error {
			if what == "update" {
				return errDisk
			}
			return nil
		}
		if _, err := h.q.Hold(t.Context(), Filter{}, ""); err == nil {
			t.Error("no error")
		}
		h.take()
		pass(3 * time.Hour)
		if got := h.take(); len(got) != 0 {
			t.Errorf("sent %v", got)
		}
	})
}

// A hold is for the whole message, also for recipients with another destination, and a
// release ends it for all of them.
func TestHoldOfSeveralDestinations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, newMemory(), Settings{})
		h.answer = func(*Message, *Recipient) Result { return deferred }
		h.post("m", nil, "b@a.example", "b@b.example")
		pass(time.Second)
		h.take()
		h.with(func() { h.answer = nil })
		if n, err := h.q.Hold(t.Context(), Filter{Domain: "a.example"}, ""); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		pass(2 * time.Hour)
		if got := h.take(); len(got) != 0 {
			t.Errorf("sent while it is held: %v", got)
		}
		if n, err := h.q.Release(t.Context(), Filter{Domain: "a.example"}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		pass(time.Second)
		if got := h.take(); len(got) != 2 || h.store.len() != 0 {
			t.Errorf("after the release: %v, %d left", got, h.store.len())
		}
	})
}
