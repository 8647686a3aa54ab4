// Command judge reads what the receivers say of the corpus before and after
// the repair, and what the repair says of itself. It prints the tables of
// docs/acceptance.md and ends with 1 when a receiver refuses what it took
// before, or reads another METHOD, UID or start and no finding says so, or one
// that no other receiver reads, or when too few take the scheduling files.
//
//	judge RECEIVERS FOLDER INDEX.tsv ALLOW
//	judge wrap FOLDER INDEX.tsv TARGET
//	judge meaning FOLDER READERS NODE ALLOW
//
// FOLDER has the files in before and their answers (receivers --json) in
// before.json. For each profile P there is P.json with the answers to what the
// repair for P made of them, and P.report.json (reconvene fix --report json);
// profiles other than standard need only the files that differ from what
// standard makes. mailed.json has the answers to the scheduling files in a mail.
// wrap makes these mails.
//
// meaning compares what three of the programs read of the same files (READERS has
// the programs that ask them, NODE the folder of ical.js): METHOD, times, the first
// ten occurrences, people and texts. declares.go says which finding may change what.
//
// It compares as receivers --compare does. A change that nothing announces
// counts when the program, asked about that file alone, gives it again: one may
// keep what it learned from another file (py-vobject the first VTIMEZONE of each
// name), or be too slow on a busy machine.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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
	microsoft     bool   // written by Exchange, Outlook or Notes
	method        string // of the index
	profile       string // whose repair this is
	applied       []string
	before, after map[string]answer
}

func (a answer) took() bool { return a.Verdict == "accept" || a.Verdict == "warn" }

// compares reports whether the times of the answer can be compared: a receiver
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
	doubt     string   // of a start: why it is not believed although a finding says so
	exception bool     // receivers.allow has it
}

// reasons are the findings that announce a change: a name ends in "*" when it
// is a prefix.
var reasons = map[string][]string{
	"METHOD": {"method-*", "indented-lines"},                                     // the blanks before the next line are no part of it
	"UID":    {"uid-*", "series-twice", "rid-duplicate", "ghost-vevent", "tnef"}, // one of two is gone, or all of a winmail.dat are there
	"start":  {"series-twice", "rid-duplicate", "ghost-vevent", "tz-*", "cancel-no-vtimezone", "reply-no-vtimezone", "dt-zulu-and-tzid", "date-no-value", "date-with-z", "datetime-form", "offset-form", "param-blank", "rrule-*", "tnef"},
	// for a receiver that found nothing there, or read on into the next line
	"unread": {"bare-lf", "fold-*", "blank-lines", "indented-lines"},
}

// because returns the findings applied to the file that announce the change.
func (f *file) because(kind string) (out []string) {
	for _, id := range f.applied {
		for _, r := range reasons[kind] {
			if matches(r, id) {
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
		out[len(out)-1].doubt = f.doubtful(receiver)
	}
	return out
}

func main() {
	good, err := false, error(nil)
	switch {
	case len(os.Args) == 5 && os.Args[1] == "wrap":
		good, err = true, wrapAll(os.Args[2], os.Args[3], os.Args[4])
	case len(os.Args) == 6 && os.Args[1] == "meaning":
		good, err = meaning(os.Args[2], os.Args[3], os.Args[4], os.Args[5])
	case len(os.Args) == 5:
		good, err = judge(os.Args[1], os.Args[2], os.Args[3], os.Args[4])
	default:
		err = errors.New("usage: judge RECEIVERS FOLDER INDEX.tsv ALLOW, judge wrap FOLDER INDEX.tsv TARGET, or judge meaning FOLDER READERS NODE ALLOW")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(2)
	}
	if !good {
		os.Exit(1)
	}
}

// standard is the profile whose tables are printed in full.
const standard = "standard"

func judge(tool, folder, index, allow string) (good bool, err error) {
	allowed, err := fields(allow)
	if err != nil {
		return false, err
	}
	files, err := load(folder, index, standard)
	if err != nil {
		return false, err
	}
	changes, err := settle(tool, folder, files, allowed)
	if err != nil {
		return false, err
	}
	printTotals(files, changes)
	printChanges(changes)
	good = !unexplained(changes)
	inForce := usedRows(changes, allowed)
	others := map[string][]*file{}
	for _, profile := range profiles(folder) {
		if others[profile], err = load(folder, index, profile); err != nil {
			return false, err
		}
		more, err := settle(tool, folder, others[profile], allowed)
		if err != nil {
			return false, err
		}
		inForce = append(inForce, usedRows(more, allowed)...)
		good = !unexplained(more) && good
	}
	mailed, err := loadAnswers(filepath.Join(folder, "mailed.json"))
	if err != nil {
		return false, err
	}
	good = printScheduling(files, others, mailed, allowed) && good
	return allUsed(allowed, inForce) && good, nil
}

// settle compares, and asks again about what nothing announces.
func settle(tool, folder string, files []*file, allowed [][]string) ([]change, error) {
	for _, c := range compare(files, allowed) {
		if !c.announced() {
			if err := c.askAgain(tool, folder); err != nil {
				return nil, err
			}
		}
	}
	return compare(files, allowed), nil
}

// announced reports whether a finding says so and the new start can be believed,
// or receivers.allow has it.
func (c change) announced() bool { return len(c.because) > 0 && c.doubt == "" || c.exception }

// askAgain asks the receiver about the file and nothing else.
func (c change) askAgain(tool, folder string) error {
	for when, answers := range map[string]map[string]answer{"before": c.file.before, c.file.profile: c.file.after} {
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

// load reads the answers, the reports and the producers. Files that a profile
// has no answers to are those that it repairs like standard; they are left out.
func load(folder, index, profile string) ([]*file, error) {
	before, err := loadAnswers(filepath.Join(folder, "before.json"))
	if err != nil {
		return nil, err
	}
	after, err := loadAnswers(filepath.Join(folder, profile+".json"))
	if err != nil {
		return nil, err
	}
	byName := map[string]*file{}
	var files []*file
	for _, name := range slices.Sorted(maps.Keys(before)) {
		switch {
		case len(after[name]) > 0:
			byName[name] = &file{name: name, profile: profile, before: before[name], after: after[name]}
			files = append(files, byName[name])
		case profile == standard:
			return nil, fmt.Errorf("%s: no answers after the repair", name)
		}
	}
	if err := findings(filepath.Join(folder, profile+".report.json"), byName); err != nil {
		return nil, err
	}
	return files, producers(index, byName)
}

// loadAnswers reads what receivers --json printed, by the name of the file.
func loadAnswers(name string) (map[string]map[string]answer, error) {
	out := map[string]map[string]answer{}
	err := each(name, func(line []byte) error {
		var r response
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		delete(r.Results, "mime") // judges the mail around a calendar
		out[filepath.Base(r.File)] = r.Results
		return nil
	})
	return out, err
}

func findings(name string, byName map[string]*file) error {
	return each(name, func(line []byte) error {
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
			return nil // repaired like standard
		}
		for _, m := range r.Meetings {
			f.applied = append(f.applied, m.Applied...)
		}
		return nil
	})
}

// producers reads the columns "producer" and "method" of the corpus's index.
func producers(index string, byName map[string]*file) error {
	rows, err := fields(index)
	if err != nil {
		return err
	}
	producer, method := slices.Index(rows[0], "producer"), slices.Index(rows[0], "method")
	if producer < 0 || method < 0 {
		return fmt.Errorf("%s has no column producer or method", index)
	}
	for _, row := range rows[1:] {
		if f := byName[flatName(row[0])]; f != nil && len(row) > max(producer, method) {
			f.microsoft = slices.Contains([]string{"exchange", "outlook", "notes"}, row[producer])
			f.method = strings.ToUpper(row[method])
		}
	}
	return nil
}

// flatName is what a file of the corpus is called where all lie in one folder.
func flatName(path string) string {
	_, name, _ := strings.Cut(path, "/")
	return strings.ReplaceAll(name, "/", "~")
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
