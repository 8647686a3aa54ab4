package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/reconvene/reconvene/relay"
)

// eventTee is the handler of the log that passes each line to the Event Log, too,
// whatever the level of the log is.
type eventTee struct {
	*logOutput
	events *eventHandler
}

var _ relay.BatchHandler = eventTee{}

// Enabled implements slog.Handler.
func (t eventTee) Enabled(ctx context.Context, level slog.Level) bool {
	return t.events.Enabled(ctx, level) || t.logOutput.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (t eventTee) Handle(ctx context.Context, r slog.Record) error {
	return t.HandleAll(ctx, []slog.Record{r})
}

// HandleAll implements relay.BatchHandler. An event that cannot be written stops
// no line of the log.
func (t eventTee) HandleAll(ctx context.Context, records []slog.Record) error {
	var lines []slog.Record
	var errs []error
	for _, r := range records {
		errs = append(errs, t.events.Handle(ctx, r))
		if t.logOutput.Enabled(ctx, r.Level) {
			lines = append(lines, r)
		}
	}
	if len(lines) > 0 {
		errs = append(errs, t.logOutput.HandleAll(ctx, lines))
	}
	return errors.Join(errs...)
}

// logHandler is the handler of the mail log: the log, and the Event Log where
// there is one.
func (d *daemon) logHandler() slog.Handler {
	if d.e.events == nil {
		return d.out
	}
	return eventTee{logOutput: d.out, events: d.e.events}
}

// watchLog counts lost lines, and writes an event when the log cannot be written
// and when it can again.
func (d *daemon) watchLog() {
	good := true // the log calls one at a time
	d.out.CountLosses(func(lines int, writable bool) {
		d.metrics.Log(lines, writable)
		if d.e.events == nil || writable == good {
			return
		}
		good = writable
		id := uint32(eventLogRecovered)
		if !writable {
			id = eventLogFailed
		}
		_ = d.e.events.Event(id, "", "") // no other place is left to report to
	}, d.metrics.Syslog)
}
