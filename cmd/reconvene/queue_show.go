package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/relay/queue"
)

func newQueueShowCmd(e *env) *cobra.Command {
	var f queueFlags
	cmd := &cobra.Command{
		Use:   "show ID…",
		Short: "Show the envelope, the recipients and the last dialogue of a message",
		Long: `Shows a message of the queue: its envelope, the state of each recipient with the
last reply, and what was said in the last attempt. ID is that of the log and of
"queue list".`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.read(args); err != nil {
				return err
			}
			return showQueued(cmd.Context(), e, f)
		},
	}
	addConfigFlag(cmd, &f.config)
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON: what is stored of the message, one object for each")
	return cmd
}

func showQueued(ctx context.Context, e *env, f queueFlags) error {
	folder, err := f.folder(ctx, e)
	if err != nil {
		return err
	}
	var messages []*queue.Message
	items := map[string][]queue.Item{}
	err = eachItem(ctx, e, f.filter, folder, func(i queue.Item) error {
		id := i.Message.ID
		if items[id] == nil {
			messages = append(messages, i.Message)
		}
		items[id] = append(items[id], i)
		return nil
	})
	if err != nil {
		return err
	}
	for n, m := range messages {
		if f.json {
			enc := json.NewEncoder(e.stdout)
			enc.SetEscapeHTML(false)
			if err := enc.Encode(m); err != nil {
				return err
			}
			continue
		}
		if n > 0 {
			fmt.Fprintln(e.stdout)
		}
		printQueued(e, m, items[m.ID])
	}
	for _, id := range f.filter.IDs {
		if items[id] == nil {
			err = fmt.Errorf(`%s is not in the queue; "reconvene log trace --id" shows what became of it`, visible(id))
		}
	}
	return err
}

// printQueued prints a message. items tell when each of its destinations is tried.
func printQueued(e *env, m *queue.Message, items []queue.Item) {
	s := newStyle(e, e.stdout)
	fmt.Fprintln(e.stdout, s.bold(visible(m.ID)))
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(e.stdout, "  %-11s %s\n", name, visible(value))
		}
	}
	field("from", senderWords(m.Sender))
	field("received", fmt.Sprintf("%s, %s ago", shortTime(m.Received, false), ageWords(e.now().Sub(m.Received))))
	field("client", m.Client)
	field("listener", m.Listener)
	field("user", m.User)
	field("size", fmt.Sprintf("%d octets", m.Size))
	field("subject", m.Subject)
	field("message-id", m.MessageID)
	for _, x := range m.Meetings {
		field("meeting", meetingWords(x))
	}
	if by := m.DeliverBy; by != nil {
		field("deliver by", shortTime(by.At, false))
	}
	field("held", m.Held)
	for i := range m.Recipients {
		printQueuedRecipient(e, m, i, items)
	}
}

func senderWords(p queue.Sender) string {
	words := []string{orPath(p.Path)}
	for _, param := range [][2]string{{"BODY", p.Body}, {"RET", p.Ret}, {"ENVID", p.EnvID}} {
		if param[1] != "" {
			words = append(words, param[0]+"="+param[1])
		}
	}
	if p.UTF8 {
		words = append(words, "SMTPUTF8")
	}
	return strings.Join(words, " ")
}

func meetingWords(x queue.Meeting) string {
	text := word(x.Method, 0) // the revision is not stored
	if x.Method == "REQUEST" {
		text = "invitation or update"
	}
	if x.Summary != "" {
		text += fmt.Sprintf(" %q", x.Summary)
	}
	if !x.Start.IsZero() {
		text += ", starts " + shortTime(x.Start, false)
	}
	return text + ", UID " + x.UID
}

func printQueuedRecipient(e *env, m *queue.Message, at int, items []queue.Item) {
	r := &m.Recipients[at]
	words := []string{string(r.State)}
	if r.Attempts > 0 {
		words = append(words, fmt.Sprintf("attempts: %d", r.Attempts))
	}
	reason := ""
	for _, i := range items {
		for _, n := range i.Recipients {
			if n != at || r.State != queue.Queued {
				continue
			}
			words = append(words, i.Phase)
			if next := nextWords(i.Next, e.now()); next != "" {
				words = append(words, next)
			}
			reason = i.Reason
		}
	}
	if r.Untold {
		words = append(words, "the sender is told after "+shortTime(r.Next, false))
	}
	if r.Delayed {
		words = append(words, "the sender was told of the delay")
	}
	params := ""
	if r.Notify != "" {
		params += " NOTIFY=" + r.Notify
	}
	if r.ORcpt != "" {
		params += " ORCPT=" + r.ORcpt
	}
	fmt.Fprintf(e.stdout, "\n  %s%s\n    %s\n", newStyle(e, e.stdout).bold(visible(r.Path)), visible(params), strings.Join(words, ", "))
	if r.Last == nil {
		if reason != "" {
			fmt.Fprintf(e.stdout, "    why         %s\n", visible(reason))
		}
		return
	}
	printAttempt(e, r.Last)
}

func printAttempt(e *env, a *queue.Attempt) {
	by := a.Remote
	if by == "" {
		by = "Reconvene"
	}
	fmt.Fprintf(e.stdout, "    last        %s: %s (%s)\n", shortTime(a.At, false), visible(a.Verdict().Error()), visible(by))
	for _, line := range a.Dialogue {
		fmt.Fprintf(e.stdout, "      %s\n", visible(line))
	}
}
