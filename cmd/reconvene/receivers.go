package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/relay/ledger"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

func newReceiversCmd(e *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "receivers",
		Short: "Show and set what is known of the systems that receive meetings",
		Long: `The ledger learns from the answers that come back which system keeps the calendars
behind a domain. That chooses the profile of the repairs where the route does not
set one. What is set here takes precedence over what was learned.`,
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
		Short: "Say which profile a domain gets, and why",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := f.receivers(cmd.Context(), e)
			if err != nil {
				return err
			}
			list = slices.DeleteFunc(list, func(r ledger.Receiver) bool { return !strings.EqualFold(r.Domain, args[0]) })
			if len(list) == 0 {
				return unknownReceiver(args[0])
			}
			return printRows(e, f, list, func() {
				r := list[0]
				fmt.Fprintf(e.stdout, "%s\n  profile   %s\n  why       %s\n", visible(r.Domain), orNone(r.Profile), visible(receiverReason(r)))
				if r.Evidence != "" && r.Set != "" {
					fmt.Fprintf(e.stdout, "  learned   %s, from %s on %s\n", r.Learned, visible(r.Evidence), shortTime(r.Seen, false))
				}
			})
		},
	}
	f.add(cmd)
	return cmd
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
			if err = ledger.ForgetReceiver(cmd.Context(), dir, args[0]); errors.Is(err, ledger.ErrNoReceiver) {
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

// receiverReason says why a domain has its profile.
func receiverReason(r ledger.Receiver) string {
	switch r.Source {
	case "set":
		return "set by " + r.SetBy + " on " + shortTime(r.SetAt, false)
	case "learned":
		return "an answer of " + shortTime(r.Seen, false) + " was written by " + r.Evidence
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
