package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
)

// logOutput is the log's handler, whose format, level and file can be changed
// while others write. It is safe for concurrent use.
type logOutput struct {
	stderr io.Writer

	mu      sync.RWMutex
	cfg     config.Log
	file    *os.File // nil: standard error
	handler slog.Handler
}

func newLogOutput(stderr io.Writer, cfg config.Log) (*logOutput, error) {
	o := &logOutput{stderr: stderr}
	return o, o.Use(cfg)
}

// Use goes over to another configuration; on an error the old one stays.
func (o *logOutput) Use(cfg config.Log) error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		return fmt.Errorf("log.level: %w", err)
	}
	w, file := o.stderr, (*os.File)(nil)
	if cfg.File != "" {
		var err error
		if file, err = os.OpenFile(cfg.File, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640); err != nil {
			return fmt.Errorf("the log file cannot be opened: %w", err)
		}
		w = file
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.file != nil {
		o.file.Close()
	}
	o.cfg, o.file, o.handler = cfg, file, relay.NewLogHandler(w, cfg.Format, level)
	return nil
}

// Reopen opens the file again, after logrotate has moved it away.
func (o *logOutput) Reopen() error {
	o.mu.RLock()
	cfg := o.cfg
	o.mu.RUnlock()
	return o.Use(cfg)
}

// Close closes the file.
func (o *logOutput) Close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.file != nil {
		o.file.Close()
		o.file = nil
	}
}

// Enabled implements slog.Handler.
func (o *logOutput) Enabled(ctx context.Context, level slog.Level) bool {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.handler.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (o *logOutput) Handle(ctx context.Context, r slog.Record) error {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler. What it returns does not follow later
// changes; the mail log does not use it.
func (o *logOutput) WithAttrs(attrs []slog.Attr) slog.Handler {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.handler.WithAttrs(attrs)
}

// WithGroup implements slog.Handler, as WithAttrs does.
func (o *logOutput) WithGroup(name string) slog.Handler {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.handler.WithGroup(name)
}
