package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// A key that keygen makes can be used, its record is what check expects, and the file
// is never overwritten.
func TestDKIMKeygen(t *testing.T) {
	for _, kind := range []string{"rsa", "ed25519"} {
		t.Run(kind, func(t *testing.T) {
			dir := t.TempDir()
			key := filepath.Join(dir, "dkim.pem")
			var out, errs bytes.Buffer
			args := []string{"dkim", "keygen", "--domain", "Example.com", "--selector", "s1", "--type", kind, "--out", key}
			if code := run(&env{args: args, stdout: &out, stderr: &errs}); code != exitOK {
				t.Fatalf("exit %d: %s", code, errs.String())
			}
			info, err := os.Stat(key)
			if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
				t.Fatalf("%v, %v", info.Mode(), err)
			}
			printed := out.String()
			file := filepath.Join(dir, "reconvene.toml")
			_, table, _ := strings.Cut(printed, "# in reconvene.toml:\n")
			text := "hostname = \"relay.example.com\"\n[[listener]]\n[[route]]\nvia = [\"192.0.2.1:25\"]\n" + table
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			cfg, problems := config.Load(file, nil)
			if cfg == nil || len(problems) > 0 {
				t.Fatal(problems)
			}
			record := ""
			for _, part := range regexp.MustCompile(`"([^"]{20,255})"`).FindAllStringSubmatch(strings.TrimSuffix(printed, table), -1) {
				record += part[1]
			}
			dns := &smtptest.Keys{Records: map[string]string{"s1._domainkey.example.com": record}}
			out.Reset()
			if err := checkRecords(t.Context(), &env{stdout: &out}, cfg, dns); err != nil || out.String() != "s1._domainkey.example.com: good\n" {
				t.Errorf("%v: %s", err, out.String())
			}
			if code := run(&env{args: args, stdout: &out, stderr: &errs}); code != exitProblem || !strings.Contains(errs.String(), "not overwritten") {
				t.Errorf("a second time: exit %d, %s", code, errs.String())
			}
		})
	}
}

func TestDKIMKeygenUsage(t *testing.T) {
	for _, tt := range []struct{ name, flag, value, want string }{
		{"domain", "--domain", "*.example.com", "not a domain"}, {"selector", "--selector", "a b", "not a name"},
		{"type", "--type", "dsa", "rsa or ed25519"}, {"bits", "--bits", "512", "1024 to 4096"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			key := filepath.Join(t.TempDir(), "dkim.pem")
			var errs bytes.Buffer
			args := []string{"dkim", "keygen", "--domain", "example.com", "--selector", "s1", "--out", key, tt.flag, tt.value}
			if code := run(&env{args: args, stdout: &errs, stderr: &errs}); code != exitUsage || !strings.Contains(errs.String(), tt.want) {
				t.Errorf("exit %d: %s", code, errs.String())
			}
			if _, err := os.Stat(key); err == nil {
				t.Error("a file was written")
			}
		})
	}
}

// What is wrong with a record is said.
func TestDKIMCheck(t *testing.T) {
	dir := t.TempDir()
	key := filepath.Join(dir, "dkim.pem")
	var out bytes.Buffer
	if code := run(&env{args: []string{"dkim", "keygen", "--domain", "example.com", "--selector", "s1", "--type", "ed25519", "--out", key}, stdout: &out, stderr: &out}); code != exitOK {
		t.Fatal(out.String())
	}
	good := regexp.MustCompile(`"(v=DKIM1[^"]*)"`).FindStringSubmatch(out.String())[1]
	cfg := &config.Config{DKIM: []config.Signing{{Domain: "example.com", Selector: "s1", KeyFile: key}}}
	for _, tt := range []struct{ name, record, want string }{
		{"good", good, ""}, {"white space", strings.ReplaceAll(good, "p=", " p = "), ""},
		{"none", "", "no TXT record"}, {"revoked", "v=DKIM1; k=ed25519; p=", "revoked"}, {"other kind", "v=DKIM1; p=AAAA", "of kind rsa"},
		{"cut off", good[:len(good)-3], "not base64"}, {"other key", "v=DKIM1; k=ed25519; p=AAAA", "another key"}, {"version", "v=DKIM2; p=AAAA", "version"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dns := &smtptest.Keys{Records: map[string]string{}}
			if tt.record != "" {
				dns.Records["s1._domainkey.example.com"] = tt.record
			}
			out.Reset()
			err := checkRecords(t.Context(), &env{stdout: &out}, cfg, dns)
			if (err != nil) != (tt.want != "") || !strings.Contains(out.String(), tt.want) {
				t.Errorf("%v: %s", err, out.String())
			}
		})
	}
}
