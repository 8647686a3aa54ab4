package tnef_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite/tnef"
)

// What Debian's tnef and ytnef take out of the streams of the corpus is what
// Read finds in them. A stream that a tool cannot read says nothing.
func TestTools(t *testing.T) {
	for tool, args := range map[string][]string{
		"tnef":  {"--number-backups", "-C"},
		"ytnef": {"-f"},
	} {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Logf("%s is not installed", tool)
			continue
		}
		for name, b := range streams(t) {
			t.Run(tool+"/"+name, func(t *testing.T) { compare(t, path, args, b) })
		}
	}
}

func compare(t *testing.T, tool string, args []string, b []byte) {
	dir, in := t.TempDir(), filepath.Join(t.TempDir(), "winmail.dat")
	if err := os.WriteFile(in, b, 0o600); err != nil {
		t.Fatal(err)
	}
	args = append(append([]string(nil), args...), dir, in)
	if filepath.Base(tool) == "tnef" {
		args = append(args[:len(args)-1], "-f", in)
	}
	out, err := exec.CommandContext(t.Context(), tool, args...).CombinedOutput()
	if err != nil || strings.Contains(string(out), "ERROR") {
		t.Skipf("the tool cannot read it: %v %s", err, out)
	}
	m, err := tnef.Read(b, tnef.Limits{})
	if err != nil {
		t.Fatalf("the tool reads it: %v", err)
	}
	ours := make(map[string]bool)
	for _, a := range m.Attachments {
		ours[string(a.Data)] = true
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".ics") || strings.HasSuffix(f.Name(), ".vcf") {
			continue // built by the tool
		}
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		found++
		// tnef leaves the interface id before an OLE object.
		if !ours[string(data)] && (len(data) < 16 || !ours[string(data[16:])]) {
			t.Errorf("%s (%d octets) is no attachment of ours", f.Name(), len(data))
		}
	}
	if len(m.Attachments) > 0 && found == 0 {
		t.Skip("the tool takes nothing out of it")
	}
}
