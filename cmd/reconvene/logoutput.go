package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
)

// logOutput is the log's handler, whose format, level and file can be changed
// while others write. It is safe for concurrent use.
type logOutput struct {
	e *env

	mu      sync.Mutex
	count   func(lines int, writable bool)
	unsent  func(lines int) // called for lines that syslog did not get; may be nil
	cfg     config.Log
	next    config.Log // of a configuration that was read, where its file cannot be opened
	refused error      // why; nil: cfg is that of the configuration
	w       *logWriter
	handler relay.BatchHandler
	journal bool          // what is for standard error goes to the journal
	syslog  *syslogSender // beside it; nil without one
}

var _ relay.BatchHandler = (*logOutput)(nil)

// logRetry is how often a log that cannot be written is tried without a line.
const logRetry = 5 * time.Second

func newLogOutput(e *env, cfg config.Log) (*logOutput, error) {
	o := &logOutput{e: e, journal: stderrIsJournal()}
	return o, o.Use(cfg)
}

// Use applies another configuration; on an error the previous one stays in use.
func (o *logOutput) Use(cfg config.Log) error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		return fmt.Errorf("log.level: %w", err)
	}
	cfg.File = cmp.Or(cfg.File, o.e.logFile)
	o.mu.Lock()
	defer o.mu.Unlock()
	w, err := openLog(o.e.stderr, cfg.File, newRotation(cfg, o.e.now))
	if err != nil {
		switch {
		case o.w != nil && o.cfg.File == cfg.File:
			o.w.reportError(err)
			o.w.reportLost(0, false)
		default:
			o.next, o.refused = cfg, err
		}
		return err
	}
	o.refused = nil
	w.count = o.count
	if old := o.w; old != nil {
		old.close()
		w.problem, w.lost, w.total = old.problem, old.lost, old.total
	}
	if w.total == 0 {
		w.reportRecovery()
	}
	o.w, o.handler = w, relay.NewLogHandler(w, cfg.Format, level)
	err = o.useSyslog(cfg)
	o.cfg = cfg
	return err
}

// useSyslog changes the syslog server.
func (o *logOutput) useSyslog(cfg config.Log) error {
	if o.syslog != nil && o.cfg.Syslog == cfg.Syslog && o.cfg.SyslogCA == cfg.SyslogCA && o.cfg.Format == cfg.Format {
		return nil
	}
	if old := o.syslog; old != nil {
		go old.Close() // what waits for the old one is no reason to wait
		o.syslog = nil
	}
	if cfg.Syslog == "" {
		return nil
	}
	s, err := newSyslogSender(o.e, cfg)
	if err != nil {
		return fmt.Errorf("log.syslog: %w", err)
	}
	s.CountLosses(o.unsent)
	o.syslog = s
	return nil
}

// CountLosses sets who counts the lines that are lost, and those that a syslog server did
// not get.
func (o *logOutput) CountLosses(count func(lines int, writable bool), unsent func(lines int)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.count, o.w.count, o.unsent = count, count, unsent
	if o.syslog != nil {
		o.syslog.CountLosses(unsent)
	}
	count(0, true)
}

// Reopen opens the file again, after logrotate has moved it away, or the one that could
// not be opened.
func (o *logOutput) Reopen() error {
	o.mu.Lock()
	cfg := o.cfg
	if o.refused != nil {
		cfg = o.next
	}
	o.mu.Unlock()
	return o.Use(cfg)
}

// Trouble returns why the log cannot be written, or nil.
func (o *logOutput) Trouble() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.w.trouble(); err != nil {
		return err
	}
	if o.refused != nil {
		return fmt.Errorf("the log goes on where it was: %w", o.refused)
	}
	if o.syslog == nil {
		return nil
	}
	return o.syslog.Trouble()
}

// Retry writes what was lost, as a number, when the log could not be written.
// It returns when ctx ends.
func (o *logOutput) Retry(ctx context.Context) {
	for tick := time.Tick(logRetry); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			o.mu.Lock()
			good := o.w.problem == nil && o.refused == nil
			o.mu.Unlock()
			if good {
				continue
			}
			if o.Reopen() == nil {
				_ = o.HandleAll(ctx, nil)
			}
		}
	}
}

// Close closes the file, and sends what waits for a syslog server for a moment.
func (o *logOutput) Close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.syslog != nil {
		o.syslog.Close()
	}
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
	if o.syslog != nil {
		o.syslog.Send(ctx, records)
	}
	if o.journal && o.w.path == "" {
		if records = o.toJournal(ctx, records); len(records) == 0 {
			return nil
		}
	}
	lost := o.w.lost
	if o.w.report = lost > 0; o.w.report {
		records = append([]slog.Record{relay.LogRecovered(o.e.now(), lost, o.w.problem)}, records...)
	}
	err := o.handler.HandleAll(ctx, records)
	if err == nil && lost > 0 {
		o.w.reportRecovery()
	}
	return err
}

// toJournal returns the records that the journal did not take; they go to standard
// error.
func (o *logOutput) toJournal(ctx context.Context, records []slog.Record) []slog.Record {
	for i, r := range records {
		if sendToJournal(ctx, o.cfg.Format, r) != nil {
			return records[i:]
		}
	}
	return nil
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
