package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/relay/ledger"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

func newReceiversCmd(e *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "receivers",
		Short: "Show and set what is known of the systems that receive meetings",
		Long: `The ledger learns which system keeps the calendars behind a domain: from the
responses that come back, delivery status notifications, and the next hop's greeting.
That chooses the profile of the repairs where the route does not set one. What is
set here takes precedence over what was learned.`,
	}
	cmd.AddCommand(newReceiversListCmd(e), newReceiversShowCmd(e), newReceiversSetCmd(e), newReceiversForgetCmd(e))
	return cmd
}

func newReceiversListCmd(e *env) *cobra.Command {
	var f ledgerFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the domains of which something is known",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := f.receivers(cmd.Context(), e)
			if err != nil {
				return err
			}
			return printRows(e, f, list, func() {
				if len(list) == 0 {
					fmt.Fprintln(e.stdout, "Nothing is known of any domain yet.")
				}
				for _, r := range list {
					fmt.Fprintf(e.stdout, "%-30s  %-12s  %s\n", visible(r.Domain), orNone(r.Profile), visible(receiverReason(r)))
				}
			})
		},
	}
	f.add(cmd)
	return cmd
}

func newReceiversShowCmd(e *env) *cobra.Command {
	var f ledgerFlags
	cmd := &cobra.Command{
		Use:   "show DOMAIN",
		Short: "Say which profile and form a domain gets, and why",
		Long: `Says which profile the meetings for a domain get, and from what that is known; which
form the domain took last after it had refused others; and which meetings begin with
another form than the repair for the profile, because one was refused or returned.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return showReceiver(cmd.Context(), e, f, args[0]) },
	}
	f.add(cmd)
	return cmd
}

// receiverRow is what receivers show prints.
type receiverRow struct {
	ledger.Receiver
	Form    string          `json:"form,omitempty"` // taken last after a refusal
	Refused []string        `json:"refused_forms,omitempty"`
	Refusal string          `json:"refusal,omitempty"`
	FormAt  time.Time       `json:"form_time,omitzero"`
	Raised  []ledger.Raised `json:"raised,omitempty"`
}

func showReceiver(ctx context.Context, e *env, f ledgerFlags, domain string) error {
	r, _, err := f.reader(ctx, e)
	if err != nil {
		return err
	}
	defer r.Close()
	list, err := r.Receivers(ctx, e.now())
	if err != nil {
		return err
	}
	row := receiverRow{Receiver: ledger.Receiver{Domain: strings.ToLower(domain)}}
	if i := slices.IndexFunc(list, func(r ledger.Receiver) bool { return strings.EqualFold(r.Domain, domain) }); i >= 0 {
		row.Receiver = list[i]
	}
	raised, took, err := r.RaisedForms(ctx, domain, e.now())
	if err != nil {
		return err
	}
	row.Raised = raised
	if took != nil {
		row.Form, row.Refused, row.Refusal, row.FormAt = took.Form, took.Refused, took.Reply, took.Time
	}
	if row.Source == "" && took == nil && len(raised) == 0 {
		return unknownReceiver(domain)
	}
	return printRows(e, f, []receiverRow{row}, func() { printReceiver(e, row) })
}

func printReceiver(e *env, r receiverRow) {
	fmt.Fprintf(e.stdout, "%s\n  profile   %s\n", visible(r.Domain), orNone(r.Profile))
	if why := receiverReason(r.Receiver); why != "" {
		fmt.Fprintf(e.stdout, "  why       %s\n", visible(why))
	}
	for _, k := range r.Known {
		fmt.Fprintf(e.stdout, "  known     %s, from %s of %s: %s\n", k.Profile, evidenceWords(k.Kind), shortTime(k.Seen, false), visible(k.Text))
	}
	if r.Form != "" {
		fmt.Fprintf(e.stdout, "  form      %s was accepted on %s, after %s was refused: %s\n", r.Form, shortTime(r.FormAt, false), strings.Join(r.Refused, ", "), visible(r.Refusal))
	}
	for _, x := range r.Raised {
		verb := "refused"
		if x.Why == ledger.WhyBounced {
			verb = "returned"
		}
		fmt.Fprintf(e.stdout, "  begins    with %s for %s: %s on %s: %s\n", x.Form, visible(x.UID), verb, shortTime(x.Time, false), visible(x.Reply))
	}
}

// evidenceWords returns the source of evidence in words.
func evidenceWords(kind string) string {
	switch kind {
	case ledger.KindProgram:
		return "the calendar of a response"
	case ledger.KindField:
		return "the header of a response"
	case ledger.KindBounce:
		return "a delivery status notification"
	}
	return "the greeting of its next hop"
}

func newReceiversSetCmd(e *env) *cobra.Command {
	var f ledgerFlags
	cmd := &cobra.Command{
		Use:   "set DOMAIN PROFILE",
		Short: "Set the profile of a domain",
		Long:  `Sets the profile of a domain. A running server takes it up within a minute. "forget" undoes it.`,
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			profile := remedy.Profile(strings.ToLower(args[1]))
			if !slices.Contains(remedy.Profiles(), profile) {
				return fmt.Errorf("there is no profile %q; they are %v", visible(args[1]), remedy.Profiles())
			}
			if strings.ContainsAny(args[0], "@ *") || !strings.Contains(args[0], ".") {
				return fmt.Errorf("%q is not a domain", visible(args[0]))
			}
			_, dir, err := f.directory(e)
			if err != nil {
				return err
			}
			return ledger.SetReceiver(cmd.Context(), dir, args[0], string(profile), whoAmI(), e.now())
		},
	}
	addConfigFlag(cmd, &f.config)
	return cmd
}

func newReceiversForgetCmd(e *env) *cobra.Command {
	var f ledgerFlags
	cmd := &cobra.Command{
		Use:   "forget DOMAIN",
		Short: "Forget what was learned of a domain, and what was set",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, dir, err := f.directory(e)
			if err != nil {
				return err
			}
			if err = ledger.ForgetReceiver(cmd.Context(), dir, args[0], e.now()); errors.Is(err, ledger.ErrNoReceiver) {
				return unknownReceiver(args[0])
			}
			return err
		},
	}
	addConfigFlag(cmd, &f.config)
	return cmd
}

func (f *ledgerFlags) receivers(ctx context.Context, e *env) ([]ledger.Receiver, error) {
	r, _, err := f.reader(ctx, e)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return r.Receivers(ctx, e.now())
}

func unknownReceiver(domain string) error {
	return fmt.Errorf("nothing is known of %s: its next hop's greeting chooses the profile; \"reconvene receivers set\" sets one", visible(domain))
}

// receiverReason returns why a domain has its profile.
func receiverReason(r ledger.Receiver) string {
	switch r.Source {
	case "set":
		return "set by " + r.SetBy + " on " + shortTime(r.SetAt, false)
	case "learned":
		return evidenceWords(r.Kind) + " of " + shortTime(r.Seen, false) + " says " + r.Evidence
	case "expired":
		return "nothing came since " + shortTime(r.Seen, false) + ": what was learned (" + r.Learned + ", from " + r.Evidence + ") is too old to count"
	}
	return ""
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
