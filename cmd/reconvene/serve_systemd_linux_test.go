package main

import (
	"fmt"
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

// serveWithSockets starts the program as systemd does, with open sockets; addresses
// are theirs.
func serveWithSockets(t *testing.T, n int, config func(addresses []string) string) (p *program, addresses []string) {
	t.Helper()
	var files []*os.File
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		f, err := l.(*net.TCPListener).File()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() }) // systemd keeps its own, too
		l.Close()
		files, addresses = append(files, f), append(addresses, l.Addr().String())
	}
	folder := t.TempDir()
	file := filepath.Join(folder, "reconvene.toml")
	if err := os.WriteFile(file, []byte(config(addresses)), 0o600); err != nil {
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
	cmd.Env = append(os.Environ(), fmt.Sprintf("LISTEN_FDS=%d", n))
	cmd.ExtraFiles = files
	cmd.Dir = folder
	return startProgram(t, cmd), addresses
}

// socketConfig has a listener for each address.
func socketConfig(via string, addresses ...string) string {
	text := "hostname = \"relay.example.com\"\n[[route]]\nvia = [\"" + via + "\"]\n[admin]\naddress = \"127.0.0.1:0\"\n"
	for i, address := range addresses {
		text += fmt.Sprintf("[[listener]]\nname = \"smtp%d\"\naddress = %q\n", i, address)
	}
	return text
}

func TestSocketActivation(t *testing.T) {
	t.Parallel() // it waits for others
	sink := newSink(t, nil)
	p, sockets := serveWithSockets(t, 2, func(sockets []string) string { return socketConfig(sink.addr, sockets[0]) })
	if got := p.addr("smtp0"); got != sockets[0] {
		t.Fatalf("listens on %s, want the inherited %s", got, sockets[0])
	}
	p.line(1, "msg=config-warning", "none has the address "+sockets[1], "reconvene.socket")
	p.line(1, "msg=config-loaded")
	if code, body := p.get("/readyz"); code != 200 || !strings.Contains(body, "warning: listener: none has the address "+sockets[1]) {
		t.Errorf("%d %s", code, body)
	}
	if err := smtp.SendMail(sockets[0], nil, "anna@example.com", []string{"bob@example.net"}, []byte("Subject: hello\r\n\r\nhello\r\n")); err != nil {
		t.Fatal(err)
	}
	if got := sink.mail(t); !strings.Contains(got, "Subject: hello") {
		t.Errorf("the sink got %q", got)
	}
	// To the other socket, and back: both are still those of systemd.
	file := filepath.Join(p.cmd.Dir, "reconvene.toml")
	for i, to := range []int{1, 0} {
		if err := os.WriteFile(file, []byte(socketConfig(sink.addr, sockets[to])), 0o600); err != nil {
			t.Fatal(err)
		}
		p.line(2+i, "msg=config-loaded")
		dial(t, sockets[to]).Close()
	}
	p.line(1, "msg=config-warning", "none has the address "+sockets[0])
	p.line(2, "msg=config-warning", "none has the address "+sockets[1])
	p.signal(syscall.SIGTERM)
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// A listener that no socket is for is opened, and that is said; so is why it cannot
// be opened.
func TestSocketForAnotherListener(t *testing.T) {
	sink := newSink(t, nil)
	p, sockets := serveWithSockets(t, 1, func(sockets []string) string { return socketConfig(sink.addr, sockets[0], "127.0.0.1:0") })
	p.line(1, "msg=config-warning", "listener[1].address: reconvene.socket does not have 127.0.0.1:0", "ListenStream=127.0.0.1:0")
	p.line(1, "msg=config-loaded")
	dial(t, sockets[0]).Close()
	dial(t, p.addr("smtp1")).Close()
	if code, body := p.get("/readyz"); code != 200 || body != "ready\n" {
		t.Errorf("%d %s", code, body)
	}

	p, sockets = serveWithSockets(t, 1, func(sockets []string) string {
		_, port, _ := net.SplitHostPort(sockets[0])
		return socketConfig(sink.addr, "0.0.0.0:"+port)
	})
	p.line(1, "address already in use; systemd passed other sockets (reconvene.socket): "+sockets[0])
	if code := p.exit(); code == 0 {
		t.Errorf("exit code %d", code)
	}
}

// What systemctl shows of a socket unit.
func TestSocketAddresses(t *testing.T) {
	for properties, want := range map[string]string{
		"ActiveState=active\nUnitFileState=enabled\nListen=0.0.0.0:25 (Stream)\nListen=[::]:587 (Stream)\n": "[0.0.0.0:25 [::]:587]",
		"Listen=0.0.0.0:25 (Stream)\nActiveState=inactive\nUnitFileState=enabled\n":                         "[0.0.0.0:25]",
		"Listen=0.0.0.0:25 (Stream)\nActiveState=active\nUnitFileState=disabled\n":                          "[0.0.0.0:25]",
		"Listen=0.0.0.0:25 (Stream)\nActiveState=inactive\nUnitFileState=disabled\n":                        "[]",
		"ActiveState=active\nListen=/run/smtp (Stream)\nListen=0.0.0.0:25 (Datagram)\n":                     "[]",
		"ActiveState=inactive\nUnitFileState=\n":                                                            "[]",
		"":                                                                                                  "[]",
	} {
		if got := fmt.Sprint(socketAddresses(properties)); got != want {
			t.Errorf("%q: %s, want %s", properties, got, want)
		}
	}
}
