package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/relay/queue/control"
)

// queueChange is a command that changes messages of the queue.
type queueChange struct {
	do    control.Do
	short string
	long  string
	why   string // what --why is for; "" without the flag
	done  string // printed after the number of messages
	note  string // printed behind it, from that many messages on
	from  int
}

var queueChanges = []queueChange{
	{control.Retry, "Try messages again now", `The pause of their destinations ends, too. A destination that has failed is tried with
one of them; the others follow when it accepts that one.`, "", "tried again now",
		"of those whose destination has failed, one is tried first", 2},
	{control.Hold, "Keep messages from being sent", `They stay in the queue until "queue release", "queue bounce" or "queue remove",
also after the time at which they would have been returned.`, "is shown by list and show", "held", "", 0},
	{control.Release, "End a hold", "The messages are sent as soon as it is their turn.", "", "released", "", 0},
	{control.Remove, "Remove messages without telling their senders", `Only the recipients that match are removed. "queue bounce" tells the senders;
"queue export" keeps a copy.`, "is in the log", "removed", "", 0},
	{control.Bounce, "Return messages to their senders", `Only for the recipients that match: each sender gets a notification, unless the
message is one itself; at most 500 in an hour. Messages beyond that stay as they are.`, "is in the notification", "returned", "", 0},
}

func newQueueChangeCmds(e *env) (list []*cobra.Command) {
	for _, c := range queueChanges {
		list = append(list, newQueueChangeCmd(e, c))
	}
	return list
}

func newQueueChangeCmd(e *env, c queueChange) *cobra.Command {
	var f queueFlags
	var all bool
	var why string
	cmd := &cobra.Command{
		Use:   string(c.do) + " [ID…]",
		Short: c.short,
		Long: c.short + ".\n" + c.long + `

The messages are named by their IDs, by flags that must all match, or --all. The
server must be running. A message that is just being sent is not changed.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.read(args); err != nil {
				return err
			}
			if !all && !f.chosen() {
				return usageError("which messages? Name their IDs, or --to, --from, --domain, --meeting, --older or --reason; --all changes all of them")
			}
			if all && f.chosen() {
				return usageError("--all and a choice of messages exclude each other")
			}
			return changeQueue(cmd.Context(), e, f, c, why)
		},
	}
	addConfigFlag(cmd, &f.config)
	f.addFilter(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "all messages of the queue")
	if c.why != "" {
		cmd.Flags().StringVar(&why, "why", "", "the reason; it "+c.why)
	}
	return cmd
}

// chosen reports whether some messages were named.
func (f *queueFlags) chosen() bool {
	x := f.filter
	return len(x.IDs) > 0 || x.To != "" || x.From != "" || x.Domain != "" || x.Meeting != "" || x.Older != 0 || x.Reason != ""
}

func changeQueue(ctx context.Context, e *env, f queueFlags, c queueChange, why string) error {
	folder, err := f.folder(ctx, e)
	if err != nil {
		return err
	}
	n, err := control.Ask(ctx, folder, control.Request{Do: c.do, Filter: f.filter, Why: why}, func(control.Reply) error { return nil })
	switch {
	case errors.Is(err, control.ErrNotRunning):
		return fmt.Errorf(`%w, and only a running server changes it: start it with "reconvene serve" or "reconvene service start"`, err)
	case err == nil && n == 0:
		return errors.New("no message of the queue matches, or it is just being sent")
	case n > 0: // also before an error
		fmt.Fprintf(e.stdout, "%s %s\n", plural(n), c.done)
	}
	if c.note != "" && n >= c.from {
		fmt.Fprintln(e.stdout, c.note)
	}
	return permissionHint(err)
}
