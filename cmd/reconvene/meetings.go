package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/ledger"
)

// ledgerFlags are those of all commands that read the ledger.
type ledgerFlags struct {
	config       string
	since, until string
	json, csv    bool
}

func (f *ledgerFlags) add(cmd *cobra.Command) {
	addConfigFlag(cmd, &f.config)
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON, one object for each row")
	cmd.Flags().BoolVar(&f.csv, "csv", false, "print comma-separated values")
	cmd.MarkFlagsMutuallyExclusive("json", "csv")
}

func (f *ledgerFlags) addSince(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.since, "since", "", "not before: 2026-03-01, 2026-03-01T09:00:00Z, or 36h or 7d for that long ago")
}

// reader opens the ledger that the configuration names.
func (f *ledgerFlags) reader(ctx context.Context, e *env) (*ledger.Reader, *config.Config, error) {
	cfg, dir, err := f.directory(e)
	if err != nil {
		return nil, nil, err
	}
	r, err := ledger.OpenReader(ctx, dir, cfg.Ledger)
	if err != nil {
		return nil, nil, err
	}
	if lacks, why := r.Lacks(); why != nil {
		missing := "some of the newest messages may be missing, because the journal cannot be read"
		if lacks > 0 {
			missing = fmt.Sprintf("%d of the newest messages are missing, which are in the journal and cannot be stored", lacks)
		}
		fmt.Fprintf(e.stderr, "warning: %s: %v\n", missing, why)
	}
	return r, cfg, nil
}

// directory is the state directory of the configuration.
func (f *ledgerFlags) directory(e *env) (*config.Config, string, error) {
	cfg, _, err := loadConfig(e, configFile(e, f.config))
	if err != nil {
		return nil, "", err
	}
	dir := cfg.StateDirectory()
	if dir == "" {
		return nil, "", fmt.Errorf("there is no ledger: [state] directory is not set and %s does not exist", config.SystemState())
	}
	return cfg, dir, nil
}

func newMeetingsCmd(e *env) *cobra.Command {
	cmd := newMeetingsListCmd(e)
	about := cmd.Long
	cmd.Use, cmd.Short = "meetings", "Show which attendee got which revision of a meeting, and who was not notified"
	cmd.Long = `Shows from the ledger what was sent about a meeting, and to whom. The ledger is
read from the folder in [state] directory; serve may be running or stopped.

` + about
	cmd.AddCommand(newMeetingsListCmd(e), newMeetingsShowCmd(e), newNotNotifiedCmd(e), newMeetingsCancelCmd(e))
	return cmd
}
