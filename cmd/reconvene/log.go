package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/logfile"
)

func newLogCmd(e *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "log",
		Short: "Search the log for a message or a meeting",
	}
	cmd.AddCommand(newLogTraceCmd(e), newLogExplainCmd(e))
	return cmd
}

type traceFlags struct {
	q            logfile.Query
	since, until string
	json         bool
}

func newLogTraceCmd(e *env) *cobra.Command {
	var f traceFlags
	cmd := &cobra.Command{
		Use:   "trace FILE…",
		Short: "Show who got which revision, who was refused and why, and who only got a text",
		Long: `Shows the history of a message or a meeting from log files alone: text or JSON,
also rotated and compressed by gzip, in any order; "-" is standard input. Lines of
other programs are skipped. At least one filter flag is required; several must all
match. What a recipient has of a meeting is judged by all that the files say about
it, also by messages that do not match.

Exit status: 0 found, 1 nothing found or a file could not be read, 3 wrong usage.`,
		Example: `  reconvene log trace --uid 040000008200E000… /var/log/reconvene.log*
  reconvene log trace --to eve@partner.example --since 2026-03-01 mail.log mail.log.1.gz
  journalctl -u reconvene | reconvene log trace --message-id '<1@example.com>' -`,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := f.check(args); err != nil {
				return err
			}
			return trace(e, args, f)
		},
	}
	s := cmd.Flags()
	s.StringVar(&f.q.UID, "uid", "", "the meeting: UID as received or as sent")
	s.StringVar(&f.q.To, "to", "", "a recipient")
	s.StringVar(&f.q.From, "from", "", "the sender in the envelope")
	s.StringVar(&f.q.MessageID, "message-id", "", "the Message-ID, as Exchange's message tracking shows it")
	s.StringVar(&f.q.ID, "id", "", "the id in the log and in the Received field of Reconvene")
	s.StringVar(&f.q.Subject, "subject", "", "a part of the subject")
	s.StringVar(&f.since, "since", "", "not before: 2026-03-01, 2026-03-01T09:00:00Z, or 36h or 7d for that long ago")
	s.StringVar(&f.until, "until", "", "not after, in the same forms")
	s.BoolVar(&f.json, "json", false, "print one JSON object")
	return cmd
}

func (f *traceFlags) check(args []string) error {
	if len(args) == 0 {
		return usageError("name the log files; \"-\" is standard input")
	}
	q := f.q
	if q.UID+q.To+q.From+q.MessageID+q.ID+q.Subject == "" {
		return usageError("name a filter: --uid, --to, --from, --message-id, --id or --subject")
	}
	return nil
}

// pastTime reads --since and --until; a day ends with its last moment.
func pastTime(name, s string, now time.Time, end bool) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if d, err := config.ParseDuration(s); err == nil {
		return now.Add(-d), nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, s, time.Local)
	if err != nil {
		return t, usageError("--%s %q is not a time; write 2026-03-01, 2026-03-01T09:00:00Z, 36h or 7d", name, visible(s))
	}
	if end {
		t = t.AddDate(0, 0, 1).Add(-time.Nanosecond)
	}
	return t, nil
}

func trace(e *env, names []string, f traceFlags) error {
	var err error
	if f.q.Since, err = pastTime("since", f.since, e.now(), false); err != nil {
		return err
	}
	if f.q.Until, err = pastTime("until", f.until, e.now(), true); err != nil {
		return err
	}
	if names, err = expand(names); err != nil {
		return err
	}
	if slices.Contains(names, "-") {
		kept, drop, err := keepInput(e)
		if err != nil {
			return err
		}
		defer drop()
		e = kept
	}
	messages, unread := find(e, names, f.q, true)
	all, about := messages, f.q
	if whole, differs := f.q.WholeMeetings(messages); differs {
		// What a recipient has is judged by all that the log says of the meeting.
		all, _ = find(e, names, whole, false)
		about = whole
	}
	story := logfile.Meetings(all, about)
	if f.json {
		err = printTraceJSON(e, messages, story)
	} else {
		err = printTrace(e, messages, story, further(all, messages))
	}
	switch {
	case err != nil:
		return err
	case len(messages) == 0:
		fmt.Fprintln(e.stderr, "reconvene: the log has no such message")
		return exitError{code: exitProblem}
	case unread:
		return exitError{code: exitProblem}
	}
	return nil
}

// further counts the messages of all that are not among those that are shown.
func further(all, shown []*logfile.Message) int {
	ids := map[string]bool{}
	for _, m := range shown {
		ids[m.ID()] = true
	}
	n := 0
	for _, m := range all {
		if !ids[m.ID()] {
			n++
		}
	}
	return n
}

// find returns the messages that a query asks for; unread says that a file could not
// be read.
func find(e *env, names []string, q logfile.Query, complain bool) (messages []*logfile.Message, unread bool) {
	t := logfile.NewTrace(q)
	for _, name := range names {
		if err := readLog(e, name, func(l *logfile.Line) bool { t.Add(l); return true }); err != nil {
			unread = true
			if complain {
				fmt.Fprintf(e.stderr, "reconvene: %s: %s\n", visible(name), visible(err.Error()))
			}
		}
	}
	messages = t.Messages()
	if t.Cut && complain {
		fmt.Fprintln(e.stderr, "reconvene: there are more messages than are shown; narrow the search with --since and --until")
	}
	return messages, unread
}

// keepInput puts a copy in the place of standard input, because the files may be read
// twice. The copy goes with drop.
func keepInput(e *env) (kept *env, drop func(), err error) {
	file, err := os.CreateTemp("", "reconvene-log-")
	if err != nil {
		return nil, nil, err
	}
	drop = func() {
		file.Close()
		os.Remove(file.Name())
	}
	if _, err := io.Copy(file, e.stdin); err != nil {
		drop()
		return nil, nil, fmt.Errorf("standard input cannot be copied: %w", err)
	}
	with := *e
	with.stdin = file
	return &with, drop, nil
}

// readLog reads one file; "-" is standard input, a copy of which is read from its beginning.
func readLog(e *env, name string, each func(*logfile.Line) bool) error {
	in := e.stdin
	if again, ok := in.(io.Seeker); ok && name == "-" {
		if _, err := again.Seek(0, io.SeekStart); err != nil {
			return err
		}
	} else if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	}
	return logfile.Lines(in, each)
}

// logText is what a mail brought, for a terminal.
func logText(s string) string { return visible(strings.ReplaceAll(s, "\n", " ")) }
