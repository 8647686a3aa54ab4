package dsn

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

func TestLimiter(t *testing.T) {
	clock := now
	l := NewLimiter(2, 3, func() time.Time { return clock })
	expect := func(path string, ok bool) {
		t.Helper()
		again, allowed := l.Allow(path)
		if allowed != ok || !ok && !again.Equal(now.Add(time.Hour)) {
			t.Errorf("%s: %v, again at %v, want %v", path, allowed, again, ok)
		}
	}
	expect("a@x.example", true)
	expect("a@X.example.", true) // the same domain
	expect("a@x.example", false)
	expect("a@x.example", false)
	expect("A@x.example", true) // a local part is compared as it is
	clock = clock.Add(time.Hour - 1)
	expect("a@x.example", false)
	clock = clock.Add(1)
	expect("a@x.example", true) // a new hour
	expect("a@x.example", true)
	clock = clock.Add(-2 * time.Hour) // the clock is corrected
	expect("a@x.example", true)
}

func TestLimiterForgetsTheOldest(t *testing.T) {
	l := NewLimiter(1, 100, func() time.Time { return now })
	for i := range 1000 {
		if _, ok := l.Allow(fmt.Sprintf("%d@x.example", i)); !ok {
			t.Fatal(i)
		}
	}
	if len(l.hours) != 100 || len(l.order) != 100 {
		t.Errorf("%d and %d paths are remembered", len(l.hours), len(l.order))
	}
	if _, ok := l.Allow("999@x.example"); ok {
		t.Error("the newest is forgotten")
	}
	if _, ok := l.Allow("0@x.example"); !ok {
		t.Error("the oldest is remembered")
	}
}

func TestLimiterWithoutLimit(t *testing.T) {
	l := NewLimiter(0, 1, func() time.Time { return now })
	for range 100 {
		if _, ok := l.Allow("a@x.example"); !ok {
			t.Fatal("limited")
		}
	}
}

func TestLimiterConcurrently(t *testing.T) {
	l := NewLimiter(50, 10, func() time.Time { return now })
	var mu sync.Mutex
	allowed := 0
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				if _, ok := l.Allow("a@x.example"); ok {
					mu.Lock()
					allowed++
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	if allowed != 50 {
		t.Errorf("%d allowed", allowed)
	}
}
