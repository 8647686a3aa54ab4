package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
)

// logOutput is the log's handler, whose format, level and file can be changed
// while others write. It is safe for concurrent use.
type logOutput struct {
	stderr io.Writer
	file   string // the log when the configuration names none; "": standard error
	now    func() time.Time

	mu      sync.Mutex
	count   func(lines int, writable bool)
	cfg     config.Log
	w       *logWriter
	handler relay.BatchHandler
}

var _ relay.BatchHandler = (*logOutput)(nil)

// logRetry is how often a log that cannot be written is tried without a line.
const logRetry = 5 * time.Second

func newLogOutput(e *env, cfg config.Log) (*logOutput, error) {
	o := &logOutput{stderr: e.stderr, file: e.logFile, now: e.now}
	return o, o.Use(cfg)
}

// Use goes over to another configuration; on an error the old one stays.
func (o *logOutput) Use(cfg config.Log) error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		return fmt.Errorf("log.level: %w", err)
	}
	cfg.File = cmp.Or(cfg.File, o.file)
	o.mu.Lock()
	defer o.mu.Unlock()
	w, err := openLog(o.stderr, cfg.File, newRotation(cfg, o.now))
	if err != nil {
		if o.w != nil && o.cfg.File == cfg.File {
			o.w.doubt(err)
			o.w.tell(0, false)
		}
		return err
	}
	w.count = o.count
	if old := o.w; old != nil {
		old.close()
		w.problem, w.lost, w.total = old.problem, old.lost, old.total
	}
	if w.total == 0 {
		w.well()
	}
	o.cfg, o.w, o.handler = cfg, w, relay.NewLogHandler(w, cfg.Format, level)
	return nil
}

// Watch sets who counts the lines that are lost.
func (o *logOutput) Watch(count func(lines int, writable bool)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.count, o.w.count = count, count
	count(0, true)
}

// Reopen opens the file again, after logrotate has moved it away.
func (o *logOutput) Reopen() error {
	o.mu.Lock()
	cfg := o.cfg
	o.mu.Unlock()
	return o.Use(cfg)
}

// Trouble is what keeps the log from being written, or nil.
func (o *logOutput) Trouble() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.w.trouble()
}

// Retry writes what was lost, as a number, when the log could not be written.
// It returns when ctx ends.
func (o *logOutput) Retry(ctx context.Context) {
	for tick := time.Tick(logRetry); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			if o.Trouble() == nil {
				continue
			}
			if o.Reopen() == nil {
				_ = o.HandleAll(ctx, nil)
			}
		}
	}
}

// Close closes the file.
func (o *logOutput) Close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.w.close()
}

// Enabled implements slog.Handler.
func (o *logOutput) Enabled(ctx context.Context, level slog.Level) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.handler.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (o *logOutput) Handle(ctx context.Context, r slog.Record) error {
	return o.HandleAll(ctx, []slog.Record{r})
}

// HandleAll implements relay.BatchHandler. The first lines after a loss say how
// many are missing.
func (o *logOutput) HandleAll(ctx context.Context, records []slog.Record) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	lost := o.w.lost
	if o.w.report = lost > 0; o.w.report {
		records = append([]slog.Record{relay.LogRecovered(o.now(), lost, o.w.problem)}, records...)
	}
	err := o.handler.HandleAll(ctx, records)
	if err == nil && lost > 0 {
		o.w.well()
	}
	return err
}

// WithAttrs implements slog.Handler. What it returns does not follow later
// changes; the mail log does not use it.
func (o *logOutput) WithAttrs(attrs []slog.Attr) slog.Handler {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.handler.WithAttrs(attrs)
}

// WithGroup implements slog.Handler, as WithAttrs does.
func (o *logOutput) WithGroup(name string) slog.Handler {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.handler.WithGroup(name)
}
