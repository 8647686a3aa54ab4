//go:build linux

package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// openSMTPD is a real OpenSMTPD, which passes on what it takes. Its folders cannot be
// configured, so that it has some of its own in a mount namespace.
type openSMTPD struct {
	t    *testing.T
	dir  string
	path string
	addr string // where it will listen
}

func newOpenSMTPD(t *testing.T) *openSMTPD {
	t.Helper()
	path := ""
	for _, name := range []string{os.Getenv("OPENSMTPD"), "/usr/sbin/smtpd"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("OpenSMTPD is not installed")
	}
	account, err := user.Lookup("opensmtpd")
	if err != nil || os.Getuid() != 0 {
		t.Skip("OpenSMTPD needs root and its account")
	}
	dir, err := os.MkdirTemp("", "opensmtpd") // others must get in
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	uid, err := strconv.Atoi(account.Uid)
	if err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(dir, "state")
	for _, err := range []error{os.Chmod(dir, 0o755), os.Mkdir(state, 0o755), os.Chown(state, uid, -1)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return &openSMTPD{t: t, dir: dir, path: path, addr: smtptest.FreeAddr(t)}
}

// openSMTPDScript gives the program empty folders that end with it.
const openSMTPDScript = `set -e
mount -t tmpfs none /var/spool
mount -t tmpfs none /var/lib
mount -t tmpfs none /run
mkdir -p /var/spool/smtpd /var/lib/opensmtpd/empty
chmod 711 /var/spool/smtpd
exec "$1" -d -f "$2"
`

// start runs it before a next hop. more are further settings, and listen are those of
// its listener.
func (o *openSMTPD) start(next, more, listen string) (addr string) {
	o.t.Helper()
	_, port, _ := net.SplitHostPort(o.addr)
	conf := filepath.Join(o.dir, "smtpd.conf")
	write(o.t, conf, fmt.Sprintf("%s\nlisten on 127.0.0.1 port %s hostname opensmtpd.test %s\naction next relay host smtp://%s\nmatch from any for any action next\n", more, port, listen, next))
	if err := os.Chmod(conf, 0o600); err != nil {
		o.t.Fatal(err)
	}
	start(o.t, "unshare", "--mount", "sh", "-c", openSMTPDScript, "sh", o.path, conf)
	waitFor(o.t, o.addr)
	return o.addr
}

// filter installs a filter for a phase of the conversation: rule is what the shell
// does with $to, the argument of the command. It prints what the server is to do, and
// may leave files in the current folder.
func (o *openSMTPD) filter(phase, rule string) (more, listen string) {
	o.t.Helper()
	file := filepath.Join(o.dir, "filter")
	write(o.t, file, fmt.Sprintf(`#!/bin/sh
cd %s/state
while IFS='|' read -r kind version time system phase session token to; do
  case "$kind|$version" in
  'config|ready') printf 'register|filter|smtp-in|%s\nregister|ready\n' ;;
  filter*) printf 'filter-result|%%s|%%s|%%s\n' "$session" "$token" "$(%s)" ;;
  esac
done
`, o.dir, phase, rule))
	if err := os.Chmod(file, 0o755); err != nil {
		o.t.Fatal(err)
	}
	return fmt.Sprintf("filter awkward proc-exec %q", file), "filter awkward"
}
