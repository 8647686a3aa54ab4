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
		Short: "Look after the file that remembers what became of meetings",
	}
	cmd.AddCommand(newLedgerStatsCmd(e), newLedgerExportCmd(e), newLedgerImportCmd(e), newLedgerBackupCmd(e), newLedgerCheckCmd(e))
	return cmd
}

func newLedgerStatsCmd(e *env) *cobra.Command {
	var f ledgerFlags
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "Say how much is remembered, and since when",
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
				fmt.Fprintf(e.stdout, "file        %s, schema %d\nsize        %d octets, %d in use\nmeetings    %d\nmessages    %d\ndeliveries  %d\nnot told    %d\noldest      %s\nnewest      %s\n",
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
		Short: "Write all of it as JSON lines, one message each",
		Args:  cobra.NoArgs,
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
ledger; "-" is standard input. What is there already stays as it is, so that it
does no harm to read something twice. A server may run beside it. The log knows
less than an export: not when a meeting is, its place, and whom it names.`,
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
		Short: "Copy it, whole and consistent, beside a running server",
		Long:  `Writes a copy of the ledger to FILE, and its key to FILE.key. To restore both, stop serve, and put them back as ledger.sqlite and ledger.key.`,
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
		Short: "Read the whole file and say what is wrong with it",
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
				return fmt.Errorf("the ledger is damaged; stop serve, move it away, and import the newest backup's export or the log")
			}
			fmt.Fprintln(e.stdout, "ok")
			return nil
		},
	}
	addConfigFlag(cmd, &f.config)
	return cmd
}
