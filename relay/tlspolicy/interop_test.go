package tlspolicy

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/resolver"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// zone is what each domain of the test has.
const zone = `$ORIGIN %[1]s.
$TTL 300
@ IN SOA ns root 1 3600 600 86400 60
@ IN NS ns
ns IN A 127.0.0.1
@ IN MX 10 mx
mx IN A 192.0.2.1
none IN A 192.0.2.2
alias IN CNAME mx
away IN CNAME mx.unsigned.example.
_25._tcp.mx IN TLSA 3 1 1 %[2]s
`

// A real validating resolver, Unbound, before a real server with signed zones, NSD: what
// it says of them is understood.
func TestInteropUnbound(t *testing.T) {
	for _, program := range []string{"unbound", "nsd", "ldns-keygen", "ldns-signzone"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(program + " is not installed")
		}
	}
	folder := t.TempDir()
	anchors := make(map[string]string)
	for _, name := range []string{"signed.example", "bogus.example", "unsigned.example"} {
		file := filepath.Join(folder, name)
		write(t, file, fmt.Sprintf(zone, name, strings.Repeat("ab", 32)))
		if name != "unsigned.example" {
			anchors[name] = sign(t, folder, name)
		}
	}
	anchors["bogus.example"] = sign(t, folder, "bogus.example") // a key that the zone is not signed with
	if err := os.Rename(filepath.Join(folder, "bogus.example.first"), filepath.Join(folder, "bogus.example.signed")); err != nil {
		t.Fatal(err)
	}
	server := startNSD(t, folder)
	r := resolver.New(resolver.Options{Servers: []string{"127.0.0.1:" + startUnbound(t, folder, server, anchors)}})
	for _, tt := range []struct {
		host, base string
		err        bool
	}{
		{"mx.signed.example", "mx.signed.example", false},
		{"alias.signed.example", "mx.signed.example", false},
		{"away.signed.example", "", false},
		{"none.signed.example", "", false},
		{"mx.unsigned.example", "", false},
		{"mx.bogus.example", "", true},
	} {
		a, err := r.LookupAddresses(t.Context(), tt.host)
		var q *Requirement
		if err == nil {
			q, err = LookupDANE(t.Context(), r, tt.host, "25", a)
		}
		if (err != nil) != tt.err || (q != nil) != (tt.base != "") || q != nil && (q.Host != tt.base || q.Kind != DANE) {
			t.Errorf("%s: %+v, %v", tt.host, q, err)
		}
	}
	for domain, want := range map[string]bool{"signed.example": true, "unsigned.example": false, "none.signed.example": true, "missing.signed.example": true} {
		if _, authentic, err := r.LookupExchangers(t.Context(), domain); authentic != want || err != nil && !isNotFound(err) {
			t.Errorf("%s: authentic %v, %v", domain, authentic, err)
		}
	}
	if _, _, err := r.LookupExchangers(t.Context(), "bogus.example"); err == nil || isNotFound(err) {
		t.Errorf("bogus.example: %v", err)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// sign signs a zone with a new key and returns its DS record. An older signed zone is
// kept as NAME.first.
func sign(t *testing.T, folder, name string) string {
	t.Helper()
	os.Rename(filepath.Join(folder, name+".signed"), filepath.Join(folder, name+".first"))
	run := func(args ...string) string {
		c := exec.CommandContext(t.Context(), args[0], args[1:]...)
		c.Dir = folder
		out, err := c.Output()
		if err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		return strings.TrimSpace(string(out))
	}
	key := run("ldns-keygen", "-r", "/dev/urandom", "-a", "ECDSAP256SHA256", "-k", name)
	run("ldns-signzone", "-n", name, key)
	ds, err := os.ReadFile(filepath.Join(folder, key+".ds"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(ds)), " ")
}

// start runs a name server, with the configuration for a port, until the end of the
// test, and returns its port when it answers. Another program may take the port first:
// then another one is tried.
func start(t *testing.T, name, conf string, text func(port string) string) string {
	t.Helper()
	var out bytes.Buffer
	for range 5 {
		_, port, _ := net.SplitHostPort(smtptest.FreeAddr(t))
		write(t, conf, text(port))
		c := exec.CommandContext(context.Background(), name, "-d", "-c", conf)
		c.Stdout, c.Stderr = &out, &out
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		stop := func() {
			c.Process.Kill()
			c.Wait()
		}
		if answers(t, port) {
			t.Cleanup(stop)
			return port
		}
		stop()
	}
	t.Fatalf("%s does not answer: %s", name, out.String())
	return ""
}

// answers waits until a server answers.
func answers(t *testing.T, port string) bool {
	for range 100 {
		r := resolver.New(resolver.Options{Servers: []string{"127.0.0.1:" + port}})
		if _, err := r.LookupMX(t.Context(), "unsigned.example"); err == nil {
			return true
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-t.Context().Done():
		}
	}
	return false
}

func startNSD(t *testing.T, folder string) string {
	t.Helper()
	return start(t, "nsd", filepath.Join(folder, "nsd.conf"), func(port string) string {
		text := fmt.Sprintf("server:\n ip-address: 127.0.0.1@%s\n username: \"\"\n zonesdir: %q\n database: \"\"\n pidfile: \"\"\n xfrdfile: \"\"\n zonelistfile: %q\n server-count: 1\nremote-control:\n control-enable: no\n",
			port, folder, filepath.Join(folder, "zone.list"))
		for _, z := range []string{"signed.example.signed", "bogus.example.signed", "unsigned.example"} {
			text += fmt.Sprintf("zone:\n name: %s\n zonefile: %q\n", strings.TrimSuffix(z, ".signed"), z)
		}
		return text
	})
}

func startUnbound(t *testing.T, folder, server string, anchors map[string]string) string {
	t.Helper()
	return start(t, "unbound", filepath.Join(folder, "unbound.conf"), func(port string) string {
		text := fmt.Sprintf("server:\n interface: 127.0.0.1@%s\n chroot: \"\"\n username: \"\"\n directory: %q\n pidfile: \"\"\n use-syslog: no\n do-not-query-localhost: no\n module-config: \"validator iterator\"\n num-threads: 1\n", port, folder)
		for _, ds := range anchors {
			text += fmt.Sprintf(" trust-anchor: %q\n", ds)
		}
		text += "remote-control:\n control-enable: no\n"
		for _, z := range []string{"signed.example", "bogus.example", "unsigned.example"} {
			text += fmt.Sprintf("stub-zone:\n name: %q\n stub-addr: 127.0.0.1@%s\n", z, server)
		}
		return text
	})
}
