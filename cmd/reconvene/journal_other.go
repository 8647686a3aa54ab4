//go:build !linux

package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/reconvene/reconvene/config"
)

func stderrIsJournal() bool { return false }

func sendToJournal(context.Context, config.LogFormat, slog.Record) error {
	return errors.New("there is no journal here")
}
