package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/relay/ledger"
)

func newMeetingsListCmd(e *env) *cobra.Command {
	var f ledgerFlags
	var q ledger.Query
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List meetings, the newest first",
		Long: `Lists the meetings that passed here, the newest first: when something of it
passed last, when it is, what, the organizer, the newest revision, and how many
attendees got that and how many did not. Of several flags all must hold.`,
		Example: `  reconvene meetings list --since 7d --undelivered
  reconvene meetings list --attendee ben@partner.example --search budget`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return listMeetings(cmd.Context(), e, f, q) },
	}
	f.add(cmd)
	f.addSince(cmd)
	s := cmd.Flags()
	s.StringVar(&f.until, "until", "", "not after, in the same forms")
	s.StringVar(&q.Organizer, "organizer", "", "of this organizer")
	s.StringVar(&q.Attendee, "attendee", "", "with a copy for this address")
	s.StringVar(&q.Domain, "domain", "", "with a copy for an address of this domain")
	s.StringVar(&q.Method, "method", "", "with a message of this iTIP method")
	s.StringVar(&q.Search, "search", "", "with this text in the summary, the place or the UID")
	s.BoolVar(&q.Undelivered, "undelivered", false, "somebody did not get the newest revision")
	s.BoolVar(&q.NotNotified, "not-notified", false, "somebody was not notified")
	s.IntVar(&q.Limit, "limit", 200, "no more than this; 0: all")
	return cmd
}

func listMeetings(ctx context.Context, e *env, f ledgerFlags, q ledger.Query) error {
	var err error
	if q.Since, err = pastTime("since", f.since, e.now(), false); err != nil {
		return err
	}
	if q.Until, err = pastTime("until", f.until, e.now(), true); err != nil {
		return err
	}
	r, cfg, err := f.reader(ctx, e)
	if err != nil {
		return err
	}
	defer r.Close()
	list, err := r.List(ctx, q, e.now(), ledger.RuleOf(cfg.Ledger))
	if err != nil {
		return err
	}
	return printRows(e, f, list, func() { printMeetings(e, list) })
}

func printMeetings(e *env, list []ledger.Summary) {
	s := newStyle(e, e.stdout)
	if len(list) == 0 {
		fmt.Fprintln(e.stdout, "No such meeting is remembered.")
		return
	}
	fmt.Fprintln(e.stdout, s.bold(fmt.Sprintf("%-20s  %-20s  %-28s  %-24s  %-26s  %4s  %6s", "passed", "starts", "what", "organizer", "newest revision", "told", "untold")))
	for _, m := range list {
		title := m.Summary
		if title == "" {
			title = m.UID
		}
		line := fmt.Sprintf("%-20s  %-20s  %-28s  %-24s  %-26s  %4d  %6d", m.Time.UTC().Format("2006-01-02 15:04 MST"), shortTime(m.Start, m.AllDay), oneLine(title, 28),
			oneLine(m.Organizer, 24), oneLine(revisionWords(m.Method, m.Seq), 26), m.Told, m.Untold)
		if m.Missing > 0 {
			line += "  " + s.yellow(fmt.Sprintf("%d NOT NOTIFIED", m.Missing))
		}
		fmt.Fprintln(e.stdout, line)
	}
}
