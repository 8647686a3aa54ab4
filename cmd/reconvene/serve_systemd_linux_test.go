package main

import (
	"net"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// systemdSocket is the socket on which systemd hears a service of Type=notify.
func systemdSocket(t *testing.T) (string, func() string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return path, func() string {
		t.Helper()
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		buffer := make([]byte, 4096)
		n, err := conn.Read(buffer)
		if err != nil {
			t.Fatal(err)
		}
		return string(buffer[:n])
	}
}

// awaitState reads notifications until one begins with the state.
func awaitState(t *testing.T, next func() string, state string) {
	t.Helper()
	for {
		got := next()
		if strings.HasPrefix(got, state) {
			return
		}
		if !strings.HasPrefix(got, "WATCHDOG=1") {
			t.Fatalf("got %q, want %q", got, state)
		}
	}
}

func TestSystemdNotify(t *testing.T) {
	path, next := systemdSocket(t)
	file := serveConfig(t, "", newSink(t, nil).addr, "")
	p := startServe(t, []string{"NOTIFY_SOCKET=" + path, "WATCHDOG_USEC=200000"}, "--config", file)
	awaitState(t, next, "READY=1")
	awaitState(t, next, "WATCHDOG=1")
	awaitState(t, next, "WATCHDOG=1")
	p.signal(syscall.SIGHUP)
	awaitState(t, next, "RELOADING=1\nMONOTONIC_USEC=")
	awaitState(t, next, "READY=1")
	p.signal(syscall.SIGTERM)
	awaitState(t, next, "STOPPING=1")
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestSocketActivation(t *testing.T) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	spare, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := socket.Addr().String()
	var files []*os.File
	for _, l := range []net.Listener{socket, spare} {
		f, err := l.(*net.TCPListener).File()
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		l.Close()
		files = append(files, f)
	}
	sink := newSink(t, nil)
	folder := t.TempDir()
	file := filepath.Join(folder, "reconvene.toml")
	config := "hostname = \"relay.example.com\"\n[[listener]]\nname = \"smtp\"\naddress = \"" + address +
		"\"\n[[route]]\nvia = [\"" + sink.addr + "\"]\n[admin]\naddress = \"\"\n"
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(folder, "reconvene")
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	// LISTEN_PID is the process that gets the sockets: the shell becomes it.
	cmd := exec.Command("/bin/sh", "-c", `LISTEN_PID=$$ exec "$0" serve --config "$1"`, program, file)
	cmd.Env = append(os.Environ(), "LISTEN_FDS=2")
	cmd.ExtraFiles = files
	cmd.Dir = folder
	p := startProgram(t, cmd)
	if got := p.addr("smtp"); got != address {
		t.Fatalf("listens on %s, want the inherited %s", got, address)
	}
	p.line(1, "msg=config-warning", spare.Addr().String(), "no listener has this address")
	p.line(1, "msg=config-loaded")
	if err := smtp.SendMail(address, nil, "anna@example.com", []string{"bob@example.net"}, []byte("Subject: hello\r\n\r\nhello\r\n")); err != nil {
		t.Fatal(err)
	}
	if got := sink.mail(t); !strings.Contains(got, "Subject: hello") {
		t.Errorf("the sink got %q", got)
	}
	p.signal(syscall.SIGTERM)
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
