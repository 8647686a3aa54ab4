package rewrite_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

var update = flag.Bool("update", false, "rewrite want.eml and findings.json of the golden mails")

// The golden mails are the product's promise: each folder holds a mail as it
// came (in.eml), as it has to leave (want.eml), what is to be said about it
// (findings.json) and why the case exists (readme). Read want.eml before you
// accept an update of it.
const goldenDir = "../testdata/meetings"

// goldenNow is the present of the golden mails.
var goldenNow = time.Date(2026, time.March, 20, 12, 0, 0, 0, time.UTC)

func TestGolden(t *testing.T) {
	dirs := goldenDirs(t)
	if len(dirs) < 40 {
		t.Fatalf("%d golden mails, at least 40 are expected", len(dirs))
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) { checkGolden(t, dir) })
	}
}

func checkGolden(t *testing.T, dir string) {
	in := goldenFile(t, dir, "in.eml")
	o := rewrite.Options{Now: goldenNow, Strict: true}
	goldenOptions(t, dir, &o)
	out, report, moved := goldenRun(t, in, o)

	checkCRLF(t, in)
	if report.Changed == bytes.Equal(in, out) {
		t.Errorf("report says changed=%v, the octets say the contrary", report.Changed)
	}
	again, second, _ := goldenRun(t, out, o)
	if second.Changed {
		t.Errorf("not idempotent, a second pass applied %v:\n%s", second.Applied(), cmp.Diff(string(out), string(again)))
	}
	if moved {
		checkMoved(t, in, out, report.Applied())
	} else {
		checkSplice(t, in, out)
	}
	checkObserve(t, in, o, report)

	findings, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	findings = append(findings, '\n')
	if *update {
		goldenWrite(t, dir, "want.eml", out)
		goldenWrite(t, dir, "findings.json", findings)
		return
	}
	if d := cmp.Diff(string(goldenFile(t, dir, "want.eml")), string(out)); d != "" {
		t.Errorf("the mail differs from want.eml (-want +got):\n%s", d)
	}
	if d := cmp.Diff(string(goldenFile(t, dir, "findings.json")), string(findings)); d != "" {
		t.Errorf("the report differs from findings.json (-want +got):\n%s", d)
	}
}

// checkCRLF keeps a checkout that changed line ends from passing.
func checkCRLF(t *testing.T, in []byte) {
	t.Helper()
	if n := bytes.Count(in, []byte("\n")); n == 0 || n != bytes.Count(in, []byte("\r\n")) {
		t.Error("in.eml does not have CRLF line ends throughout")
	}
}

// checkSplice asks for the promise that a repaired mail differs only inside the
// calendar part and its own header. It finds the parts by the delimiters alone,
// not by the scanner under test.
func checkSplice(t *testing.T, in, out []byte) {
	t.Helper()
	before, after := splitDelimiters(in), splitDelimiters(out)
	if i := slices.IndexFunc(before, becomesSeveral); i >= 0 && len(after) > len(before) {
		rest := len(before) - i - 1
		before = slices.Delete(before, i, i+1)
		after = slices.Delete(after, i, len(after)-rest)
	}
	if len(before) != len(after) {
		t.Errorf("the mail had %d parts between delimiters and has %d", len(before), len(after))
		return
	}
	for i := range before {
		if !isCalendarPart(before[i]) && before[i] != after[i] {
			t.Errorf("part %d holds no calendar and was changed:\n%s", i, cmp.Diff(before[i], after[i]))
		}
	}
}

// splitDelimiters cuts a mail at its delimiter lines. The delimiters
// themselves stay at the end of what stands before them.
func splitDelimiters(mail []byte) []string {
	var parts []string
	var b strings.Builder
	for line := range strings.SplitAfterSeq(string(mail), "\n") {
		b.WriteString(line)
		if strings.HasPrefix(line, "--") && len(line) > 6 {
			parts = append(parts, b.String())
			b.Reset()
		}
	}
	return append(parts, b.String())
}

// becomesSeveral reports whether a part can have several in its place: a
// winmail.dat that is opened, a calendar that a notice stands for.
func becomesSeveral(s string) bool { return isTNEFPart(s) || isCalendarPart(s) }

// isTNEFPart reports whether a part is a winmail.dat: one that is opened becomes
// several parts.
func isTNEFPart(s string) bool {
	head, _, _ := strings.Cut(s, "\r\n\r\n")
	head = strings.ToLower(head)
	return strings.Contains(head, "application/ms-tnef") || strings.Contains(head, "winmail.dat")
}

func isCalendarPart(s string) bool {
	head, _, _ := strings.Cut(s, "\r\n\r\n")
	head = strings.ToLower(head)
	return strings.Contains(head, "text/calendar") || strings.Contains(head, "text/x-vcalendar") || strings.Contains(head, "application/ics") || strings.Contains(head, "name=meeting.ics")
}

// checkObserve asks that observing finds what repairing finds, and changes nothing.
func checkObserve(t *testing.T, in []byte, o rewrite.Options, fixed rewrite.Report) {
	t.Helper()
	o.Mode = rewrite.Observe
	out, observed, _ := goldenRun(t, in, o)
	if !bytes.Equal(in, out) || observed.Changed || len(observed.Applied()) > 0 {
		t.Errorf("observe mode changed the mail or says that it did: applied %v", observed.Applied())
	}
	seen := map[string]bool{}
	for _, f := range observed.Findings() {
		seen[f.ID] = true
	}
	for _, id := range fixed.Applied() {
		// what shows only after another repair cannot be seen by an observer
		if !seen[id] && !slices.Contains([]string{"exception-no-people"}, id) {
			t.Errorf("%s was applied, but observing does not find it", id)
		}
	}
}

// goldenRun rewrites. Where rewriting gives up it must hand back the mail as
// it came and say why.
func goldenRun(t *testing.T, in []byte, o rewrite.Options) ([]byte, rewrite.Report, bool) {
	t.Helper()
	res, err := rewrite.Message(bytes.NewReader(in), o)
	if err != nil && (res.Changed() || len(res.Report.Skipped) == 0) {
		t.Errorf("rewriting gave up (%v), changed=%v, skipped=%v", err, res.Changed(), res.Report.Skipped)
	}
	var out bytes.Buffer
	if _, err := res.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	if int64(out.Len()) != res.Size() {
		t.Errorf("%d octets were written, Size says %d", out.Len(), res.Size())
	}
	return out.Bytes(), res.Report, res.Moved()
}

// goldenOptions reads the lines at the top of the readme: "profile: NAME",
// without which the mail goes to everyone, "direction: inbound" for mail to our
// own Exchange, "dkim: ignore" for one whose signature does not count, "enable: ID, ID" for opt-in remedies, and "to: ADDRESS, ADDRESS"
// for the envelope.
func goldenOptions(t *testing.T, dir string, o *rewrite.Options) {
	t.Helper()
	readme := string(goldenFile(t, dir, "readme"))
	if strings.TrimSpace(readme) == "" {
		t.Error("the readme does not say why this case exists")
	}
	for line := range strings.Lines(readme) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "profile":
			o.Profile = remedy.Profile(value)
			if !slices.Contains(remedy.Profiles(), o.Profile) {
				t.Fatalf("the readme names the profile %q, which does not exist", value)
			}
		case "direction":
			if value != "inbound" {
				t.Fatalf("the readme names the direction %q, which does not exist", value)
			}
			o.Direction = remedy.Inbound
		case "dkim":
			if value != "ignore" {
				t.Fatalf("the readme says dkim: %q, which does not exist", value)
			}
			o.DKIM = rewrite.IgnoreDKIM
		case "enable":
			o.Enable = strings.Split(value, ", ")
			for _, id := range o.Enable {
				if r := remedy.Find(id); r == nil || !r.OptIn {
					t.Fatalf("the readme enables %q, which is no opt-in remedy", id)
				}
			}
		case "memory":
			o.Memory = goldenMemory(t, dir, value)
		case "to":
			o.Recipients = strings.Split(value, ", ")
		case "form":
			o.Fallback = rewrite.Fallback(value)
			if !slices.Contains(rewrite.Fallbacks(), o.Fallback) {
				t.Fatalf("the readme names the form %q, which does not exist", value)
			}
		default:
			return
		}
	}
}

func goldenDirs(t testing.TB) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(goldenDir, "[0-9]*"))
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

func goldenFile(t testing.TB, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func goldenWrite(t testing.TB, dir, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// globbed returns the files that a pattern names, of which there must be some.
func globbed(tb testing.TB, pattern string) []string {
	tb.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		tb.Fatalf("%s: %d files, %v", pattern, len(names), err)
	}
	return names
}

// goldenMails returns all golden mails as they came.
func goldenMails(tb testing.TB) (mails [][]byte) {
	tb.Helper()
	for _, path := range globbed(tb, filepath.Join(goldenDir, "*", "in.eml")) {
		mail, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		mails = append(mails, mail)
	}
	return mails
}
