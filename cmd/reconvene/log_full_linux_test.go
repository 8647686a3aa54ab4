package main

import (
	"bytes"
	"fmt"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// ownMounts runs the rest of a test in a process of its own whose mounts nobody else
// sees; there it reports true.
func ownMounts(t *testing.T) (child bool) {
	t.Helper()
	if os.Getenv("TEST_OWN_MOUNTS") != "" {
		return true
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "TEST_OWN_MOUNTS=yes")
	user := []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
	group := []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER, UidMappings: user, GidMappings: group}
	out, err := cmd.CombinedOutput()
	if err != nil && len(out) == 0 {
		t.Skipf("this machine gives no user a mount namespace: %v", err)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
	return false
}

// mountMemory puts an empty disk of the given size at a folder.
func mountMemory(t *testing.T, folder, size string) {
	t.Helper()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+size); err != nil {
		t.Fatal(err)
	}
}

// listenerIn waits for the address of the listener in a log file.
func listenerIn(t *testing.T, log string) string {
	t.Helper()
	up := regexp.MustCompile(`listener"?[=:]"?exchange"?[ ,]"?address"?[=:]"?([0-9.]+:[0-9]+)`)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		text, _ := os.ReadFile(log)                                                                // not there yet
		if m := up.FindSubmatch(text); m != nil && bytes.Contains(text, []byte("config-loaded")) { // signals are handled from here on
			return string(m[1])
		}
	}
	t.Fatal("the log names no listener")
	return ""
}

// The disk of the log is full, and then has room again: no mail is refused, and all
// lines are there but those that the log says are lost.
func TestServeLogDiskFull(t *testing.T) {
	if !ownMounts(t) {
		return
	}
	folder := t.TempDir()
	mountMemory(t, folder, "64k")
	defer syscall.Unmount(folder, syscall.MNT_DETACH)
	s := newSink(t, nil)
	file := serveConfig(t, "", s.addr, fmt.Sprintf("[log]\nformat = \"json\"\nfile = %q\nrotate_size = \"0B\"\n", filepath.Join(folder, "mail.log")))
	p := startServe(t, nil, "--config", file)
	address := listenerIn(t, filepath.Join(folder, "mail.log"))
	ballast := filepath.Join(folder, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 40<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	send := func(n int) {
		for range n {
			if err := smtp.SendMail(address, nil, "anna@example.com", []string{"bob@partner.example"}, []byte("Subject: x\r\n\r\nx\r\n")); err != nil {
				t.Fatal("a mail was refused:", err)
			}
			s.mail(t)
		}
	}
	send(60)
	p.line(1, "cannot be written", "no space left")
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	send(3)
	p.line(1, "can be written again")
	p.signal(syscall.SIGTERM)
	if code := p.exit(); code != 0 {
		t.Errorf("exit %d", code)
	}
	text, err := os.ReadFile(filepath.Join(folder, "mail.log"))
	if err != nil {
		t.Fatal(err)
	}
	lost, written := 0, 0
	for line := range strings.Lines(string(text)) {
		var n int
		switch {
		case strings.Contains(line, `"msg":"log-recovered"`):
			_, after, _ := strings.Cut(line, `"lost":`)
			if _, err := fmt.Sscan(strings.FieldsFunc(after, func(r rune) bool { return r < '0' || r > '9' })[0], &n); err != nil {
				t.Fatal(err)
			}
			lost += n
		case strings.Contains(line, `"msg":"message"`), strings.Contains(line, `"msg":"recipient"`):
			written++
		}
	}
	if written+lost != 2*63 || lost == 0 {
		t.Errorf("%d lines are written and %d said to be lost, of %d", written, lost, 2*63)
	}
}

// SIGHUP, files that are moved away and rotation by size while mail flows: each
// message and each recipient has its line, once.
func TestServeLogUnderLoad(t *testing.T) {
	s := newSink(t, nil)
	go func() {
		for range s.got {
		}
	}()
	log := filepath.Join(t.TempDir(), "mail.log")
	file := serveConfig(t, "", s.addr, fmt.Sprintf("[log]\nfile = %q\nrotate_size = \"10KB\"\nrotate_keep = 0\n", log))
	p := startServe(t, nil, "--config", file)
	address := listenerIn(t, log)

	const clients, mails = 4, 50
	var sending sync.WaitGroup
	var slowest atomic.Int64
	for range clients {
		sending.Go(func() {
			for range mails {
				begin := time.Now()
				if err := smtp.SendMail(address, nil, "anna@example.com", []string{"bob@partner.example"}, []byte("Subject: x\r\n\r\nx\r\n")); err != nil {
					t.Error(err)
					return
				}
				for took := int64(time.Since(begin)); ; {
					if old := slowest.Load(); took <= old || slowest.CompareAndSwap(old, took) {
						break
					}
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { sending.Wait(); close(done) }()
	signals := 0
	for tick := time.Tick(20 * time.Millisecond); ; signals++ {
		select {
		case <-tick:
			if signals%3 == 0 {
				if err := os.Rename(log, fmt.Sprintf("%s.%d", log, signals)); err != nil && !os.IsNotExist(err) {
					t.Fatal(err)
				}
			}
			p.signal([]syscall.Signal{syscall.SIGHUP, syscall.SIGUSR1}[signals%2])
			continue
		case <-done:
		}
		break
	}
	p.signal(syscall.SIGTERM)
	if code := p.exit(); code != 0 {
		t.Errorf("exit %d", code)
	}
	names, err := filepath.Glob(log + "*")
	if err != nil {
		t.Fatal(err)
	}
	ids := make(map[string]int)
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			for _, msg := range []string{" msg=message ", " msg=recipient "} {
				if strings.Contains(line, msg) {
					_, id, _ := strings.Cut(line, " id=")
					id, _, _ = strings.Cut(id, " ")
					ids[msg+id]++
				}
			}
		}
	}
	if len(ids) != 2*clients*mails {
		t.Errorf("%d lines of messages and recipients in %d files, want %d", len(ids), len(names), 2*clients*mails)
	}
	for id, n := range ids {
		if n != 1 {
			t.Errorf("%s is there %d times", id, n)
		}
	}
	t.Logf("%d files, %d signals, the slowest mail took %v", len(names), signals, time.Duration(slowest.Load()))
}
