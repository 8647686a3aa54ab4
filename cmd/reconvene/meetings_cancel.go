package main

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"os/user"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/ledger"
	"github.com/reconvene/reconvene/rewrite"
)

// cancelFlags are those of "meetings cancel".
type cancelFlags struct {
	ledgerFlags
	occurrence, organizer, server string
	to                            []string
	send                          bool
}

func newMeetingsCancelCmd(e *env) *cobra.Command {
	var f cancelFlags
	cmd := &cobra.Command{
		Use:   "cancel UID|PREFIX|FILE.eml",
		Short: "Cancel a meeting that Exchange cannot cancel any more",
		Long: `Builds the cancellation that Exchange did not send, from the last invitation that
passed here, for those attendees who still have the meeting, and shows it. With
--send it goes to the running server, which sends it like any mail, in the
organizer's name. It cannot be taken back. When others got Exchange's own
cancellation, this one has the same number.

It is off unless [ledger] allow_cancel = true. What is sent is written down:
"meetings show" says who did it and when.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return cancelMeeting(cmd.Context(), e, f, args[0]) },
	}
	addConfigFlag(cmd, &f.config)
	cmd.Flags().StringVar(&f.occurrence, "occurrence", "", "only this one: 20260309T090000Z or 20260309")
	cmd.Flags().StringArrayVar(&f.to, "to", nil, "only for this attendee; can be repeated")
	cmd.Flags().StringVar(&f.organizer, "organizer", "", "who organizes it, where the ledger keeps addresses as hashes")
	cmd.Flags().BoolVar(&f.send, "send", false, "send it; without this it is only shown")
	cmd.Flags().StringVar(&f.server, "server", "", "the listener of the running server, host:port; default: the first outbound one of the configuration")
	return cmd
}

// errCancelOff names the setting that permits cancellations.
var errCancelOff = errors.New("cancelling from here is off: it sends mail in the organizer's name; [ledger] allow_cancel = true switches it on")

func cancelMeeting(ctx context.Context, e *env, f cancelFlags, name string) error {
	r, cfg, err := f.reader(ctx, e)
	if err != nil {
		return err
	}
	defer r.Close()
	if !cfg.Ledger.AllowCancel {
		return errCancelOff
	}
	m, err := meetingNamed(ctx, e, r, name)
	if err != nil {
		return err
	}
	n, err := f.cancellation(ctx, e, r, cfg, m)
	if err != nil {
		return err
	}
	text, organizer, err := n.Mail()
	if err != nil {
		return fmt.Errorf("meeting %s: %w", visible(m.UID), err)
	}
	fmt.Fprint(e.stdout, showable(text))
	if !f.send {
		fmt.Fprintf(e.stdout, "\nNot sent. It would go to %s; --send sends it.\n", visible(strings.Join(n.Attendees, ", ")))
		return nil
	}
	return f.sendCancel(ctx, e, r, cfg, m, n, text, organizer)
}

// cancellation returns what is to be sent, and to whom.
func (f *cancelFlags) cancellation(ctx context.Context, e *env, r *ledger.Reader, cfg *config.Config, m *ledger.Meeting) (rewrite.Cancellation, error) {
	n := rewrite.Cancellation{Date: e.now(), Hostname: cfg.Hostname}
	occurrence, err := f.findOccurrence(ctx, r, m)
	if err != nil {
		return n, err
	}
	kept, err := r.Kept(ctx, m.UID, occurrence)
	if err != nil {
		return n, err
	}
	n.Kept, n.Occurrence = rewrite.Kept{Text: kept.Text, Language: kept.Language}, occurrence
	if n.Attendees, err = f.attendees(r, m, occurrence); err != nil {
		return n, err
	}
	n.Sequence, n.Stamp = m.NextCancel(occurrence)
	if f.organizer != "" {
		if !organizes(r, m, f.organizer) {
			return n, fmt.Errorf("%s does not organize this meeting", visible(f.organizer))
		}
		n.Organizer = f.organizer
	}
	return n, nil
}

// findOccurrence names the occurrence as the ledger does.
func (f *cancelFlags) findOccurrence(ctx context.Context, r *ledger.Reader, m *ledger.Meeting) (string, error) {
	if f.occurrence == "" {
		return "", nil
	}
	for _, p := range m.Parts() {
		if p.Occurrence == f.occurrence {
			return p.Occurrence, nil
		}
	}
	kept, err := r.Kept(ctx, m.UID, "")
	if err != nil {
		return "", err
	}
	name, err := rewrite.Kept{Text: kept.Text}.Find(f.occurrence)
	if err != nil {
		return "", fmt.Errorf("occurrence %q: %w", visible(f.occurrence), err)
	}
	return name, nil
}

// attendees are those whom the cancellation is for.
func (f *cancelFlags) attendees(r *ledger.Reader, m *ledger.Meeting, occurrence string) (list []string, err error) {
	holders := m.Holders(occurrence)
	if len(f.to) == 0 {
		for _, a := range holders {
			if strings.HasPrefix(a, "h:") {
				return nil, errors.New("the ledger keeps addresses as hashes: name each attendee with --to, and the organizer with --organizer")
			}
		}
		if len(holders) == 0 {
			return nil, errors.New("nobody has this meeting any more, as far as it passed here: there is nothing to cancel")
		}
		return holders, nil
	}
	for _, to := range f.to {
		a, err := mail.ParseAddress(to)
		if err != nil {
			return nil, fmt.Errorf("--to %q is no address", visible(to))
		}
		if !slices.ContainsFunc(holders, func(h string) bool { return r.Same(a.Address, h) }) {
			return nil, fmt.Errorf("%s does not have this meeting, as far as it passed here", visible(a.Address))
		}
		if lower := strings.ToLower(a.Address); !slices.Contains(list, lower) {
			list = append(list, lower)
		}
	}
	return list, nil
}

// organizes reports whether an invitation of the meeting says so.
func organizes(r *ledger.Reader, m *ledger.Meeting, address string) bool {
	for _, rec := range m.Records {
		for _, c := range rec.Components {
			if r.Same(address, c.Organizer) {
				return true
			}
		}
	}
	return false
}

// sendCancel stores an audit entry, sends the cancellation, and prints the result.
func (f *cancelFlags) sendCancel(ctx context.Context, e *env, r *ledger.Reader, cfg *config.Config, m *ledger.Meeting, n rewrite.Cancellation, text []byte, organizer string) error {
	_, dir, err := f.directory(e)
	if err != nil {
		return err
	}
	var stored []string
	for _, a := range n.Attendees {
		stored = append(stored, r.Stored(a))
	}
	entry := ledger.AuditEntry{Time: e.now(), Who: whoAmI(), What: "cancel", UID: m.UID, Occurrence: n.Occurrence,
		Detail: fmt.Sprintf("revision %d to %s", n.Sequence, strings.Join(stored, ", "))}
	if err := ledger.Audit(ctx, dir, entry); err != nil {
		return fmt.Errorf("nothing was sent, because it could not be written down: %w", err)
	}
	failed := 0
	for _, to := range n.Attendees {
		if err := postCancel(ctx, cfg, f.server, organizer, to, text); err != nil {
			failed++
			fmt.Fprintf(e.stdout, "not sent to %s: %s\n", visible(to), visible(err.Error()))
			continue
		}
		fmt.Fprintf(e.stdout, "sent to %s\n", visible(to))
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d were not sent; run the command again for them when the cause is gone", failed, len(n.Attendees))
	}
	return nil
}

// whoAmI is who runs the command: through sudo, who called it.
func whoAmI() string {
	name := "?"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if by := os.Getenv("SUDO_USER"); by != "" && by != name {
		name = by + " as " + name
	}
	host, _ := os.Hostname() // "" says nothing
	return name + "@" + host
}

// showable is a mail for a terminal, line by line.
func showable(text []byte) string {
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		b.WriteString(visible(strings.TrimRight(line, "\r\n")) + "\n")
	}
	return b.String()
}
