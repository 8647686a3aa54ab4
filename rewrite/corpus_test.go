package rewrite_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// corpus calls f for each file of a folder of the corpus of real mails and
// calendars that lies beside the project; without one the test is skipped.
func corpus(t *testing.T, folder string, f func(t *testing.T, name string, data []byte)) {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		up := filepath.Dir(root)
		if up == root {
			t.Fatal("no go.mod above")
		}
		root = up
	}
	dir := filepath.Join(root, "..", "shared", "corpus", folder)
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no corpus beside the project")
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		f(t, name, data)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// setting is what a receiver and an administrator decide.
type setting struct {
	profile   remedy.Profile
	direction remedy.Direction
	everyOne  bool // opt-in remedies too
}

func (s setting) String() string {
	name := string(s.profile)
	if s.direction == remedy.Inbound {
		name += ", inbound"
	}
	if s.everyOne {
		name += ", with opt-ins"
	}
	return name
}

// optIns lists the remedies that are made only where they are enabled.
func optIns() (ids []string) {
	for _, r := range remedy.All() {
		if r.OptIn {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

func (s setting) options(form rewrite.Form) rewrite.Options {
	o := rewrite.Options{Profile: s.profile, Direction: s.direction, Now: now, Strict: true, Form: form}
	if s.everyOne {
		o.Enable = optIns()
	}
	return o
}

func settings() (all []setting) {
	for _, p := range remedy.Profiles() {
		for _, d := range []remedy.Direction{remedy.Outbound, remedy.Inbound} {
			all = append(all, setting{p, d, false}, setting{p, d, true})
		}
	}
	return all
}

// overCorpus runs f for each file of a folder in every setting; where that
// takes long (the race detector, -short) each file gets one of them in turn.
func overCorpus(t *testing.T, folder string, f func(t *testing.T, name string, data []byte, s setting)) {
	type file struct {
		name string
		data []byte
	}
	var files []file
	corpus(t, folder, func(_ *testing.T, name string, data []byte) { files = append(files, file{name, data}) })
	all := settings()
	for n, s := range all {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			for i, file := range files {
				if i%len(all) == n || !raceDetector && !testing.Short() {
					f(t, file.name, file.data, s)
				}
			}
		})
	}
}

// TestCorpusMails runs every mail for every kind of receiver, both ways and with
// all opt-in remedies: one without a calendar comes out identical, a changed one
// differs only inside of the calendar part, the guard has nothing to take back
// (a remedy that changes what it does not declare is a mistake of the remedy),
// and nothing changes any more on a second run (rewrite.Options.Strict).
func TestCorpusMails(t *testing.T) {
	overCorpus(t, "eml", func(t *testing.T, name string, data []byte, s setting) {
		res, err := rewrite.Message(bytes.NewReader(data), s.options(rewrite.Mail))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		notTakenBack(t, name, res.Report)
		var b bytes.Buffer
		if _, err := res.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		if res.Changed() {
			onlyCalendars(t, name, data, b.Bytes(), res)
		} else if !bytes.Equal(b.Bytes(), data) {
			t.Errorf("%s: changed without saying so", name)
		}
	})
}

// notTakenBack wants a guard that has seen nothing.
func notTakenBack(t *testing.T, name string, r rewrite.Report) {
	t.Helper()
	if len(r.Vetoed) > 0 {
		t.Errorf("%s: the guard took back %v", name, r.Vetoed)
	}
	for _, s := range r.Skipped {
		if strings.HasPrefix(s.Why, "guard") {
			t.Errorf("%s: %s", name, s.Why)
		}
	}
}

// onlyCalendars reports whether two mails differ only inside of calendar parts and
// of a winmail.dat that was opened.
func onlyCalendars(t *testing.T, name string, before, after []byte, res rewrite.Result) {
	t.Helper()
	checkEdits(t, before, after, res)
	tree, err := mime.Scan(bytes.NewReader(before), mime.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range res.Edits() {
		if !slices.ContainsFunc(tree.Parts, func(p *mime.Part) bool {
			file := strings.ToLower(p.Filename)
			calendar := p.MediaType == "text/calendar" || p.MediaType == "application/ics" || strings.HasSuffix(file, ".ics")
			tnef := strings.HasSuffix(p.MediaType, "ms-tnef") || file == "winmail.dat"
			return (calendar || tnef) && e.Start >= p.Header.Start && e.End <= p.Body.End
		}) {
			t.Errorf("%s: the edit at %d is outside of a calendar", name, e.Start)
		}
	}
}

// TestCorpusCalendars does the same for bare calendars.
func TestCorpusCalendars(t *testing.T) {
	overCorpus(t, "ics", func(t *testing.T, name string, data []byte, s setting) {
		res, err := rewrite.Message(bytes.NewReader(data), s.options(rewrite.Calendar))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		notTakenBack(t, name, res.Report)
	})
}

// TestCorpusTNEF unwraps the streams of other projects' tests, good and
// damaged.
func TestCorpusTNEF(t *testing.T) {
	var streams, changed int
	corpus(t, "tnef", func(t *testing.T, name string, data []byte) {
		streams++
		in := tnefMail("", data)
		out, res := do(t, in, rewrite.Options{TNEF: rewrite.TNEFAll, Strict: true})
		if res.Changed() {
			changed++
			checkEdits(t, []byte(in), []byte(out), res)
			return
		}
		if len(res.Report.Skipped) == 0 {
			t.Errorf("%s: left alone without a reason", name)
		}
		t.Logf("%s: %+v", name, res.Report.Skipped)
	})
	t.Logf("%d streams, %d unwrapped", streams, changed)
}
