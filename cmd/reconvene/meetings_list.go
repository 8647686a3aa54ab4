package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/relay/ledger"
)

func newMeetingsListCmd(e *env) *cobra.Command {
	var f ledgerFlags
	var q ledger.Query
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List meetings, the newest first",
		Long: `Lists the meetings in the ledger, the newest first: the time of the last message,
the time of the meeting, its summary, the organizer, the newest revision, and how
many attendees got it and how many did not. Several flags must all match.`,
		Example: `  reconvene meetings list --since 7d --undelivered
  reconvene meetings list --attendee ben@partner.example --search budget`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return listMeetings(cmd.Context(), e, f, q) },
	}
	f.add(cmd)
	f.addSince(cmd)
	s := cmd.Flags()
	s.StringVar(&f.until, "until", "", "not after, in the same forms")
	s.StringVar(&q.Organizer, "organizer", "", "the organizer")
	s.StringVar(&q.Attendee, "attendee", "", "a recipient")
	s.StringVar(&q.Domain, "domain", "", "the domain of a recipient")
	s.StringVar(&q.Method, "method", "", "the iTIP method of a message")
	s.StringVar(&q.Search, "search", "", "text in the summary, the location or the UID")
	s.BoolVar(&q.Undelivered, "undelivered", false, "only meetings whose newest revision was not delivered to all recipients")
	s.BoolVar(&q.NotNotified, "not-notified", false, "only meetings with attendees who were not notified")
	s.BoolVar(&q.Suspect, "suspect", false, "only meetings that Exchange 2003 may be unable to update or cancel (KB 938650), with the reason and what to do")
	s.IntVar(&q.Limit, "limit", 200, "the maximum number; 0: all")
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
	return printRows(e, f, list, func() { printMeetings(e, list, q.Suspect) })
}

func printMeetings(e *env, list []ledger.Summary, why bool) {
	s := newStyle(e, e.stdout)
	if len(list) == 0 {
		fmt.Fprintln(e.stdout, "No such meeting in the ledger.")
		return
	}
	fmt.Fprintln(e.stdout, s.bold(fmt.Sprintf("%-20s  %-20s  %-28s  %-24s  %-26s  %4s  %6s", "passed", "starts", "what", "organizer", "newest revision", "got", "missed")))
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
		if m.Suspect > 0 {
			line += "  " + s.yellow("SUSPECT")
		}
		fmt.Fprintln(e.stdout, line)
		if why {
			printSuspects(e, m.Suspects)
		}
	}
}

// printSuspects prints the responses for which Exchange may be unable to send the
// next revision; what is to be done about several is the same.
func printSuspects(e *env, list []ledger.Suspect) {
	for i, x := range list {
		fmt.Fprintln(e.stdout, "    "+visible(strings.TrimRight(x.Attendee+": "+suspectWords(x)+"  "+occurrenceText(x.Occurrence), " ")))
		if i == len(list)-1 || list[i+1].Stuck != x.Stuck {
			fmt.Fprintf(e.stdout, "      do: %s\n", strings.TrimSpace(wrap(x.Advice, "          ", 96)))
		}
	}
}

// suspectWords returns why a response is one.
func suspectWords(x ledger.Suspect) string {
	at := " (" + stamp(x.Time)
	if x.ID != "" {
		at += ", " + x.ID
	}
	at += ")"
	if x.Why == ledger.WhyStored {
		return "a message from Exchange shows the year 1601 as the time of their response" + at
	}
	return "their response was delivered to Exchange 2003 without its time" + at + ": it stores the year 1601"
}
