package queue

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A message that is given up when its sender may not be told for now stays until he may
// be, is not tried any more, and is told of once. Meanwhile it can be listed, and it
// keeps no later mail about the meeting waiting.
func TestGivenUpBeyondTheLimit(t *testing.T) {
	by := func(m *Message) { m.DeliverBy = &DeliverBy{At: m.Received.Add(10 * time.Minute), Return: true} }
	for _, tt := range []struct {
		name   string
		change func(*Message)
		answer Result
		after  time.Duration
		state  State
	}{
		{"refused", about("u"), refused, time.Second, Bounced},
		{"expired", about("u"), deferred, 50 * time.Hour, Expired},
		{"to be returned in time", by, deferred, 15 * time.Minute, Expired},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newMemory()
				h := newHouse(t, store, Settings{DelayNotice: -1})
				h.most, h.told, h.again = 1, []string{"another"}, time.Now().Add(tt.after+30*time.Minute)
				h.answer = func(m *Message, _ *Recipient) Result {
					if m.ID == "m" {
						return tt.answer
					}
					return accepted
				}
				h.post("m", tt.change, "b@a.example")
				pass(tt.after)
				m, err := store.Get("m")
				if err != nil || m.Recipients[0].State != tt.state || !m.Recipients[0].Untold {
					t.Fatalf("%v %+v", err, m)
				}
				h.take()
				h.post("later", tt.change, "b@a.example")
				h.stop() // a start changes nothing of it
				h.open(Settings{DelayNotice: -1})
				pass(10 * time.Minute)
				if got := h.take(); slices.Contains(got, "m b@a.example") || !slices.Contains(got, "later b@a.example") {
					t.Errorf("sent %v", got)
				}
				if got := phases(t, h.q); got != "m untold" {
					t.Errorf("listed: %s", got)
				}
				h.with(func() { h.most = 0 })
				pass(30 * time.Minute)
				if got := strings.Join(h.list(&h.told), ", "); got != "another, b@a.example failed" || store.len() > 0 {
					t.Errorf("told %q, %d left", got, store.len())
				}
				if got := h.take(); len(got) != 1 || !strings.HasSuffix(got[0], " a@example.com") {
					t.Errorf("sent %v", got)
				}
				if got := h.list(&h.ended); len(got) > 1 {
					t.Errorf("reported %v", got)
				}
			})
		})
	}
}

// phases lists what is in a queue.
func phases(t *testing.T, q *Queue) string {
	t.Helper()
	var list []string
	if err := q.Each(t.Context(), Filter{}, func(i Item) error {
		list = append(list, i.Message.ID+" "+i.Phase)
		return nil
	}); err != nil {
		t.Error(err)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// Bounce removes nothing that it cannot notify of, and says so.
func TestBounceBeyondTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		h := newHouse(t, store, Settings{})
		h.answer = func(*Message, *Recipient) Result { return deferred }
		h.most, h.again = 2, time.Now().Add(time.Hour)
		for i := range 5 {
			h.post(fmt.Sprint("m", i), nil, "b@a.example")
			pass(time.Second)
		}
		if _, err := h.q.Hold(t.Context(), Filter{IDs: []string{"m3"}}, "why"); err != nil {
			t.Fatal(err)
		}
		n, err := h.q.Bounce(t.Context(), Filter{From: "a@example.com"}, "gone")
		kept, ok := errors.AsType[*KeptError](err)
		if n != 2 || !ok || kept.Messages != 3 || kept.Most != 2 || !kept.Again.Equal(h.again) {
			t.Fatalf("%d %v", n, err)
		}
		pass(time.Second)
		if got := phases(t, h.q); got != "m2 waiting, m3 held, m4 waiting, n1 waiting, n2 waiting" {
			t.Errorf("left: %s", got)
		}
		if m, err := store.Get("m3"); err != nil || m.Held != "why" || m.Recipients[0].State != Queued || m.Recipients[0].Last.Code != 450 {
			t.Errorf("%v %+v", err, m)
		}
		h.with(func() { h.most = 0 })
		if n, err := h.q.Bounce(t.Context(), Filter{From: "a@example.com"}, "gone"); n != 3 || err != nil {
			t.Errorf("%d %v", n, err)
		}
		if got := h.list(&h.ended); len(got) != 5 || len(h.list(&h.told)) != 5 {
			t.Errorf("ended %v", got)
		}
	})
}

// While a notification cannot be stored, a message that was never tried stays, too.
func TestExpiredWhileStoreIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		h := newHouse(t, store, Settings{DelayNotice: -1})
		h.to = func(r *Recipient) Destination { return Destination{Key: r.Domain(), Concurrency: 1} }
		h.takes = 49 * time.Hour
		h.post("first", nil, "b@a.example")
		pass(time.Second)
		h.post("m", nil, "c@a.example")
		store.mu.Lock()
		store.fail = func(w string) error {
			if w == "commit" {
				return errDisk
			}
			return nil
		}
		store.mu.Unlock()
		pass(48*time.Hour + 30*time.Minute)
		if m, err := store.Get("m"); err != nil || m.Recipients[0].State != Queued {
			t.Fatalf("%v %+v", err, m)
		}
		store.mu.Lock()
		store.fail = nil
		store.mu.Unlock()
		pass(60 * time.Hour)
		if got := h.take(); len(got) != 2 || !strings.HasSuffix(got[1], " a@example.com") || store.len() > 0 {
			t.Errorf("sent %v, %d left", got, store.len())
		}
	})
}
