package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/relay/queue"
	"github.com/reconvene/reconvene/relay/queue/control"
	"github.com/reconvene/reconvene/relay/queue/directory"
)

// queueRow is one message for one destination, as machines read it.
type queueRow struct {
	ID          string    `json:"id"`
	Destination string    `json:"destination"`
	Phase       string    `json:"phase"`
	Received    time.Time `json:"received"`
	Next        time.Time `json:"next,omitzero"`
	From        string    `json:"from"`
	To          []string  `json:"to"`
	Attempts    int       `json:"attempts"`
	Size        int64     `json:"size"`
	MessageID   string    `json:"msgid,omitempty"`
	Subject     string    `json:"subject,omitempty"`
	Meeting     string    `json:"meeting,omitempty"` // UID of the first
	Reason      string    `json:"reason,omitempty"`
}

func queueRowOf(i queue.Item) queueRow {
	m := i.Message
	r := queueRow{ID: m.ID, Destination: i.Destination, Phase: i.Phase, Received: m.Received, Next: i.Next, From: orPath(m.Sender.Path),
		Size: m.Size, MessageID: m.MessageID, Subject: m.Subject, Reason: i.Reason}
	for _, at := range i.Recipients {
		if at < 0 || at >= len(m.Recipients) {
			continue
		}
		r.To = append(r.To, m.Recipients[at].Path)
		r.Attempts = max(r.Attempts, m.Recipients[at].Attempts)
	}
	if len(m.Meetings) > 0 {
		r.Meeting = m.Meetings[0].UID
	}
	return r
}

func newQueueListCmd(e *env) *cobra.Command {
	var f queueFlags
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the queue by destination",
		Long: `Lists the destinations with mail in the queue: the number of messages, the age of
the oldest, the next attempt and the last error, and below it the oldest messages.
Several flags must all match. --json and --csv print one row for each message and
destination, all of them.`,
		Example: `  reconvene queue list
  reconvene queue list --older 2h --reason greylist
  reconvene queue list --to ben@partner.example --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.read(nil); err != nil {
				return err
			}
			folder, err := f.folder(cmd.Context(), e)
			if err != nil {
				return err
			}
			if f.json || f.csv {
				return listQueueRows(cmd.Context(), e, f, folder)
			}
			return listQueueGroups(cmd.Context(), e, f, folder, limit)
		},
	}
	f.add(cmd)
	f.addFilter(cmd)
	cmd.Flags().IntVar(&limit, "limit", 10, "how many messages of each destination; 0: none")
	return cmd
}

// listQueueRows prints rows for machines.
func listQueueRows(ctx context.Context, e *env, f queueFlags, folder string) error {
	var rows []queueRow
	enc := json.NewEncoder(e.stdout)
	enc.SetEscapeHTML(false)
	err := eachItem(ctx, e, f.filter, folder, func(i queue.Item) error {
		if f.json {
			return enc.Encode(queueRowOf(i))
		}
		rows = append(rows, queueRowOf(i))
		return nil
	})
	if err == nil && f.csv {
		err = writeCSV(e.stdout, rows)
	}
	return err
}

// eachItem calls do for each message that matches, one item for each destination.
func eachItem(ctx context.Context, e *env, filter queue.Filter, folder string, do func(queue.Item) error) error {
	ok, err := asked(ctx, e, folder, control.Request{Do: control.List, Filter: filter}, func(r control.Reply) error {
		if r.Item == nil || r.Item.Message == nil {
			return nil
		}
		return do(*r.Item)
	})
	if ok || err != nil {
		return err
	}
	var failed error
	err = directory.Read(folder, func(m *queue.Message) {
		for _, i := range queue.Stored(m, filter, e.now()) {
			if failed == nil {
				failed = do(i)
			}
		}
	})
	if err != nil {
		return permissionHint(err)
	}
	return failed
}

// listQueueGroups prints the destinations for people.
func listQueueGroups(ctx context.Context, e *env, f queueFlags, folder string, limit int) error {
	var groups []queue.Group
	ok, err := asked(ctx, e, folder, control.Request{Do: control.Groups, Filter: f.filter, Most: limit}, func(r control.Reply) error {
		if r.Group != nil {
			groups = append(groups, *r.Group)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !ok {
		if groups, err = queue.GroupStored(f.filter, e.now(), limit, func(f func(*queue.Message)) error { return directory.Read(folder, f) }); err != nil {
			return permissionHint(err)
		}
	}
	if len(groups) == 0 {
		fmt.Fprintln(e.stdout, "No such mail in the queue.")
	}
	total := 0
	for _, g := range groups {
		printQueueGroup(e, g)
		total += g.Messages
	}
	if len(groups) > 1 {
		fmt.Fprintf(e.stdout, "\n%d destinations, %s\n", len(groups), plural(total))
	}
	return nil
}

func printQueueGroup(e *env, g queue.Group) {
	s, now := newStyle(e, e.stdout), e.now()
	name := visible(g.Destination)
	if name == "" {
		name = "(no route)"
	}
	words := []string{plural(g.Messages), "oldest " + ageWords(now.Sub(g.Oldest))}
	if g.Running > 0 {
		words = append(words, fmt.Sprintf("%d being sent", g.Running))
	}
	if g.Held > 0 {
		words = append(words, fmt.Sprintf("%d held", g.Held))
	}
	if next := nextWords(g.Next, now); next != "" {
		words = append(words, next)
	}
	fmt.Fprintf(e.stdout, "%s  %s\n", s.bold(name), strings.Join(words, ", "))
	if g.Reason != "" {
		fmt.Fprintln(e.stdout, s.yellow(wrap(visible(g.Reason), "    ", 100)))
	}
	for _, i := range g.Items {
		r := queueRowOf(i)
		to := strings.Join(r.To, ", ")
		fmt.Fprintf(e.stdout, "    %-14s  %8s  %-7s  %-26s  %-30s  %s\n", visible(r.ID), ageWords(now.Sub(r.Received)), r.Phase, oneLine(r.From, 26), oneLine(to, 30), oneLine(r.Subject, 40))
	}
	if more := g.Messages - len(g.Items); more > 0 && len(g.Items) > 0 {
		fmt.Fprintf(e.stdout, "    and %d more (--limit)\n", more)
	}
}
