package queue

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// When the sender is told, and when a message is given up.
func TestExpire(t *testing.T) {
	start := func(in time.Duration) func(*Message) {
		return func(m *Message) { m.Meetings = []Meeting{{UID: "u", Start: m.Received.Add(in)}} }
	}
	by := func(in time.Duration, back bool) func(*Message) {
		return func(m *Message) { m.DeliverBy = &DeliverBy{At: m.Received.Add(in), Return: back} }
	}
	for _, tt := range []struct {
		name   string
		change func(*Message)
		answer Result
		after  time.Duration
		want   string
		left   bool
	}{
		{"not late yet", nil, deferred, 3 * time.Hour, "", true},
		{"late", nil, deferred, 5 * time.Hour, "b@a.example delayed", true},
		{"told once", nil, deferred, 40 * time.Hour, "b@a.example delayed", true},
		{"expired", nil, deferred, 50 * time.Hour, "b@a.example delayed, b@a.example failed", false},
		{"expired, and never reached", nil, down, 50 * time.Hour, "b@a.example delayed, b@a.example failed", false},
		{"a meeting that is near", start(6 * time.Hour), deferred, 20 * time.Minute, "b@a.example delayed", true},
		{"a meeting that is far", start(100 * time.Hour), deferred, 3 * time.Hour, "", true},
		{"a meeting that is over", start(-time.Hour), deferred, 3 * time.Hour, "", true},
		{"to be returned in time", by(30*time.Minute, true), deferred, 35 * time.Minute, "b@a.example failed", false},
		{"to be told in time", by(30*time.Minute, false), deferred, 35 * time.Minute, "b@a.example delayed", true},
		{"refused", nil, refused, time.Second, "b@a.example failed", false},
		{"accepted", nil, accepted, time.Second, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, newMemory(), Settings{})
				h.answer = func(m *Message, r *Recipient) Result {
					if m.Sender.Path == "" {
						return accepted
					}
					return tt.answer
				}
				h.post("m", tt.change, "b@a.example")
				pass(tt.after)
				if got := strings.Join(h.list(&h.told), ", "); got != tt.want {
					t.Errorf("told %q, want %q", got, tt.want)
				}
				if _, err := h.store.Get("m"); (err == nil) != tt.left {
					t.Errorf("left: %v", err)
				}
			})
		})
	}
}

// Pauses grow, and are not longer than the longest.
func TestPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, newMemory(), Settings{})
		var at []time.Duration
		began := time.Now()
		h.answer = func(m *Message, _ *Recipient) Result {
			if m.Sender.Path == "" {
				return accepted
			}
			at = append(at, time.Since(began).Round(time.Second))
			return deferred
		}
		h.post("m", nil, "b@a.example")
		pass(5 * time.Hour)
		want := []time.Duration{0, 1, 3, 7, 15, 31, 63, 123, 183, 243}
		for i := range want {
			want[i] *= time.Minute
		}
		if !slices.Equal(at, want) {
			t.Errorf("got  %v\nwant %v", at, want)
		}
	})
}

// A server that stood still, or whose clock jumps, returns nothing before it has tried
// for an hour.
func TestStoodStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, newMemory(), Settings{})
		h.answer = func(m *Message, _ *Recipient) Result {
			if m.Sender.Path == "" {
				return accepted
			}
			return deferred
		}
		h.post("m", nil, "b@a.example")
		pass(time.Second)
		h.stop()
		pass(100 * time.Hour)
		h.open(Settings{})
		pass(50 * time.Minute)
		if told := h.list(&h.told); len(told) != 1 || !strings.HasSuffix(told[0], "delayed") {
			t.Errorf("after 50 minutes: %v", told)
		}
		pass(20 * time.Minute)
		if told := h.list(&h.told); len(told) != 2 || h.store.len() != 0 {
			t.Errorf("after 70 minutes: %v", told)
		}
	})
}

// A time of the next attempt that lies far ahead is that of a clock that was set back:
// the message does not wait for it.
func TestClockSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		h := newHouse(t, store, Settings{})
		h.answer = func(*Message, *Recipient) Result { return deferred }
		h.post("m", nil, "b@a.example")
		pass(time.Second)
		h.stop()
		m, _ := store.Get("m")
		m.Received, m.Recipients[0].Next = time.Now().Add(1000*time.Hour), time.Now().Add(1000*time.Hour)
		store.Update(m)
		h.with(func() { h.answer = nil })
		h.open(Settings{})
		pass(3 * time.Hour)
		if store.len() != 0 {
			t.Error("it still waits")
		}
	})
}

// Errors of the store lose nothing, and nothing is sent twice because of them.
func TestStoreErrors(t *testing.T) {
	for _, what := range []string{"update", "remove"} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newMemory()
				h := newHouse(t, store, Settings{})
				h.answer = func(_ *Message, r *Recipient) Result {
					if r.Path == "late@a.example" && time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)) < 10*time.Minute {
						return deferred
					}
					return accepted
				}
				store.fail = func(w string) error {
					if w == what {
						return errDisk
					}
					return nil
				}
				h.post("m", nil, "b@a.example", "late@a.example")
				pass(20 * time.Minute)
				store.mu.Lock()
				store.fail = nil
				store.mu.Unlock()
				pass(3 * time.Hour)
				n := 0
				for _, s := range h.take() {
					if s == "m b@a.example" {
						n++
					}
				}
				if n != 1 || store.len() != 0 || len(h.trouble) == 0 {
					t.Errorf("sent %d times, %d left, told %v", n, store.len(), h.trouble)
				}
			})
		})
	}
}

// A refusal that cannot be reported is not forgotten: the message stays until it can.
func TestNotificationCannotBeStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		h := newHouse(t, store, Settings{})
		h.answer = func(m *Message, _ *Recipient) Result {
			if m.Sender.Path == "" {
				return accepted
			}
			return refused
		}
		h.post("m", nil, "b@a.example")
		store.mu.Lock()
		store.fail = func(w string) error {
			if w == "commit" {
				return fmt.Errorf("%w: %w", ErrFull, errDisk)
			}
			return nil
		}
		store.mu.Unlock()
		pass(10 * time.Minute)
		if _, err := store.Get("m"); err != nil {
			t.Fatal(err)
		}
		store.mu.Lock()
		store.fail = nil
		store.mu.Unlock()
		pass(10 * time.Minute)
		if got := h.take(); store.len() != 0 || !strings.HasSuffix(got[len(got)-1], " a@example.com") {
			t.Errorf("%d left, sent %v", store.len(), got)
		}
	})
}

// A body that is not what was stored is set aside, and never sent.
func TestAlteredBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		h := newHouse(t, store, Settings{})
		h.answer = func(*Message, *Recipient) Result { return deferred }
		h.post("m", nil, "b@a.example")
		pass(time.Second)
		store.mu.Lock()
		store.bodies["m"][3] ^= 1
		store.mu.Unlock()
		h.with(func() { h.answer = nil })
		pass(time.Hour)
		if len(store.aside) != 1 || len(h.take()) != 1 || len(h.damage) != 1 {
			t.Errorf("aside %v, told %v", store.aside, h.damage)
		}
	})
}

// A mail about a meeting that was not tried yet is reported once, so that the ledger
// knows who does not have it.
func TestUntriedMeetingIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, newMemory(), Settings{RetryFirst: 2 * time.Minute})
		h.answer = func(*Message, *Recipient) Result { return down }
		h.post("first", about("m1"), "b@a.example")
		pass(time.Second)
		h.post("second", about("m2"), "b@a.example", "c@a.example")
		h.post("plain", nil, "b@a.example")
		pass(30 * time.Minute)
		if got := h.list(&h.pending); !slices.Equal(got, []string{"second 2"}) {
			t.Errorf("reported %v", got)
		}
	})
}
