package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/relay/ledger"
	"github.com/reconvene/reconvene/rewrite"
)

func newMeetingsShowCmd(e *env) *cobra.Command {
	var f ledgerFlags
	var occurrence string
	cmd := &cobra.Command{
		Use:   "show UID|PREFIX|FILE.eml",
		Short: "Show a meeting: its current state, who got which revision, who responded what",
		Long: `Shows one meeting in the ledger: its current state, a table of its attendees and
revisions, and all messages in order. Name the meeting by its UID, the beginning
of the UID, or a message that contains it.

In the table: delivered (as received), repaired, simplified (in UTC or as minimal
iTIP), notice (a text for a person: the calendar shows the old meeting), left-alone,
observed; refused, deferred, aborted, queued, expired, removed (from the queue),
bounced; never-sent. Behind it, of a copy that was delivered: duplicate (they had
this revision), out-of-order (they had a newer one), late (somebody else had a newer
one).`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return showMeeting(cmd.Context(), e, f, args[0], occurrence)
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&occurrence, "occurrence", "", "only this occurrence: 20260309T090000Z or 20260309, or the beginning of it")
	return cmd
}

// meetingNamed finds the one meeting that an argument means.
func meetingNamed(ctx context.Context, e *env, r *ledger.Reader, name string) (*ledger.Meeting, error) {
	if names, err := expand([]string{name}); err == nil && len(names) == 1 {
		name = names[0]
	}
	uids := []string{name}
	if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
		if uids, err = uidsOf(e, name); err != nil {
			return nil, err
		}
	}
	for _, uid := range uids {
		list, err := r.Find(ctx, uid)
		if err != nil {
			return nil, err
		}
		switch len(list) {
		case 0:
		case 1:
			return list[0], nil
		default:
			var names []string
			for _, m := range list[:min(len(list), 10)] {
				names = append(names, "  "+visible(m.UID))
			}
			return nil, fmt.Errorf("%d meetings begin with %q; write more of the UID:\n%s", len(list), visible(uid), strings.Join(names, "\n"))
		}
	}
	return nil, fmt.Errorf(`no meeting %q in the ledger; "reconvene meetings list" lists them`, visible(name))
}

// uidsOf are the meetings of a message or a calendar file.
func uidsOf(e *env, file string) ([]string, error) {
	in, err := openInput(e, file)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	res, err := rewrite.Message(in.src, rewrite.Options{Mode: rewrite.Observe, Form: in.form})
	if err != nil {
		return nil, err
	}
	var uids []string
	for _, m := range slices.Concat(res.Report.Meetings, res.Report.Enclosed) {
		for _, c := range m.Components {
			for _, uid := range []string{c.Received.UID, c.Sent.UID} {
				if uid != "" && !slices.Contains(uids, uid) {
					uids = append(uids, uid)
				}
			}
		}
	}
	if len(uids) == 0 {
		return nil, fmt.Errorf("%s contains no readable meeting", visible(file))
	}
	return uids, nil
}

func showMeeting(ctx context.Context, e *env, f ledgerFlags, name, occurrence string) error {
	r, cfg, err := f.reader(ctx, e)
	if err != nil {
		return err
	}
	defer r.Close()
	m, err := meetingNamed(ctx, e, r, name)
	if err != nil {
		return err
	}
	parts := m.Parts()
	if occurrence != "" {
		parts = slices.DeleteFunc(parts, func(p ledger.Part) bool { return !strings.HasPrefix(p.Occurrence, occurrence) || p.Occurrence == "" })
		if len(parts) == 0 {
			return fmt.Errorf("the ledger has nothing about the occurrence %q alone", visible(occurrence))
		}
	}
	cells := []ledger.Cell{}
	for _, p := range parts {
		for _, rev := range p.Revisions {
			cells = append(cells, rev.Cells...)
		}
	}
	rule := ledger.RuleOf(cfg.Ledger)
	now := m.Summarize(e.now(), rule)
	for _, x := range now.Suspects {
		for i := range cells {
			if c := &cells[i]; c.Attendee == x.Attendee && c.Occurrence == x.Occurrence {
				c.Suspect = x.Why
			}
		}
	}
	entries, err := r.AuditEntries(ctx, m.UID)
	if err != nil {
		return err
	}
	missing, err := r.NotNotifiedOf(ctx, m, e.now(), rule)
	if err != nil {
		return err
	}
	return printRows(e, f, cells, func() {
		printNow(e, now)
		for _, p := range parts {
			printPart(e, p)
		}
		if len(missing) > 0 {
			fmt.Fprintln(e.stdout)
			printMissing(e, missing)
		}
		if len(now.Suspects) > 0 {
			fmt.Fprintf(e.stdout, "\n%s  %s\n", newStyle(e, e.stdout).bold("Suspect"), "Exchange may be unable to send the next update or cancellation (KB 938650)")
			printSuspects(e, now.Suspects)
		}
		printTimeLine(e, m, occurrence)
		printAuditEntries(e, entries)
	})
}

func printNow(e *env, m ledger.Summary) {
	s := newStyle(e, e.stdout)
	title := m.Summary
	if title == "" {
		title = m.UID
	}
	fmt.Fprintln(e.stdout, s.bold(oneLine(title, 100)))
	state := m.State
	if state == "cancelled" {
		state = s.yellow("CANCELLED")
	}
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(e.stdout, "  %-10s %s\n", name, value)
		}
	}
	row("state", state+", "+revisionWords(m.Method, m.Seq))
	when := shortTime(m.Start, m.AllDay)
	if !m.End.IsZero() {
		when += " to " + shortTime(m.End, m.AllDay)
	}
	row("when", when)
	row("rule", visible(m.Rule))
	row("where", oneLine(m.Location, 80))
	row("organizer", visible(m.Organizer))
	row("uid", visible(m.UID))
}

// printPart prints the table of attendees and revisions.
func printPart(e *env, p ledger.Part) {
	s := newStyle(e, e.stdout)
	head := "Who got what"
	if p.Occurrence != "" {
		head = "Of the occurrence " + p.Occurrence
	}
	fmt.Fprintf(e.stdout, "\n%s\n", s.bold(head))
	width := 8
	for _, a := range p.Attendees {
		width = max(width, len(oneLine(a, 40)))
	}
	column := 22
	for _, rev := range p.Revisions {
		for _, c := range rev.Cells {
			column = max(column, len(c.Status)+len(", ")+len(c.Mark))
		}
	}
	line := fmt.Sprintf("  %-*s", width, "attendee")
	for _, rev := range p.Revisions {
		line += fmt.Sprintf("  %-*s", column, oneLine(fmt.Sprintf("%s %d", word(rev.Component.MethodSent, rev.Component.SeqSent), rev.Component.SeqSent), 22))
	}
	fmt.Fprintln(e.stdout, strings.TrimRight(line+"  response", " "))
	line = fmt.Sprintf("  %-*s", width, "")
	for _, rev := range p.Revisions {
		line += fmt.Sprintf("  %-*s", column, shortTime(rev.Component.Start, rev.Component.AllDay))
	}
	fmt.Fprintln(e.stdout, strings.TrimRight(line, " "))
	for i, a := range p.Attendees {
		line := fmt.Sprintf("  %-*s", width, oneLine(a, 40))
		var answer string
		for _, rev := range p.Revisions {
			c := rev.Cells[i]
			text := c.Status
			if c.Code >= 400 {
				text += " " + fmt.Sprint(c.Code)
			}
			if c.Mark != "" {
				text += ", " + c.Mark
			}
			text = fmt.Sprintf("%-*s", column, text)
			if !c.Notified() {
				text = s.yellow(text)
			}
			line += "  " + text
			answer = answerText(c)
		}
		fmt.Fprintln(e.stdout, strings.TrimRight(line+"  "+answer, " "))
	}
}

func answerText(c ledger.Cell) string {
	if c.Answered.IsZero() {
		return ""
	}
	text := strings.ToLower(visible(c.PartStat)) + " " + c.Answered.UTC().Format("2006-01-02 15:04 MST")
	if !c.Proposed.IsZero() {
		text += ", proposed " + c.Proposed.UTC().Format("2006-01-02 15:04 MST")
	}
	return text
}

func printTimeLine(e *env, m *ledger.Meeting, occurrence string) {
	s, marks := newStyle(e, e.stdout), m.Marks()
	fmt.Fprintf(e.stdout, "\n%s\n", s.bold("Messages in order"))
	for _, r := range m.Records {
		for _, c := range r.Components {
			if occurrence != "" && !strings.HasPrefix(c.Occurrence, occurrence) {
				continue
			}
			way := "out"
			if r.Inbound {
				way = "in "
			}
			head := fmt.Sprintf("  %s  %s  %s", stamp(r.Time.UTC()), way, revisionWords(c.MethodSent, c.SeqSent))
			if c.Seq != c.SeqSent {
				head += fmt.Sprintf(", received as %d", c.Seq)
			}
			if c.Occurrence != "" {
				head += ", " + occurrenceText(c.Occurrence)
			}
			if len(r.Applied) > 0 {
				head += "; repaired: " + strings.Join(r.Applied, ", ")
			}
			if r.Skipped != "" {
				head += "; left alone: " + r.Skipped
			}
			fmt.Fprintln(e.stdout, visible(head))
		}
		if occurrence != "" && !slices.ContainsFunc(r.Components, func(c ledger.Component) bool { return strings.HasPrefix(c.Occurrence, occurrence) }) {
			continue
		}
		for i := range r.Deliveries {
			d := &r.Deliveries[i]
			mark := ""
			if m := marks.OfDelivery(r, d); m != "" {
				mark = " (" + m + ")"
			}
			fmt.Fprintf(e.stdout, "      %-9s %s%s%s\n", d.Verdict, visible(d.Attendee), mark, visible(said(d.Code, strings.TrimSpace(d.Enhanced+" "+d.Reply), d.NextHop)))
			if !d.Bounced.IsZero() {
				fmt.Fprintf(e.stdout, "      %-9s %s at %s: %s\n", "bounced", visible(d.Attendee), stamp(d.Bounced), visible(d.Bounce))
			}
		}
	}
}

// printAuditEntries prints what was done by hand.
func printAuditEntries(e *env, entries []ledger.AuditEntry) {
	if len(entries) == 0 {
		return
	}
	fmt.Fprintf(e.stdout, "\n%s\n", newStyle(e, e.stdout).bold("Done by hand"))
	for _, d := range entries {
		fmt.Fprintln(e.stdout, visible(strings.TrimRight(fmt.Sprintf("  %s  %s  %s: %s  %s", stamp(d.Time), d.Who, d.What, d.Detail, occurrenceText(d.Occurrence)), " ")))
	}
}
