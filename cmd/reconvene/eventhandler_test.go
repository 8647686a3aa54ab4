package main

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestEventHandler(t *testing.T) {
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	var got []string
	log := slog.New(&eventHandler{
		write: func(level slog.Level, id uint32, text string) error {
			got = append(got, fmt.Sprintf("%s %d %s", level, id, text))
			return nil
		},
		now: func() time.Time { return now },
	})
	want := func(what string, n int, words ...string) {
		t.Helper()
		if len(got) != n {
			t.Fatalf("%s: %d events, want %d: %q", what, len(got), n, got)
		}
		for _, w := range words {
			if !strings.Contains(got[n-1], w) {
				t.Errorf("%s: event %q lacks %q", what, got[n-1], w)
			}
		}
	}
	log.Info("message", "id", "1")
	log.Debug("started")
	want("no event", 0)
	log.Warn("nexthop-failed", "nexthop", "a:25", "took_ms", 12)
	want("first", 1, "WARN 1200 ", "nexthop: a:25", "What to do: Run")
	for range 3 {
		log.Warn("nexthop-failed", "nexthop", "a:25", "took_ms", 30)
	}
	want("repeated", 1)
	log.Warn("nexthop-failed", "nexthop", "b:25")
	want("another host", 2, "nexthop: b:25")
	now = now.Add(repeatInterval)
	log.Warn("nexthop-failed", "nexthop", "a:25")
	want("later", 3, "3 more times")
	now = now.Add(repeatInterval)
	log.Warn("nexthop-failed", "nexthop", "a:25")
	want("counted anew", 4)
	if strings.Contains(got[3], "more times") {
		t.Errorf("counts the same events twice: %q", got[3])
	}
}

func TestEventNumbers(t *testing.T) {
	ids, words := map[uint32]bool{}, map[string]bool{}
	for _, k := range eventKinds {
		if ids[k.ID] || k.Msg != "" && words[k.Msg] {
			t.Errorf("event %d (%s) is there twice", k.ID, k.Msg)
		}
		ids[k.ID], words[k.Msg] = true, true
		if k.Title == "" || k.Do == "" {
			t.Errorf("event %d has no title, or nothing to do", k.ID)
		}
	}
}
