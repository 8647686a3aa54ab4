package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/queue"
	"github.com/reconvene/reconvene/relay/queue/control"
)

func newQueueCmd(e *env) *cobra.Command {
	cmd := newQueueListCmd(e)
	about := cmd.Long
	cmd.Use, cmd.Short = "queue", "Show and change the mail in the queue"
	cmd.Long = `Shows and changes the mail that waits in the queue (handoff = "queue"). The running
server is asked; without one, list, show and export read the folder of the queue.

` + about
	cmd.AddCommand(newQueueListCmd(e), newQueueShowCmd(e), newQueueExportCmd(e))
	cmd.AddCommand(newQueueChangeCmds(e)...)
	return cmd
}

// queueFlags are those of the commands about the queue.
type queueFlags struct {
	ledgerFlags
	filter queue.Filter
	older  string
}

// addFilter adds the flags that choose messages.
func (f *queueFlags) addFilter(cmd *cobra.Command) {
	s := cmd.Flags()
	s.StringVar(&f.filter.To, "to", "", "a recipient")
	s.StringVar(&f.filter.From, "from", "", `the sender (reverse-path); "<>" for notifications`)
	s.StringVar(&f.filter.Domain, "domain", "", "the domain of a recipient")
	s.StringVar(&f.filter.Meeting, "meeting", "", "the UID of a meeting, or its beginning")
	s.StringVar(&f.older, "older", "", "in the queue for at least that long: 90m, 36h or 7d")
	s.StringVar(&f.filter.Reason, "reason", "", "text in the last reply, or in the reason of a hold")
}

// read completes the filter from the flags and the IDs on the command line.
func (f *queueFlags) read(ids []string) error {
	f.filter.IDs = ids
	if f.older == "" {
		return nil
	}
	d, err := config.ParseDuration(f.older)
	if err != nil || d < 0 {
		return usageError("--older %q is not a duration; write 90m, 36h or 7d", visible(f.older))
	}
	f.filter.Older = d
	return nil
}

// folder returns the folder of the queue that the configuration names.
func (f *queueFlags) folder(ctx context.Context, e *env) (string, error) {
	cfg, _, err := loadConfig(e, configFile(e, f.config))
	if err != nil {
		return "", err
	}
	folder := cfg.QueueDirectory()
	if cfg.Queue.Engine == config.QueueNATS && (folder == "" || !control.Running(ctx, folder)) {
		return "", errors.New(`no server is running here, and the queue is in NATS: only a running server, with a [state] directory, can show what it has of it`)
	}
	if folder == "" {
		return "", errors.New(`there is no queue: no listener has handoff = "queue", and neither [queue] nor [state] has a directory`)
	}
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf(`there is no queue: %s does not exist; it is made when serve starts with handoff = "queue" on a listener`, folder)
	} else if err != nil {
		return "", permissionHint(err)
	}
	return folder, nil
}

// permissionHint says who may use the queue.
func permissionHint(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w; run the command as the user of the service, or as administrator", err)
	}
	return err
}

// asked asks the running server; ok is false when there is none, and what follows is
// read from the folder.
func asked(ctx context.Context, e *env, folder string, r control.Request, f func(control.Reply) error) (ok bool, err error) {
	_, err = control.Ask(ctx, folder, r, func(r control.Reply) error {
		if r.Whole != nil {
			fmt.Fprintln(e.stderr, wholeWords(r.Whole))
		}
		return f(r)
	})
	if errors.Is(err, control.ErrNotRunning) {
		fmt.Fprintf(e.stderr, "warning: no server is running that uses %s; this is what the folder has\n", folder)
		return false, nil
	}
	return true, permissionHint(err)
}

// wholeWords says what part of the queue of several relays the asked one has.
func wholeWords(w *control.Whole) string {
	text := fmt.Sprintf("note: this relay has %d of the %d partitions of the queue, and lists their messages", w.Held, w.Partitions)
	if w.Known {
		text += fmt.Sprintf("; all relays together have %s", plural(int(w.Messages)))
	}
	if w.Held < w.Partitions {
		text += ": ask each of the others, too"
	}
	return text
}

// ageWords is how long something takes, in at most two units.
func ageWords(d time.Duration) string {
	d = max(d, 0)
	days, hours, minutes := int(d/(24*time.Hour)), int(d/time.Hour)%24, int(d/time.Minute)%60
	switch {
	case days > 0:
		return fmt.Sprintf("%d d %d h", days, hours)
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%d s", int(d/time.Second))
}

// nextWords says when something is tried.
func nextWords(next, now time.Time) string {
	switch {
	case next.IsZero():
		return ""
	case !next.After(now):
		return "next attempt now"
	}
	return "next attempt in " + ageWords(next.Sub(now))
}

// orPath is an address, or the null reverse-path.
func orPath(s string) string { return cmp.Or(s, "<>") }

// plural is a number of messages.
func plural(n int) string {
	if n == 1 {
		return "1 message"
	}
	return fmt.Sprintf("%d messages", n)
}
