package main

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/logfile"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// outcomes say what the receivers of a message have.
var outcomes = map[string]string{
	"delivered":  "the receivers have the message as it came",
	"repaired":   "the receivers have the meeting, repaired",
	"simplified": "the receivers have the meeting in a simpler form, because the next hop refused the repaired one",
	"notice":     "the receivers only have a text: their calendar still shows the old meeting",
	"left-alone": "the receivers have the message as it came, although it has, or may have, a calendar that could be wrong",
	"observed":   "the receivers have the message as it came; in mode \"fix\" it would be repaired",
	"refused":    "nobody has it: it was refused for good, and the sender gets a report of non-delivery",
	"deferred":   "nobody has it yet: the client keeps it and tries again",
	"aborted":    "nobody has it: the client gave it up before there was a verdict",
}

// verdicts say what became of one recipient.
var verdicts = map[string]string{
	"delivered": "the next hop has taken the message for it",
	"deferred":  "not yet: the client was told to try again",
	"refused":   "not, and not later: the client was told so",
	"aborted":   "not: the client gave the message up before there was a verdict",
}

// msgs say what the word under msg means.
var msgs = map[string]string{
	"message":             "what became of a message",
	"recipient":           "what became of one recipient of a message; its \"message\" line has the same id",
	"component":           "one of several components of the calendars of a message",
	"left-alone":          "a calendar or a message was not touched; \"why\" says why",
	"fallback":            "the next hop refused the content of a meeting mail; \"next\" is the form that is tried now",
	"parameter-left-out":  "a parameter of MAIL or RCPT did not go on to the next hop",
	"results-removed":     "Authentication-Results that claimed to be from this server were taken out of a message on its way in",
	"newlines-converted":  "bare line ends of a message became CRLF, because the next hop does not take them",
	"client-refused":      "a client may not send through us, speaks too early, makes too many errors, or exceeds a limit",
	"connected":           "a client came",
	"disconnected":        "a client went",
	"auth":                "a client logged on",
	"auth-failed":         "a logon with a wrong name or password",
	"tls-weak":            "a client negotiated TLS 1.0 or 1.1",
	"tls-failed":          "a handshake with a client failed",
	"fault":               "an error in this program; nothing was lost",
	"nexthop-connected":   "a connection to a next hop is ready",
	"nexthop-failed":      "a next hop could not be used; the next one is tried",
	"nexthop-unencrypted": "the next hop is used without TLS, because a handshake failed",
	"started":             "the program started",
	"stopping":            "the program is told to stop",
	"stopped":             "the program stopped",
	"listener-up":         "an address is open",
	"listener-down":       "an address is closed",
	"config-loaded":       "a configuration is in force",
	"config-warning":      "something about the configuration is doubtful",
	"config-rejected":     "the changed configuration is bad; the one from before stays",
	"not-notified":        "an attendee does not know of the newest revision of a meeting; \"why\" says why",
	"ledger-failed":       "the ledger cannot be written; mail goes on, what is to be remembered waits in memory",
	"ledger-recovered":    "the ledger can be written again; \"lost\" records did not fit into memory meanwhile",
	"ledger-off":          "nothing is remembered of meetings; \"why\" says why",
	"log-recovered":       "lines are missing in front of this one: the log could not be written",
}

func newLogExplainCmd(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [LINE]",
		Short: "Explain lines of the log",
		Long:  `Explains a line of the log in words. Without one, or for "-", it reads standard input.`,
		RunE: func(_ *cobra.Command, args []string) error {
			known := 0
			explain := func(l *logfile.Line) bool {
				known++
				explainLine(e, l)
				return true
			}
			if line := strings.Join(args, " "); line != "" && line != "-" {
				if l, ok := logfile.Parse([]byte(line)); ok {
					explain(l)
				}
			} else if err := logfile.Lines(e.stdin, explain); err != nil {
				return err
			}
			if known == 0 {
				return fmt.Errorf("that is no line of the log; quote it, or give it on standard input")
			}
			return nil
		},
	}
}

func explainLine(e *env, l *logfile.Line) {
	w := bufio.NewWriter(e.stdout)
	defer w.Flush()
	s := newStyle(e, e.stdout)
	fmt.Fprintf(w, "%s  %s: %s\n", stamp(l.Time), s.bold(logText(l.Msg)), msgs[l.Msg])
	if o := l.Get("outcome"); o != "" {
		fmt.Fprintf(w, "  outcome %s: %s\n", logText(o), outcomes[o])
	}
	if v := l.Get("verdict"); v != "" {
		fmt.Fprintf(w, "  verdict %s: %s\n", logText(v), verdicts[v])
	}
	if answer := answerOf(l); answer != "" {
		who := "the next hop"
		if l.Get("nexthop") == "" {
			who = "this relay"
		}
		fmt.Fprintf(w, "  %s said: %s\n", who, logText(answer))
	}
	if l.Get("seq_sent") != "" {
		fmt.Fprintf(w, "  the sender wrote revision %s, the receivers got %s\n", logText(l.Get("seq")), logText(l.Get("seq_sent")))
	}
	for _, key := range []string{"findings", "vetoed"} {
		for _, id := range l.Values[key] {
			fmt.Fprintf(w, "  %s: %s%s\n", logText(id), summaryOf(id), treatment(l, key, id))
		}
	}
	if why := l.Get("why"); why != "" {
		fmt.Fprintf(w, "  why: %s\n", logText(why))
	}
}

func summaryOf(id string) string {
	if r := remedy.Find(id); r != nil {
		return r.Summary
	}
	return "not known to this version"
}

func treatment(l *logfile.Line, key, id string) string {
	if key == "vetoed" {
		return " (taken back: it would have changed the meeting)"
	}
	for _, a := range l.Values["applied"] {
		if a == id {
			return " (repaired)"
		}
	}
	return " (not repaired)"
}
