//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// askedStatus runs "reconvene status" and returns its exit code and what it printed.
func askedStatus(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs strings.Builder
	code = run(&env{args: append([]string{"status"}, args...), stdin: strings.NewReader(""), stdout: &out, stderr: &errs, now: time.Now})
	return code, out.String(), errs.String()
}

// The one screen, the JSON and the line for monitoring of a server that works, whose
// configuration is bad, whose next hop is down, and that is gone.
func TestStatus(t *testing.T) {
	next := newSink(t, nil)
	file := serveConfig(t, "", next.addr, "")
	p := startServe(t, nil, "--config", file)
	c := dial(t, p.addr("exchange"))
	if err := send(t, c, brokenUpdate); err != nil {
		t.Fatal(err)
	}
	next.mail(t)
	admin := p.addr("admin")

	code, out, stderr := askedStatus(t, "--address", admin)
	for _, want := range []string{"reconvene " + release + " at " + admin, "can go out by each route", "1 repaired", "1 delivered", "1 client"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("exit %d, no %q in\n%s%s", code, want, out, stderr)
		}
	}
	code, out, _ = askedStatus(t, "--address", admin, "--json")
	var s serverStatus
	if err := json.Unmarshal([]byte(out), &s); err != nil || code != 0 || !s.Ready || s.Meetings["repaired"] != 1 || s.Recipients["delivered"] != 1 || s.Since.Year() < 2020 {
		t.Errorf("exit %d, %v, %+v", code, err, s)
	}
	code, out, _ = askedStatus(t, "--address", admin, "--check")
	if code != nagiosOK || !strings.HasPrefix(out, "RECONVENE OK - version "+release) || !strings.Contains(out, " | delivered=1c deferred=0c ") || strings.Count(out, "\n") != 1 {
		t.Errorf("exit %d, %s", code, out)
	}

	if err := os.WriteFile(file, []byte("hostnam = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGHUP)
	p.line(1, "msg=config-rejected")
	code, out, _ = askedStatus(t, "--address", admin, "--check")
	if code != nagiosWarning || !strings.HasPrefix(out, "RECONVENE WARNING - ") || !strings.Contains(out, "hostnam") {
		t.Errorf("exit %d, %s", code, out)
	}
	if code, out, _ = askedStatus(t, "--config", file); code != exitProblem || out != "" {
		t.Errorf("a configuration that cannot be read: exit %d, %s", code, out)
	}
	if code, out, _ = askedStatus(t, "--config", file, "--check"); code != nagiosUnknown || !strings.HasPrefix(out, "RECONVENE UNKNOWN - ") {
		t.Errorf("a configuration that cannot be read: exit %d, %s", code, out)
	}

	serveConfig(t, file, smtptest.FreeAddr(t), "")
	p.signal(syscall.SIGHUP)
	p.line(2, "msg=config-loaded")
	code, out, _ = askedStatus(t, "--address", admin, "--check")
	if code != nagiosCritical || !strings.HasPrefix(out, "RECONVENE CRITICAL - no mail can go out by route *: ") || strings.Count(out, "|") != 1 {
		t.Errorf("exit %d, %s", code, out)
	}
	if code, out, _ = askedStatus(t, "--address", admin); code != exitProblem || !strings.Contains(out, "no mail can go out by route *: ") {
		t.Errorf("exit %d, %s", code, out)
	}

	code, out, _ = askedStatus(t, "--address", smtptest.FreeAddr(t), "--check")
	if code != nagiosCritical || !strings.Contains(out, "does not answer") {
		t.Errorf("exit %d, %s", code, out)
	}
	if code, _, _ = askedStatus(t, "--address", "nonsense"); code != exitUsage {
		t.Errorf("exit %d", code)
	}
}

// One host of a route that is down is a warning; a route without a host is critical,
// and named, while the other routes go on.
func TestStatusOfRoutes(t *testing.T) {
	next := newSink(t, nil)
	dead := smtptest.FreeAddr(t)
	for _, tt := range []struct {
		name, via string
		code      int
		want      []string
	}{
		{"a host down", fmt.Sprintf("%q, %q", dead, next.addr), nagiosWarning, []string{"WARNING - route x.example: 1 of 2 hosts cannot be used: " + dead + ": connect: connection refused, after ", next.addr + ": good, after "}},
		{"a route down", fmt.Sprintf("%q", dead), nagiosCritical, []string{"CRITICAL - no mail can go out by route x.example: " + dead + ": connect: connection refused, after ", "; mail goes out by the other routes: 1 of 2"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "reconvene.toml")
			text := fmt.Sprintf("[[listener]]\naddress = \"127.0.0.1:0\"\n[[route]]\ndomains = [\"x.example\"]\nvia = [%s]\n[[route]]\nvia = [%q]\n[admin]\naddress = \"127.0.0.1:0\"\n", tt.via, next.addr)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			p := startServe(t, nil, "--config", file)
			code, out, _ := askedStatus(t, "--address", p.addr("admin"), "--check")
			for _, want := range tt.want {
				if code != tt.code || !strings.Contains(out, want) {
					t.Errorf("exit %d, no %q in %s", code, want, out)
				}
			}
		})
	}
}

// Without a flag the configuration says where the server is.
func TestStatusAddress(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:8025": "127.0.0.1:8025", "0.0.0.0:8025": "localhost:8025", "[::]:8025": "localhost:8025", ":8025": "localhost:8025",
	} {
		if got, err := adminAddress(&env{}, statusFlags{address: address}); err != nil || got != want {
			t.Errorf("%s: %s, %v", address, got, err)
		}
	}
}
