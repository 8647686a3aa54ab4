package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The folder of the service's logs may be missing, but not be one that cannot be written.
func TestTryLogs(t *testing.T) {
	dir := t.TempDir()
	if problems := tryLogs("reconvene.toml", filepath.Join(dir, "logs")); len(problems) > 0 {
		t.Errorf("a folder that will be made: %v", problems)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{file, filepath.Join(dir, "none", "logs")} {
		problems := tryLogs("reconvene.toml", folder)
		if len(problems) != 1 || !problems[0].Warning || !strings.Contains(problems[0].Error(), "the service does not start") || !strings.Contains(problems[0].Hint, "service install") {
			t.Errorf("%s: %v", folder, problems)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("it left %v", left)
	}
}
