package main

import (
	"context"
	"log/slog"
	"strings"

	"github.com/coreos/go-systemd/v22/journal"
	"github.com/reconvene/reconvene/config"
)

// stderrIsJournal reports whether systemd has connected standard error with its
// journal.
func stderrIsJournal() bool {
	is, err := journal.StderrIsJournalStream()
	return err == nil && is && journal.Enabled()
}

// sendToJournal writes a record to the journal: the line of the log as the message,
// the level as the priority, and each key as a field, in capital letters after
// RECONVENE_.
func sendToJournal(ctx context.Context, format config.LogFormat, r slog.Record) error {
	fields := map[string]string{"SYSLOG_IDENTIFIER": "reconvene", "RECONVENE_MSG": r.Message}
	r.Attrs(func(a slog.Attr) bool {
		value := a.Value.Resolve().String()
		if list, ok := a.Value.Any().([]string); ok {
			value = strings.Join(list, ",")
		}
		fields["RECONVENE_"+strings.ToUpper(a.Key)] = visible(value)
		return true
	})
	return journal.Send(string(logLine(ctx, format, r)), journal.Priority(severity(r.Level)), fields)
}
