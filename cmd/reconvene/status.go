package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// Exit codes of plug-ins for Nagios and its like.
const (
	nagiosOK       = 0
	nagiosWarning  = 1
	nagiosCritical = 2
	nagiosUnknown  = 3
)

type statusFlags struct {
	file, address string
	json, check   bool
}

func newStatusCmd(e *env) *cobra.Command {
	var f statusFlags
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show what the running server is doing",
		Long: `Asks the running server on its admin address ([admin] address) and shows one
screen: whether mail can go out, what needs attention, and what became of the
messages since it started.

With --check it prints one line for a monitoring system: the state, then
performance data.

Exit status: 0 mail can go out by each route, 1 a route has no next hop that can
be used, or the server does not answer, 3 wrong usage. With --check: 0 good, 1
there are warnings, such as a next hop that cannot be used beside another one of
its route, 2 a route has no next hop that can be used, or the server does not
answer, 3 the state is not known.`,
		Example: `  reconvene status
  reconvene status --check`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if f.check {
				return statusCheck(e, f)
			}
			return status(e, f)
		},
	}
	addConfigFlag(cmd, &f.file)
	cmd.Flags().StringVar(&f.address, "address", "", "the admin `ADDRESS` of the server, instead of the configuration's")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	cmd.Flags().BoolVar(&f.check, "check", false, "print one line for Nagios and its like, with their exit codes")
	cmd.MarkFlagsMutuallyExclusive("json", "check")
	return cmd
}

func status(e *env, f statusFlags) error {
	address, err := adminAddress(e, f)
	if err != nil {
		return err
	}
	s, err := askStatus(e, address)
	if err != nil {
		return err
	}
	if f.json {
		enc := json.NewEncoder(e.stdout)
		enc.SetIndent("", "  ")
		err = enc.Encode(s)
	} else {
		err = s.print(e)
	}
	if err == nil && !s.Ready {
		err = exitError{code: exitProblem}
	}
	return err
}

// statusCheck prints one line in the form of the monitoring plug-ins.
func statusCheck(e *env, f statusFlags) error {
	code, text, data := nagiosUnknown, "", ""
	address, err := adminAddress(e, f)
	switch {
	case err != nil:
		text = err.Error()
	default:
		code, text, data = judgeStatus(askStatus(e, address))
	}
	word := []string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}[code]
	// A bar begins the performance data.
	line := fmt.Sprintf("RECONVENE %s - %s", word, strings.ReplaceAll(visible(text), "|", "/"))
	if data != "" {
		line += " | " + data
	}
	if _, err := fmt.Fprintln(e.stdout, line); err != nil {
		return err
	}
	if code != nagiosOK {
		return exitError{code: code}
	}
	return nil
}

func judgeStatus(s *serverStatus, err error) (code int, text, data string) {
	if err != nil {
		return nagiosCritical, err.Error(), ""
	}
	data = fmt.Sprintf("delivered=%dc deferred=%dc refused=%dc clients=%d not_notified=%d",
		s.Recipients["delivered"], s.Recipients["deferred"], s.Recipients["refused"], s.Clients, s.NotNotified)
	switch {
	case !s.Ready:
		return nagiosCritical, strings.Join(s.Reasons, "; "), data
	case len(s.Warnings) > 0:
		return nagiosWarning, strings.Join(s.Warnings, "; "), data
	case s.NotNotified > 0:
		return nagiosWarning, fmt.Sprintf("%s not know of the newest revision of a meeting (reconvene meetings not-notified)", doNot(s.NotNotified)), data
	}
	return nagiosOK, fmt.Sprintf("version %s, %s since %s", s.Version, count(s.total(), "message"), s.Since.Format("2006-01-02 15:04")), data
}

func doNot(n int) string {
	if n == 1 {
		return "1 attendee does"
	}
	return fmt.Sprintf("%d attendees do", n)
}
