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
	"delivered":  "the receivers got the message as received",
	"repaired":   "the receivers got the repaired meeting",
	"simplified": "the receivers got the meeting in a simpler form, because the next hop refused the repaired one",
	"notice":     "the receivers only got a text: their calendar still shows the old meeting",
	"left-alone": "the receivers got the message as received, although it has, or may have, a defective calendar",
	"observed":   "the receivers got the message as received; in mode \"fix\" it would be repaired",
	"refused":    "no recipient got it: it was refused permanently, and the sender gets a non-delivery report",
	"deferred":   "no recipient got it yet: it is tried again, by the queue if it was stored there, otherwise by the client",
	"aborted":    "no recipient got it: the client aborted it before there was a verdict",
	"queued":     "the message is stored in the queue and is sent later",
	"bounced":    "no recipient got it: it was refused permanently, and the sender is told",
	"expired":    "no recipient got it in time: the sender is told",
	"removed":    "an administrator removed it from the queue",
}

// verdicts say what became of one recipient.
var verdicts = map[string]string{
	"delivered": "the next hop accepted the message for this recipient",
	"deferred":  "not delivered yet: it is tried again later, by the queue if it was stored there, otherwise by the client",
	"refused":   "refused permanently: the client got this reply",
	"aborted":   "not delivered: the client aborted the message before there was a verdict",
	"queued":    "stored in the queue; it is sent later",
	"bounced":   "refused permanently: the sender is told",
	"expired":   "not accepted in time: the sender is told",
	"removed":   "removed from the queue by an administrator",
}

// msgs say what the word under msg means.
var msgs = map[string]string{
	"message":             "the outcome of a message",
	"recipient":           "the outcome for one recipient of a message; the \"message\" line has the same id",
	"component":           "one of several components of a message's calendars",
	"left-alone":          "a calendar or a message was not changed; \"why\" has the reason",
	"fallback":            "the next hop refused the content of a meeting message; \"next\" is the form that is tried next",
	"parameter-left-out":  "a parameter of MAIL or RCPT was not passed to the next hop",
	"results-removed":     "Authentication-Results fields that claimed to be from this server were removed from an inbound message",
	"newlines-converted":  "bare line ends of a message were converted to CR LF, because the next hop does not accept them",
	"message-converted":   "a message was converted to a form that the next hop takes; \"what\" lists the parts and fields",
	"not-signed":          "a message was sent without a DKIM signature although there is a key for the domain of its author; \"why\" has the reason",
	"client-refused":      "a client is not permitted to send, sends before the greeting, makes too many errors, or exceeds a limit",
	"connected":           "a client connected",
	"disconnected":        "a client disconnected",
	"auth":                "a client authenticated",
	"auth-failed":         "a failed authentication: wrong name or password",
	"tls-weak":            "a client negotiated TLS 1.0 or 1.1",
	"tls-failed":          "a TLS handshake with a client failed",
	"fault":               "an internal error; no mail was lost",
	"nexthop-connected":   "a connection to a next hop is ready",
	"nexthop-failed":      "a next hop failed; the next one is tried",
	"nexthop-full":        "a next hop accepts no further connection; messages wait for an open one",
	"tls-policy-failed":   "the MTA-STS policy of a domain cannot be fetched or stored",
	"tls-report-failed":   "a report on TLS cannot be written",
	"nexthop-unencrypted": "the next hop is used without TLS, because the handshake failed",
	"started":             "the program started",
	"stopping":            "the program is stopping",
	"stopped":             "the program stopped",
	"listener-up":         "a listener is open",
	"listener-down":       "a listener is closed",
	"config-loaded":       "a configuration was loaded",
	"config-warning":      "the configuration was loaded, with a warning",
	"certificate-ends":    "a certificate of the configuration ends soon, or has ended (days below 0)",
	"config-rejected":     "the changed configuration has errors; the previous one stays in use",
	"not-notified":        `an attendee does not have the newest revision of a meeting; "why" has the reason`,
	"ledger-failed":       "the ledger cannot be written; mail is not affected, and records wait in memory",
	"ledger-recovered":    `the ledger can be written again; "lost" is the number of records that did not fit into memory meanwhile`,
	"ledger-off":          `there is no ledger; "why" has the reason`,
	"cluster-up":          `the ledger is shared with other relays through the NATS server "server"`,
	"cluster-down":        "NATS cannot be reached or used; mail is not affected, and what the other relays are to be told waits in the ledger",
	"cluster-failed":      "a change of the ledger is not shared with the other relays, or could not be read here",
	"cluster-differs":     `the relay "relay" stores addresses in another form, or with another key; "why" says what to make the same`,
	"queue-opened":        "the queue was read; \"messages\" are in it",
	"queue-failed":        "the queue could not be read or written; \"what\" says what was tried",
	"queue-recovered":     "messages can be stored in the queue again",
	"queue-damaged":       "a message of the queue cannot be read; it was moved to the folder \"damaged\", unless somebody removed its file",
	"queue-changed":       "an administrator changed messages of the queue by \"reconvene queue\"",
	"destination-waiting": "a destination of the queue cannot be used now; it is tried again at \"again\"",
	"destination-back":    "a destination of the queue that had failed accepts mail again",
	"notification":        "the sender of a message in the queue was told what became of it; \"why\" says why not",
	"log-recovered":       "lines are missing before this one: the log could not be written",
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
				return fmt.Errorf("this is not a line of the log; put it in quotes, or pass it on standard input")
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
	if v := l.Get("verdict"); v != "" && (l.Msg == "message" || l.Msg == "recipient") {
		fmt.Fprintf(w, "  verdict %s: %s\n", logText(v), verdicts[v])
	}
	if l.Get("code") != "" {
		fmt.Fprintf(w, "  %s: %s\n", whoReplied(l), logText(answerOf(l)))
	} else if err := l.Get("error"); err != "" {
		fmt.Fprintf(w, "  error: %s\n", logText(err))
	}
	if sent := l.Get("seq_sent"); sent != "" && l.Get("verdict") == "delivered" {
		fmt.Fprintf(w, "  the sender wrote revision %s, the receivers got %s\n", logText(l.Get("seq")), logText(sent))
	} else if sent != "" {
		fmt.Fprintf(w, "  the sender wrote revision %s, a repair makes it %s\n", logText(l.Get("seq")), logText(sent))
	}
	if n := l.Int("components"); n > 1 {
		fmt.Fprintf(w, "  uid, method and revision are those of the first of %d components; the \"component\" lines with this id have the others\n", n)
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

// whoReplied names who gave the reply of a line: without a next hop Reconvene did.
func whoReplied(l *logfile.Line) string {
	switch {
	case l.Get("nexthop") != "":
		return "the next hop replied"
	case l.Get("verdict") == "refused" && l.Msg != "client-refused":
		return "Reconvene refused it, not the next hop"
	case l.Get("verdict") == "deferred" && l.Msg != "client-refused":
		return "Reconvene deferred it"
	}
	return "Reconvene replied"
}

func summaryOf(id string) string {
	if r := remedy.Find(id); r != nil {
		return r.Summary
	}
	return "unknown in this version"
}

func treatment(l *logfile.Line, key, id string) string {
	if key == "vetoed" {
		return " (reverted: it would have changed the meeting)"
	}
	for _, a := range l.Values["applied"] {
		if a == id {
			return " (repaired)"
		}
	}
	return " (not repaired)"
}
