//go:build !linux

package main

import (
	"context"
	"errors"
	"log/slog"
)

func stderrIsJournal() bool { return false }

func sendToJournal(context.Context, string, slog.Record) error {
	return errors.New("there is no journal here")
}
