package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode"
)

// repeatInterval is how long an event that happens again is counted instead of
// written.
const repeatInterval = 10 * time.Minute

// eventHandler is a log handler that writes the lines in eventKinds to the Windows
// Event Log. The same event (number and values, except durations and times) is
// written once in repeatInterval; the next one has the number of those omitted. It
// is safe for concurrent use.
type eventHandler struct {
	write func(level slog.Level, id uint32, text string) error
	now   func() time.Time

	mu     sync.Mutex
	seen   map[string]*repeats
	failed map[string]bool // hosts that failed and have delivered nothing since
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
	values := make(map[string]string)
	r.Attrs(func(a slog.Attr) bool {
		values[a.Key] = a.Value.String()
		return true
	})
	restored := h.restored(r.Message, values)
	kind := eventOf(r, values)
	if kind == nil && !restored {
		return nil
	}
	var text, key strings.Builder
	r.Attrs(func(a slog.Attr) bool {
		value := eventValue(a.Value.String())
		fmt.Fprintf(&text, "\r\n%s: %s", a.Key, value)
		if a.Value.Kind() != slog.KindDuration && a.Value.Kind() != slog.KindTime && !strings.HasPrefix(a.Key, "took") {
			fmt.Fprintf(&key, "\x00%s\x00%s", a.Key, value)
		}
		return true
	})
	var err error
	if restored {
		err = h.Event(eventHopRestored, "\r\nnexthop: "+eventValue(values["nexthop"]), "")
	}
	if kind != nil {
		err = errors.Join(err, h.put(kind, r.Level, text.String(), key.String()))
	}
	return err
}

// Event writes an event that is not a line of the log. key distinguishes it from
// others with the same number.
func (h *eventHandler) Event(id uint32, text, key string) error {
	for i := range eventKinds {
		if k := &eventKinds[i]; k.ID == id {
			return h.put(k, k.Level, text, key)
		}
	}
	return fmt.Errorf("there is no event %d", id)
}

// put writes an event unless the same was written shortly before.
func (h *eventHandler) put(k *eventKind, level slog.Level, values, key string) error {
	write, left := h.due(fmt.Sprint(k.ID, key))
	if !write {
		return nil
	}
	text := k.Title + "\r\n" + values
	if left > 0 {
		text += fmt.Sprintf("\r\n\r\nIt happened %d more times since the last event of this kind.", left)
	}
	return h.write(level, k.ID, text+`

What to do: `+k.Do)
}

// restored reports whether a line says that a host that failed has delivered.
func (h *eventHandler) restored(msg string, values map[string]string) bool {
	host := values["nexthop"]
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case msg == "nexthop-failed" && len(h.failed) < maxRemembered:
		if h.failed == nil {
			h.failed = make(map[string]bool)
		}
		h.failed[host] = true
	case msg == "message" && values["verdict"] == "delivered" && h.failed[host]:
		delete(h.failed, host)
		return true
	}
	return false
}

// maxEventValue bounds a value in an event, whose whole text may have 31,839
// characters.
const maxEventValue = 1000

// eventValue is a value without what could forge a line or end the text.
func eventValue(value string) string {
	value = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return unicode.ReplacementChar
		}
		return r
	}, value)
	if len(value) > maxEventValue {
		value = strings.ToValidUTF8(value[:maxEventValue], "") + "…"
	}
	return value
}

// eventOf is the kind of a line of the log, nil when it is no event. Of the lines
// about recipients those are events that are final and about a meeting.
func eventOf(r slog.Record, values map[string]string) *eventKind {
	if r.Message == "recipient" && (values["method"] == "" || values["verdict"] != "refused" && values["outcome"] != "notice") {
		return nil
	}
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
