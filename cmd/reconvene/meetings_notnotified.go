package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/relay/ledger"
)

func newNotNotifiedCmd(e *env) *cobra.Command {
	var f ledgerFlags
	var check bool
	cmd := &cobra.Command{
		Use:   "not-notified",
		Short: "List attendees without the newest revision of a meeting",
		Long: `Lists each attendee who was sent an earlier revision of a meeting through this
server, and whose copy of the newest one was refused, bounced, or did not arrive
here within [ledger] grace after the first copy for another attendee. A
cancellation counts as a revision. Attendees in [ledger] own_domains are not
counted. Only messages through this server are known; see docs/ledger.md.

With --check the exit status is 1 if an attendee is listed, otherwise 0.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return notNotified(cmd.Context(), e, f, check) },
	}
	f.add(cmd)
	f.addSince(cmd)
	cmd.Flags().BoolVar(&check, "check", false, "exit 1 if an attendee was not notified")
	return cmd
}

func notNotified(ctx context.Context, e *env, f ledgerFlags, check bool) error {
	since, err := pastTime("since", f.since, e.now(), false)
	if err != nil {
		return err
	}
	r, cfg, err := f.reader(ctx, e)
	if err != nil {
		return err
	}
	defer r.Close()
	list, err := r.NotNotified(ctx, since, e.now(), ledger.RuleOf(cfg.Ledger))
	if err != nil {
		return err
	}
	if err := printRows(e, f, list, func() { printMissing(e, list) }); err != nil {
		return err
	}
	if check && len(list) > 0 {
		return exitError{code: exitProblem}
	}
	return nil
}

func printMissing(e *env, list []ledger.Missing) {
	s := newStyle(e, e.stdout)
	if len(list) == 0 {
		fmt.Fprintln(e.stdout, "All attendees were notified, according to what was sent through this server.")
		return
	}
	for _, m := range list {
		title := oneLine(m.Summary, 60)
		if title == "" {
			title = m.UID
		}
		fmt.Fprintf(e.stdout, "%s  %s  %s\n", s.bold(visible(m.Attendee)), s.yellow("NOT NOTIFIED"), revisionWords(m.Method, m.Seq))
		fmt.Fprintf(e.stdout, "    meeting   %s, %s, organizer %s\n", visible(title), meetingTime(m.Start), visible(m.Organizer))
		fmt.Fprintf(e.stdout, "    uid       %s\n", visible(strings.TrimSpace(m.UID+"  "+occurrenceText(m.Occurrence))))
		fmt.Fprintf(e.stdout, "    has       %s, %s\n", revisionWords(m.HasMethod, m.HasSeq), meetingTime(m.HasStart))
		fmt.Fprintf(e.stdout, "    why       %s, since %s%s\n", m.Why, stamp(m.Since), visible(said(m.Code, m.Reply, m.NextHop)))
		fmt.Fprintf(e.stdout, "    do        %s\n", strings.TrimSpace(wrap(visible(m.Advice), "              ", 96)))
	}
}
