package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
)

// A configuration that an editor saved under another name is named.
func TestSavedBeside(t *testing.T) {
	for _, c := range []struct{ name, there, want string }{
		{"Notepad", "reconvene.toml.txt", "beside it is reconvene.toml.txt: rename it"},
		{"capitals", "Reconvene.TOML.TXT", "beside it is Reconvene.TOML.TXT: rename it"},
		{"text", "reconvene.txt", "beside it is reconvene.txt: rename it"},
		{"the program", "reconvene", "create it, or name another with --config"},
		{"another file", "notes.txt", "create it, or name another with --config"},
		{"nothing", "", "create it, or name another with --config"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if c.there != "" {
				write(t, filepath.Join(dir, c.there), "x")
			}
			_, problems := config.Load(filepath.Join(dir, "reconvene.toml"), nil)
			if len(problems) != 1 || !strings.Contains(problems[0].Error(), c.want) {
				t.Errorf("%v, want %q", problems, c.want)
			}
		})
	}
}

// Beside the sample of a package, the file that Notepad saved is newer: check says that
// it is not read. A copy from before is no reason to warn.
func TestSavedBesideTheSample(t *testing.T) {
	dir := t.TempDir()
	file, other := filepath.Join(dir, "reconvene.toml"), filepath.Join(dir, "reconvene.toml.txt")
	write(t, file, "hostname = \"a.example.com\"\n[[listener]]\naddress = \"127.0.0.1:0\"\n[[route]]\nvia = [\"192.0.2.1:25\"]\n[admin]\naddress = \"\"\n")
	write(t, other, "x")
	now := time.Now()
	for age, want := range map[time.Duration]string{-time.Hour: "reconvene.toml.txt beside it is newer, and is not read", time.Hour: ""} {
		if err := os.Chtimes(file, now, now.Add(age)); err != nil {
			t.Fatal(err)
		}
		cfg, problems := config.Check(file, nil)
		if cfg == nil || want == "" && len(problems) > 0 || want != "" && (len(problems) != 1 || problems[0].Text != want) {
			t.Errorf("%v, want %q", problems, want)
		}
		if _, problems := config.Load(file, nil); len(problems) > 0 {
			t.Errorf("a server looks for it, too: %v", problems)
		}
	}
}
