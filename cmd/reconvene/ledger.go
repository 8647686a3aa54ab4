package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/relay/ledger"
)

func newLedgerCmd(e *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ledger",
		Short: "Manage the ledger, the file with the history of meetings",
	}
	cmd.AddCommand(newLedgerStatsCmd(e), newLedgerExportCmd(e), newLedgerImportCmd(e), newLedgerBackupCmd(e), newLedgerCheckCmd(e))
	return cmd
}

func newLedgerStatsCmd(e *env) *cobra.Command {
	var f ledgerFlags
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "Show the size and period of the ledger",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, _, err := f.reader(cmd.Context(), e)
			if err != nil {
				return err
			}
			defer r.Close()
			s, err := r.Stats(cmd.Context())
			if err != nil {
				return err
			}
			return printRows(e, f, []ledger.Stats{s}, func() {
				fmt.Fprintf(e.stdout, `file        %s, schema %d
size        %d octets, %d in use
meetings    %d
messages    %d
deliveries  %d
not notified %d
oldest      %s
newest      %s
`,
					s.Path, s.Schema, s.Bytes, s.Used, s.Meetings, s.Messages, s.Deliveries, s.Missing, shortTime(s.Oldest, false), shortTime(s.Newest, false))
			})
		},
	}
	f.add(cmd)
	return cmd
}

func newLedgerExportCmd(e *env) *cobra.Command {
	var f ledgerFlags
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the messages of the ledger as JSON lines",
		Long: `Writes a JSON line for each message with a meeting, with what is kept of an
invitation. It does not have what is known of receivers, what was done with
"meetings cancel", and refusals of messages whose body never came; "ledger backup"
has all.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			since, err := pastTime("since", f.since, e.now(), false)
			if err != nil {
				return err
			}
			r, _, err := f.reader(cmd.Context(), e)
			if err != nil {
				return err
			}
			defer r.Close()
			_, err = r.Export(cmd.Context(), e.stdout, since)
			return err
		},
	}
	addConfigFlag(cmd, &f.config)
	f.addSince(cmd)
	return cmd
}

func newLedgerImportCmd(e *env) *cobra.Command {
	var f ledgerFlags
	cmd := &cobra.Command{
		Use:   "import FILE…",
		Short: "Read an export, or the log of serve, into the ledger",
		Long: `Reads lines of "ledger export", or of the log of serve (JSON or text), into the
ledger; "-" is standard input. Existing records are not changed, so a file can be
read twice. serve may be running. The log contains less than an export: not the
time of a meeting, its location, or its attendees.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return importLedger(cmd.Context(), e, f, args) },
	}
	addConfigFlag(cmd, &f.config)
	return cmd
}

func importLedger(ctx context.Context, e *env, f ledgerFlags, names []string) error {
	cfg, dir, err := f.directory(e)
	if err != nil {
		return err
	}
	if names, err = expand(names); err != nil {
		return err
	}
	for _, name := range names {
		var in io.Reader = e.stdin
		if name != "-" {
			file, err := os.Open(name)
			if err != nil {
				return err
			}
			defer file.Close()
			in = file
		}
		n, err := ledger.Import(ctx, dir, in, cfg.Ledger.Addresses == "hashed", cfg.Ledger.Texts)
		fmt.Fprintf(e.stdout, "%s: %d lines, %d messages with a meeting, %d lines that are neither an export nor the log\n", visible(name), n.Lines, n.Records, n.Skipped)
		if err != nil {
			return fmt.Errorf("%s: %w", visible(name), err)
		}
	}
	return nil
}

func newLedgerBackupCmd(e *env) *cobra.Command {
	var f ledgerFlags
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write a consistent copy, also while serve is running",
		Long:  "Writes a copy of the ledger to FILE, and its key to FILE.key. To restore both, stop serve, and copy them back as ledger.sqlite and ledger.key.",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, dir, err := f.directory(e)
			if err != nil {
				return err
			}
			return ledger.Backup(cmd.Context(), dir, args[0])
		},
	}
	addConfigFlag(cmd, &f.config)
	return cmd
}

func newLedgerCheckCmd(e *env) *cobra.Command {
	var f ledgerFlags
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Read the whole file and report damage",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, _, err := f.reader(cmd.Context(), e)
			if err != nil {
				return err
			}
			defer r.Close()
			faults, err := r.Check(cmd.Context())
			if err != nil {
				return err
			}
			for _, fault := range faults {
				fmt.Fprintln(e.stdout, visible(fault))
			}
			if len(faults) > 0 {
				return fmt.Errorf("the ledger is damaged; stop serve, move the file away, and import an export or the log")
			}
			fmt.Fprintln(e.stdout, "ok")
			return nil
		},
	}
	addConfigFlag(cmd, &f.config)
	return cmd
}
