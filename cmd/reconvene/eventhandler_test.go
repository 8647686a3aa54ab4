package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
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
	log.Info("message", "nexthop", "a:25", "verdict", "deferred")
	want("not yet restored", 4)
	log.Info("message", "nexthop", "a:25", "verdict", "delivered")
	want("restored", 5, "INFO 1201 ", "nexthop: a:25")
	log.Info("message", "nexthop", "a:25", "verdict", "delivered")
	log.Warn("recipient", "to", "bob", "verdict", "refused")
	log.Warn("recipient", "to", "bob", "method", "REQUEST", "verdict", "deferred")
	want("no meeting, or not final", 5)
	log.Warn("recipient", "to", "bob\x00\r\nlevel: good", "method", "REQUEST", "verdict", "refused", "reply", strings.Repeat("é", 5000))
	want("not notified", 6, "WARN 1400 ", "to: bob���level: good")
	if len(got[5]) > 2000 {
		t.Errorf("an event of %d octets", len(got[5]))
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

// The level of the log is none of the Event Log's; and what is below it goes to
// the events only.
func TestEventTee(t *testing.T) {
	var out strings.Builder
	log, err := newLogOutput(&env{stderr: &out, now: time.Now}, config.Log{Format: "text", Level: "error"})
	if err != nil {
		t.Fatal(err)
	}
	var ids []uint32
	events := &eventHandler{now: time.Now, write: func(_ slog.Level, id uint32, _ string) error {
		ids = append(ids, id)
		return errors.New("the Event Log is full")
	}}
	d := &daemon{e: &env{events: events}, out: log, metrics: relay.NewMetrics(release, nil)}
	d.watchLog()
	to := slog.New(d.logHandler())
	to.Info("started")
	to.Error("config-rejected")
	if want := []uint32{1000, 1101}; !slices.Equal(ids, want) {
		t.Errorf("events %v, want %v", ids, want)
	}
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "config-rejected") {
		t.Errorf("the log has %q", got)
	}
	log.w.count(1, false)
	log.w.count(1, false)
	log.w.count(0, true)
	if want := []uint32{1000, 1101, eventLogFailed, eventLogRecovered}; !slices.Equal(ids, want) {
		t.Errorf("events %v, want %v", ids, want)
	}
}

// The page about the events is made of the table:
//
//	UPDATE=1 go test ./cmd/reconvene -run TestEventsPage
func TestEventsPage(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# Events of the Windows Event Log

The service writes these to the log Application, source ` + "`Reconvene`" + `. The numbers keep their meaning from release to
release. An event that repeats with the same values is written once in ten minutes; the next one says how many were left
out. The [log](log.md) has more: each message, and each recipient.

| ID | level | log's msg | meaning | what to do |
|---|---|---|---|---|
`)
	for _, k := range eventKinds {
		word := ""
		if k.Msg != "" {
			word = "`" + k.Msg + "`"
		}
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s |\n", k.ID, strings.ToLower(k.Level.String()), word, k.Title, k.Do)
	}
	const file = "../../docs/events.md"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	page, err := os.ReadFile(file)
	if err != nil || string(page) != b.String() {
		t.Errorf("docs/events.md is not what the table says (%v); make it anew with UPDATE=1", err)
	}
}
