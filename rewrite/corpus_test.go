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

// TestCorpusMails runs every mail for every kind of receiver: one without a
// calendar comes out identical, a changed one differs only inside of the
// calendar part, and nothing changes any more on a second run.
func TestCorpusMails(t *testing.T) {
	profiles := remedy.Profiles()
	if testing.Short() {
		profiles = profiles[:1]
	}
	var mails, meetings, changed int
	corpus(t, "eml", func(t *testing.T, name string, data []byte) {
		mails++
		for _, profile := range profiles {
			res, err := rewrite.Message(bytes.NewReader(data), rewrite.Options{Profile: profile, Now: now, Strict: true, Form: rewrite.Mail})
			if err != nil {
				t.Errorf("%s for %s: %v", name, profile, err)
				continue
			}
			if len(res.Report.Meetings) > 0 && profile == remedy.Standard {
				meetings++
			}
			var b bytes.Buffer
			if _, err := res.WriteTo(&b); err != nil {
				t.Fatal(err)
			}
			if !res.Changed() {
				if !bytes.Equal(b.Bytes(), data) {
					t.Errorf("%s for %s: changed without saying so", name, profile)
				}
				continue
			}
			if profile == remedy.Standard {
				changed++
			}
			onlyCalendars(t, name, data, b.Bytes(), res)
		}
	})
	t.Logf("%d mails, %d with a meeting, %d changed", mails, meetings, changed)
}

// onlyCalendars says whether two mails differ only inside of calendar parts and
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

// TestCorpusCalendars does the same for bare calendars. The guard must have
// nothing to take back: a remedy that changes what it does not declare is a
// mistake of the remedy.
func TestCorpusCalendars(t *testing.T) {
	profiles := remedy.Profiles()
	if testing.Short() {
		profiles = profiles[:1]
	}
	var files, changed int
	corpus(t, "ics", func(t *testing.T, name string, data []byte) {
		files++
		for _, profile := range profiles {
			res, err := rewrite.Message(bytes.NewReader(data), rewrite.Options{Profile: profile, Now: now, Strict: true, Form: rewrite.Calendar})
			if err != nil {
				t.Errorf("%s for %s: %v", name, profile, err)
			}
			if len(res.Report.Vetoed) > 0 {
				t.Errorf("%s for %s: the guard took back %v", name, profile, res.Report.Vetoed)
			}
			for _, s := range res.Report.Skipped {
				if strings.HasPrefix(s.Why, "guard") {
					t.Errorf("%s for %s: %s", name, profile, s.Why)
				}
			}
			if res.Changed() && profile == remedy.Standard {
				changed++
			}
		}
	})
	t.Logf("%d calendars, %d changed", files, changed)
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
