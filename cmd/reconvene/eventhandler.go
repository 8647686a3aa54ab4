package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// repeatInterval is how long an event that happens again is counted instead of
// written.
const repeatInterval = 10 * time.Minute

// eventHandler is a handler of the log that writes what is in eventKinds to the
// Event Log of Windows. The same event (number and values, but for durations and
// times) is written once in repeatInterval; the next one says how many were left
// out. It is safe for concurrent use.
type eventHandler struct {
	write func(level slog.Level, id uint32, text string) error
	now   func() time.Time

	mu   sync.Mutex
	seen map[string]*repeats
}

// repeats is what happened since an event was written.
type repeats struct {
	since time.Time
	count int
}

// maxRemembered bounds the events that are remembered, against a stranger who
// makes each one different.
const maxRemembered = 1000

// Enabled implements slog.Handler.
func (h *eventHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo
}

// WithAttrs implements slog.Handler; the mail log does not use it.
func (h *eventHandler) WithAttrs([]slog.Attr) slog.Handler { return h }

// WithGroup implements slog.Handler; the mail log does not use it.
func (h *eventHandler) WithGroup(string) slog.Handler { return h }

// Handle implements slog.Handler.
func (h *eventHandler) Handle(_ context.Context, r slog.Record) error {
	kind := eventOf(r)
	if kind == nil {
		return nil
	}
	var text, key strings.Builder
	fmt.Fprintf(&text, "%s\r\n", kind.Title)
	fmt.Fprint(&key, kind.ID)
	r.Attrs(func(a slog.Attr) bool {
		fmt.Fprintf(&text, "\r\n%s: %s", a.Key, a.Value)
		if a.Value.Kind() != slog.KindDuration && a.Value.Kind() != slog.KindTime && !strings.HasPrefix(a.Key, "took") {
			fmt.Fprintf(&key, "\x00%s\x00%s", a.Key, a.Value)
		}
		return true
	})
	write, left := h.due(key.String())
	if !write {
		return nil
	}
	if left > 0 {
		fmt.Fprintf(&text, "\r\n\r\nIt happened %d more times since the last event of this kind.", left)
	}
	fmt.Fprintf(&text, "\r\n\r\nWhat to do: %s", kind.Do)
	return h.write(r.Level, kind.ID, text.String())
}

// eventOf is the kind of a line of the log, nil when it is no event.
func eventOf(r slog.Record) *eventKind {
	for i := range eventKinds {
		if k := &eventKinds[i]; k.Msg == r.Message && k.Msg != "" && r.Level >= k.Level {
			return k
		}
	}
	return nil
}

// due reports whether an event is to be written, and how many were left out
// before it.
func (h *eventHandler) due(key string) (write bool, left int) {
	now := h.now()
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.seen[key]; s != nil && now.Sub(s.since) < repeatInterval {
		s.count++
		return false, 0
	} else if s != nil {
		left = s.count
	}
	if h.seen == nil || len(h.seen) >= maxRemembered {
		h.seen = make(map[string]*repeats)
	}
	h.seen[key] = &repeats{since: now}
	return true, left
}
