package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// Exit codes of fix. With several files the worst one counts.
const (
	fixClean    = 0
	fixRepaired = 1
	fixCannot   = 2
)

type fixFlags struct {
	profile string
	tnef    string
	enable  []string
	form    string
	to      []string
	diff    bool
	report  string
	inPlace bool
	output  string // a file, or a folder for several
	inbound bool
}

// fixReport is one line of "fix --report json".
type fixReport struct {
	File string `json:"file"`
	rewrite.Report
	Error string `json:"error,omitempty"` // why it could not be repaired
}

func newFixCmd(e *env) *cobra.Command {
	var f fixFlags
	cmd := &cobra.Command{
		Use:   "fix [FILE…]",
		Short: "Repair messages and .ics files offline",
		Long: `Repairs meeting messages and calendar files exactly as the relay does.

Without a file, or for "-", it reads standard input. The result goes to standard
output, even if nothing was changed. With --diff or --report it is not printed,
with --output it goes to a file or a folder, and with --in-place it replaces the
file. In PowerShell use --output, because > writes UTF-16. Patterns such as *.eml
are expanded if the shell does not expand them.

Exit status: 0 nothing to repair, 1 repaired, 2 a file could not be read or
repaired (its text is passed on unchanged), 3 wrong usage.`,
		Example: `  reconvene fix < mail.eml > repaired.eml
  reconvene fix -o repaired.eml mail.eml
  reconvene fix -o repaired/ *.eml
  reconvene fix --diff meeting.ics
  reconvene fix --report json *.eml
  reconvene fix --in-place --profile domino outgoing/*.eml`,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"-"}
			}
			args, err := expand(args)
			if err != nil {
				return exitError{fixCannot, err}
			}
			if err := f.check(args); err != nil {
				return err
			}
			return fixAll(e, args, f)
		},
	}
	cmd.Flags().StringVar(&f.profile, "profile", string(remedy.Standard), "the receiving system: "+joinProfiles(remedy.Profiles()))
	cmd.Flags().StringArrayVar(&f.enable, "enable", nil, "also apply this opt-in repair (may be repeated)")
	cmd.Flags().StringArrayVar(&f.to, "to", nil, "an address of the envelope's recipient (may be repeated)")
	cmd.Flags().StringVar(&f.tnef, "tnef", string(rewrite.TNEFMeetings), "how to treat a winmail.dat: meetings, all, off")
	cmd.Flags().StringVar(&f.form, "form", "", "write the form that is sent after a refusal: "+joinForms())
	cmd.Flags().BoolVar(&f.inbound, "inbound", false, "treat the message as inbound to your own Exchange, with the profile of --profile")
	cmd.Flags().BoolVar(&f.diff, "diff", false, "show the changes, decoded, instead of the result")
	cmd.Flags().StringVar(&f.report, "report", "", "print a report instead of the result: json, one object for each file")
	cmd.Flags().StringVarP(&f.output, "output", "o", "", "write the result to `FILE`, or to a folder under the name of each file")
	cmd.Flags().BoolVar(&f.inPlace, "in-place", false, "write the result back into the file")
	_ = cmd.RegisterFlagCompletionFunc("profile", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return strings.Split(joinProfiles(remedy.Profiles()), ", "), cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}

func joinForms() string {
	var names []string
	for _, r := range rewrite.Fallbacks() {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

// check refuses flags that make no sense.
func (f fixFlags) check(args []string) error {
	if !slices.Contains(remedy.Profiles(), remedy.Profile(f.profile)) {
		return usageError("there is no profile %q; the profiles are %s", visible(f.profile), joinProfiles(remedy.Profiles()))
	}
	if !slices.Contains([]rewrite.TNEF{rewrite.TNEFMeetings, rewrite.TNEFAll, rewrite.TNEFOff}, rewrite.TNEF(f.tnef)) {
		return usageError("--tnef %q is not known; write meetings, all or off", visible(f.tnef))
	}
	for _, id := range f.enable {
		switch r := remedy.Find(id); {
		case r == nil:
			return usageError("there is no remedy %q; \"reconvene remedies\" lists them%s", visible(id), similarRemedies(id))
		case !r.OptIn:
			return usageError("%q is not an opt-in remedy: its status is %s", visible(id), r.Status())
		}
	}
	if f.form != "" && !slices.Contains(rewrite.Fallbacks(), rewrite.Fallback(f.form)) {
		return usageError("there is no form %q; the forms are %s", visible(f.form), joinForms())
	}
	if f.report != "" && f.report != "json" {
		return usageError("--report %q is not known; the only form is json", visible(f.report))
	}
	if f.diff && f.report != "" {
		return usageError("--diff and --report exclude each other")
	}
	if err := f.checkOutput(args); err != nil {
		return err
	}
	if n := slices.Index(args, "-"); n >= 0 {
		if f.inPlace {
			return usageError("standard input cannot be changed in place; name a file")
		}
		if slices.Contains(args[n+1:], "-") {
			return usageError("standard input can be read only once")
		}
	}
	for _, to := range f.to {
		if to == "" || strings.ContainsAny(to, "\r\n<> ") {
			return usageError("--to %q is not an address; write it without brackets: name@example.com", visible(to))
		}
	}
	return nil
}

func fixAll(e *env, names []string, f fixFlags) error {
	worst := fixClean
	for _, name := range names {
		code, err := fixOne(e, name, f)
		if err != nil {
			code = fixCannot
			if errors.Is(err, errOutput) {
				return exitError{code, err}
			}
			fmt.Fprintf(e.stderr, "reconvene: %s\n", visible(err.Error()))
		}
		worst = max(worst, code)
	}
	if worst != fixClean {
		return exitError{code: worst}
	}
	return nil
}

// errOutput reports that the result could not be written; no further file is
// processed.
var errOutput = errors.New("cannot write the result")

// fixOne repairs one file. What it returns as an error has not been printed;
// what could not be repaired has been passed on as it was.
func fixOne(e *env, name string, f fixFlags) (code int, err error) {
	in, err := openInput(e, name)
	if err != nil {
		if f.report != "" {
			err = errors.Join(err, writeReport(e, fixReport{File: name, Error: err.Error()}))
		}
		return fixCannot, err
	}
	defer in.Close()
	o := rewrite.Options{
		Profile:    remedy.Profile(f.profile),
		TNEF:       rewrite.TNEF(f.tnef),
		Enable:     f.enable,
		Fallback:   rewrite.Fallback(f.form),
		Recipients: f.to,
		Form:       in.form,
		Now:        e.now(),
		Strict:     true,

		Conformance: f.report != "",
	}
	if f.inbound {
		o.Direction, o.DKIM = remedy.Inbound, rewrite.IgnoreDKIM // as the relay does after its verification
	}
	res, failed := rewrite.Message(in.src, o)
	if failed == nil && in.form == rewrite.Calendar && len(res.Report.Meetings) == 0 {
		failed = errors.New("it contains no calendar")
		if len(res.Report.Skipped) > 0 {
			failed = errors.New(res.Report.Skipped[0].Why)
		}
	}
	if err := fixOutput(e, in, res, failed, f); err != nil {
		return fixCannot, err
	}
	switch {
	case failed != nil:
		return fixCannot, fmt.Errorf("%s was left unchanged: %w", name, failed)
	case res.Changed():
		return fixRepaired, nil
	default:
		return fixClean, nil
	}
}

// fixOutput writes what was asked for: the result, a diff or a report.
func fixOutput(e *env, in *input, res rewrite.Result, failed error, f fixFlags) error {
	switch {
	case f.report != "":
		r := fixReport{File: in.name, Report: res.Report}
		if failed != nil {
			r.Error = failed.Error()
		}
		if err := writeReport(e, r); err != nil {
			return err
		}
	case f.diff:
		if err := showFix(e, in, res); err != nil {
			return fmt.Errorf("%s: %w", in.name, err)
		}
	case f.output != "":
		return f.writeOutput(in, res)
	case !f.inPlace:
		if _, err := res.WriteTo(e.stdout); err != nil {
			return fmt.Errorf("%w: %w", errOutput, err)
		}
	default:
		if res.Changed() {
			fmt.Fprintf(e.stdout, "%s: repaired: %s\n", visible(in.name), strings.Join(res.Report.Applied(), ", "))
		}
	}
	if f.inPlace && res.Changed() {
		return replaceFile(in, res)
	}
	return nil
}

func writeReport(e *env, r fixReport) error {
	enc := json.NewEncoder(e.stdout)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("%w: %w", errOutput, err)
	}
	return nil
}

// showFix prints a diff of the calendars, decoded, with their part headers.
func showFix(e *env, in *input, res rewrite.Result) error {
	s := newStyle(e, e.stdout)
	for _, skip := range res.Report.Skipped {
		fmt.Fprintln(e.stdout, s.yellow(fmt.Sprintf("# %s: %s was left alone: %s", visible(in.name), visible(skip.What), visible(skip.Why))))
	}
	if !res.Changed() {
		return nil
	}
	repaired, err := io.ReadAll(res.Reader())
	if err != nil {
		return err
	}
	return diffMails(e.stdout, s, in.name, in.src, bytes.NewReader(repaired), in.form)
}

// diffMails prints how the calendars of two versions of a mail differ.
func diffMails(w io.Writer, s style, name string, before, after rewrite.Source, form rewrite.Form) error {
	old, err := readCalendars(before, form)
	if err != nil {
		return err
	}
	if form != rewrite.Calendar {
		envelopes, err := rewrite.Envelopes(before, rewrite.Limits{})
		if err != nil {
			return err
		}
		old = append(old, wrappedCalendars(envelopes)...)
	}
	repaired, err := readCalendars(after, form)
	if err != nil {
		return err
	}
	for i := range min(len(old), len(repaired)) {
		title := visible(name)
		if old[i].Path != "" {
			title += " part " + old[i].Path
		}
		var b strings.Builder
		if writeDiff(&b, s, old[i].show(), repaired[i].show()) {
			fmt.Fprintln(w, s.bold("--- "+title))
			fmt.Fprintln(w, s.bold("+++ "+title+" (repaired)"))
			_, err = io.WriteString(w, b.String())
		}
	}
	return err
}

// show returns the part as text: its header fields, an empty line, the decoded
// calendar.
func (c calendarPart) show() string {
	text := string(utf8Text(c.Text))
	if c.Header == "" {
		return text
	}
	return strings.TrimRight(c.Header, "\r\n") + "\n\n" + text
}

// replaceFile puts the result in the place of the file in one step: at every
// moment the name leads to the whole old or the whole new text. Mode and, as
// far as the system lets us, owner stay.
func replaceFile(in *input, res rewrite.Result) error {
	if in.file == nil {
		return fmt.Errorf("%s is not a regular file and cannot be replaced", in.name)
	}
	name, err := filepath.EvalSymlinks(in.name)
	if err != nil {
		return err
	}
	info, err := in.file.Stat()
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".reconvene-*")
	if err != nil {
		return fmt.Errorf("%s cannot be replaced: %w", in.name, err)
	}
	keep := false
	defer func() {
		if !keep {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if _, err := res.WriteTo(tmp); err != nil {
		return fmt.Errorf("%s cannot be replaced: %w", in.name, err)
	}
	copyOwner(tmp, info)
	if err := errors.Join(tmp.Chmod(info.Mode().Perm()), tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("%s cannot be replaced: %w", in.name, err)
	}
	in.Close() // Windows replaces no open file
	if err := os.Rename(tmp.Name(), name); err != nil {
		return fmt.Errorf("%s cannot be replaced: %w", in.name, err)
	}
	keep = true
	return nil
}
