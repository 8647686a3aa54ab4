// Command judge reads what the receivers say of the corpus before and after
// the repair, and what the repair says of itself. It prints the tables of
// docs/acceptance.md and ends with 1 when a receiver refuses what it took
// before, or reads another METHOD, UID or start and no finding says so.
//
//	judge RECEIVERS FOLDER INDEX.tsv ALLOW
//
// FOLDER has the files in before and after, before.json and after.json
// (receivers --json) and report.json (reconvene fix --report json). It compares
// as receivers --compare does. A change that nothing announces counts when the
// program, asked about that file alone, gives it again: one may keep what it
// learned from another file (py-vobject the first VTIMEZONE of each name), or
// be too slow on a busy machine.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// answer is what one receiver says of one file.
type answer struct {
	Verdict string `json:"v"`
	Why     string `json:"why"`
	Method  string `json:"method"`
	Events  []struct {
		UID   string `json:"u"`
		Start string `json:"s"`
	} `json:"ev"`
}

// file is a calendar of the corpus.
type file struct {
	name          string
	microsoft     bool // written by Exchange, Outlook or Notes
	applied       []string
	before, after map[string]answer
}

func (a answer) took() bool { return a.Verdict == "accept" || a.Verdict == "warn" }

// compares says whether the times of the answer can be compared: a receiver
// without time zones of its own, or without this one, has no start.
func (a answer) compares() bool {
	for _, e := range a.Events {
		if strings.HasPrefix(e.Start, "local:") || strings.HasPrefix(e.Start, "unresolved:") || strings.HasPrefix(e.Start, "invalid") {
			return false
		}
	}
	return len(a.Events) > 0
}

func (a answer) uids() (out []string) {
	for _, e := range a.Events {
		out = append(out, e.UID)
	}
	slices.Sort(out)
	return out
}

// starts pairs each start with its UID, unless the UIDs are another matter.
func (a answer) starts(sameUIDs bool) (out []string) {
	for _, e := range a.Events {
		if sameUIDs {
			out = append(out, e.UID+" "+e.Start)
		} else {
			out = append(out, e.Start)
		}
	}
	slices.Sort(out)
	return out
}

// change is one thing that a receiver sees differently.
type change struct {
	kind      string // refused, METHOD, UID or start
	file      *file
	receiver  string
	why       string   // of a refusal
	because   []string // the findings that say so
	exception bool     // receivers.allow has it
}

// reasons are the findings that announce a change: a name ends in "*" when it
// is a prefix.
var reasons = map[string][]string{
	"METHOD": {"method-*"},
	"UID":    {"uid-*"},
	"start":  {"tz-*", "cancel-no-vtimezone", "reply-no-vtimezone", "dt-zulu-and-tzid", "date-no-value", "date-with-z", "rrule-*"},
	// for a receiver that found nothing there, or read on into the next line
	"unread": {"bare-lf", "fold-*", "blank-lines"},
}

// because returns the findings applied to the file that announce the change.
func (f *file) because(kind string) (out []string) {
	for _, id := range f.applied {
		for _, r := range reasons[kind] {
			if prefix, ok := strings.CutSuffix(r, "*"); id == r || ok && strings.HasPrefix(id, prefix) {
				out = append(out, id)
			}
		}
	}
	return out
}

// changes compares the answers of one receiver.
func (f *file) changes(receiver string) (out []change) {
	a, b := f.before[receiver], f.after[receiver]
	add := func(kind string, unread bool, why string) {
		c := change{kind: kind, file: f, receiver: receiver, why: why, because: f.because(kind)}
		if unread && len(c.because) == 0 {
			c.because = f.because("unread")
		}
		out = append(out, c)
	}
	if a.took() && b.Verdict == "reject" {
		add("refused", false, b.Why)
	}
	if !a.compares() || !b.compares() {
		return out
	}
	if a.Method != b.Method {
		add("METHOD", a.Method == "" || strings.Contains(a.Method, "\n"), "")
	}
	sameUIDs := slices.Equal(a.uids(), b.uids())
	unread := slices.ContainsFunc(a.uids(), func(s string) bool { return s == "" || strings.Contains(s, "\n") })
	if !sameUIDs {
		add("UID", unread, "")
	}
	if !slices.Equal(a.starts(sameUIDs), b.starts(sameUIDs)) {
		add("start", unread, "")
	}
	return out
}

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: judge RECEIVERS FOLDER INDEX.tsv ALLOW")
		os.Exit(2)
	}
	good, err := judge(os.Args[1], os.Args[2], os.Args[3], os.Args[4])
	if err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(2)
	}
	if !good {
		os.Exit(1)
	}
}

func judge(tool, folder, index, allow string) (good bool, err error) {
	files, err := load(folder, index)
	if err != nil {
		return false, err
	}
	allowed, err := fields(allow)
	if err != nil {
		return false, err
	}
	for _, c := range compare(files, allowed) {
		if c.announced() {
			continue
		}
		if err := c.askAgain(tool, folder); err != nil {
			return false, err
		}
	}
	changes := compare(files, allowed)
	printTotals(files, changes)
	printChanges(changes)
	return !unexplained(changes, allowed), nil
}

func (c change) announced() bool { return len(c.because) > 0 || c.exception }

// askAgain asks the receiver about the file and nothing else.
func (c change) askAgain(tool, folder string) error {
	for when, answers := range map[string]map[string]answer{"before": c.file.before, "after": c.file.after} {
		line, err := exec.Command(tool, "--only", c.receiver, "--json", filepath.Join(folder, when, c.file.name)).Output()
		if err != nil {
			return fmt.Errorf("%s: %w", c.file.name, err)
		}
		var r response
		if err := json.Unmarshal(line, &r); err != nil {
			return fmt.Errorf("%s: %w", c.file.name, err)
		}
		answers[c.receiver] = r.Results[c.receiver]
	}
	return nil
}

// response is a line of receivers --json.
type response struct {
	File    string            `json:"file"`
	Results map[string]answer `json:"results"`
}

// load reads the answers, the reports and the producers.
func load(folder, index string) ([]*file, error) {
	byName := map[string]*file{}
	var files []*file
	for _, when := range []string{"before", "after"} {
		err := each(filepath.Join(folder, when+".json"), func(line []byte) error {
			var r response
			if err := json.Unmarshal(line, &r); err != nil {
				return err
			}
			delete(r.Results, "mime") // judges the mail around a calendar
			name := filepath.Base(r.File)
			if when == "before" {
				byName[name] = &file{name: name, before: r.Results}
				files = append(files, byName[name])
			} else if f := byName[name]; f != nil {
				f.after = r.Results
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for _, f := range files {
		if len(f.after) == 0 {
			return nil, fmt.Errorf("%s: no answers after the repair", f.name)
		}
	}
	if err := findings(folder, byName); err != nil {
		return nil, err
	}
	return files, producers(index, byName)
}

func findings(folder string, byName map[string]*file) error {
	return each(filepath.Join(folder, "report.json"), func(line []byte) error {
		var r struct {
			File     string `json:"file"`
			Meetings []struct {
				Applied []string `json:"applied"`
			} `json:"meetings"`
		}
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		f := byName[r.File]
		if f == nil {
			return fmt.Errorf("report.json has %s, before.json does not", r.File)
		}
		for _, m := range r.Meetings {
			f.applied = append(f.applied, m.Applied...)
		}
		return nil
	})
}

// producers reads the column "producer" of the corpus's index.
func producers(index string, byName map[string]*file) error {
	rows, err := fields(index)
	if err != nil {
		return err
	}
	column := slices.Index(rows[0], "producer")
	if column < 0 {
		return fmt.Errorf("%s has no column producer", index)
	}
	for _, row := range rows[1:] {
		name, ok := strings.CutPrefix(row[0], "ics/")
		if f := byName[strings.ReplaceAll(name, "/", "~")]; ok && f != nil && len(row) > column {
			f.microsoft = slices.Contains([]string{"exchange", "outlook", "notes"}, row[column])
		}
	}
	return nil
}

// fields reads a file of lines with tabs; # starts a comment.
func fields(name string) (rows [][]string, err error) {
	err = each(name, func(line []byte) error {
		if len(line) > 0 && line[0] != '#' {
			rows = append(rows, strings.Split(string(line), "\t"))
		}
		return nil
	})
	if err == nil && len(rows) == 0 {
		rows = [][]string{nil}
	}
	return rows, err
}

func each(name string, do func([]byte) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 64<<20)
	for s.Scan() {
		if err := do(s.Bytes()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return s.Err()
}
