//go:build unix

package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// An address that another program has gets the same hint at the start and when a changed
// configuration names it.
func TestServePortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	const hint = ": address already in use; stop that program or use another port"
	second := fmt.Sprintf("[[listener]]\nname = \"second\"\naddress = %q\n", taken.Addr())
	next := newSink(t, nil)

	p := startServe(t, nil, "--config", serveConfig(t, "", next.addr, second))
	p.line(1, `reconvene: listener "second"`, taken.Addr().String(), hint)
	if code := p.exit(); code != exitProblem {
		t.Errorf("exit %d", code)
	}

	file := serveConfig(t, "", next.addr, "")
	p = startServe(t, nil, "--config", file)
	p.line(1, "msg=config-loaded")
	serveConfig(t, file, next.addr, second)
	p.line(1, "msg=config-rejected", taken.Addr().String(), hint)
}

// A log file that cannot be opened keeps the server from starting; it says what to do.
func TestServeLogCannotBeOpened(t *testing.T) {
	file := serveConfig(t, "", newSink(t, nil).addr, "[log]\nfile = \"none/mail.log\"\n")
	p := startServe(t, nil, "--config", file)
	p.line(1, "the log file cannot be opened", "create its folder, or name another file under [log]")
	if code := p.exit(); code != exitProblem {
		t.Errorf("exit %d", code)
	}
}

// What check says of the folders, serve says when it starts.
func TestServeWithoutSpool(t *testing.T) {
	folder := t.TempDir()
	file := serveConfig(t, "", newSink(t, nil).addr, fmt.Sprintf("[limits]\ndirectory = %q\n", folder))
	if os.Geteuid() == 0 {
		t.Skip("root can write every folder")
	}
	if err := os.Chmod(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	p := startServe(t, nil, "--config", file)
	p.line(1, "msg=config-warning", "limits.directory: no file can be created in "+folder, "gets 452")
	if code, out, _ := askedStatus(t, "--address", p.addr("admin"), "--check"); code != nagiosWarning || !strings.Contains(out, "limits.directory") {
		t.Errorf("exit %d, %s", code, out)
	}
	if err := os.Chmod(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := askedStatus(t, "--address", p.addr("admin"), "--check"); code != nagiosOK {
		t.Errorf("exit %d, %s", code, out)
	}
}

// A changed configuration whose log file cannot be opened is used without it: that is a
// warning until the file can be opened, which is tried again.
func TestServeLogCannotBeMoved(t *testing.T) {
	t.Parallel() // it waits for the next try
	next := newSink(t, nil)
	file := serveConfig(t, "", next.addr, "")
	p := startServe(t, nil, "--config", file)
	admin := p.addr("admin")
	folder := filepath.Join(t.TempDir(), "logs")
	log := filepath.Join(folder, "mail.log")
	serveConfig(t, file, next.addr, fmt.Sprintf("[log]\nfile = %q\n", log))
	p.line(1, "msg=config-warning", "the log file cannot be opened", "create its folder")
	if code, out, _ := askedStatus(t, "--address", admin, "--check"); code != nagiosWarning || !strings.Contains(out, "the log goes on where it was: the log file cannot be opened") {
		t.Errorf("exit %d, %s", code, out)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	waitForText(t, log, "")
	if code, out, _ := askedStatus(t, "--address", admin, "--check"); code != nagiosOK {
		t.Errorf("exit %d, %s", code, out)
	}
}

// A ledger that is wanted and cannot be opened is a warning until it can.
func TestServeWithoutLedger(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "state")
	state := fmt.Sprintf("[state]\ndirectory = %q\n", folder)
	next := newSink(t, nil)
	file := serveConfig(t, "", next.addr, state)
	p := startServe(t, nil, "--config", file)
	p.line(1, "msg=config-warning", "state.directory: stat "+folder, "there is no ledger")
	admin := p.addr("admin")
	if code, out, _ := askedStatus(t, "--address", admin, "--check"); code != nagiosWarning || !strings.Contains(out, "there is no ledger") {
		t.Errorf("exit %d, %s", code, out)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	serveConfig(t, file, next.addr, state+"# read it again\n")
	p.line(2, "msg=config-loaded")
	if code, out, _ := askedStatus(t, "--address", p.addr("admin"), "--check"); code != nagiosOK {
		t.Errorf("exit %d, %s", code, out)
	}
}

// A certificate for another name is a warning of check, of the log and of status alike:
// mail goes out.
func TestCertificateForAnotherName(t *testing.T) {
	dir := t.TempDir()
	endingCert(t, dir, time.Now().Add(300*24*time.Hour))
	file := serveConfig(t, filepath.Join(dir, "reconvene.toml"), newSink(t, nil).addr, "")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write := func(hostname string) {
		s := strings.Replace(string(text), "[[route]]", "[listener.tls]\nmode = \"optional\"\ncert = \"cert.pem\"\nkey = \"key.pem\"\n[[route]]", 1)
		if err := os.WriteFile(file, []byte(strings.Replace(s, "smarthost.example.com", hostname, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const says = "listener[0].tls.cert: the certificate is for another name: certificate is valid for smarthost.example.com, not mail.example.com"
	write("mail.example.com")
	var out, errs strings.Builder
	code := run(&env{args: []string{"check", "--config", file}, stdin: strings.NewReader(""), stdout: &out, stderr: &errs, now: time.Now})
	if code != exitOK || !strings.Contains(errs.String(), "warning: "+says) {
		t.Errorf("check: exit %d, %s", code, errs.String())
	}
	p := startServe(t, nil, "--config", file)
	p.line(1, "msg=config-warning", says)
	admin := p.addr("admin")
	if code, out, _ := askedStatus(t, "--address", admin, "--check"); code != nagiosWarning || !strings.Contains(out, "WARNING - "+says) {
		t.Errorf("status --check: exit %d, %s", code, out)
	}
	if code, out, _ := askedStatus(t, "--address", admin); code != exitOK || !strings.Contains(out, says) {
		t.Errorf("status: exit %d, %s", code, out)
	}
	write("smarthost.example.com")
	p.line(2, "msg=config-loaded")
	if code, out, _ := askedStatus(t, "--address", p.addr("admin"), "--check"); code != nagiosOK {
		t.Errorf("the right name: exit %d, %s", code, out)
	}
}

// A signal of logrotate, or one that asks for a reload, ends no server that is starting.
func TestServeSignalAtStart(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGHUP, syscall.SIGUSR1} {
		p := startServe(t, nil, "--config", serveConfig(t, "", newSink(t, nil).addr, fmt.Sprintf("[state]\ndirectory = %q\n", t.TempDir())))
		p.line(1, "msg=started")
		p.signal(s) // before the ledger is open
		p.addr("exchange")
		if code, body := p.get("/readyz"); code != 200 || body != "ready\n" {
			t.Errorf("%v: %d %s", s, code, body)
		}
	}
}
