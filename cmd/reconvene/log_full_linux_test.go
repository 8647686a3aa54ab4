package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
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

// listenerIn waits for the address of a listener in a log file.
func listenerIn(t *testing.T, log, name string) string {
	t.Helper()
	up := regexp.MustCompile(`listener"?[=:]"?` + name + `"?[ ,]"?address"?[=:]"?([0-9.]+:[0-9]+)`)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		text, _ := os.ReadFile(log)                                                                // not there yet
		if m := up.FindSubmatch(text); m != nil && bytes.Contains(text, []byte("config-loaded")) { // signals are handled from here on
			return string(m[1])
		}
	}
	t.Fatal("the log names no listener")
	return ""
}

// The disk of the log is full while mail flows, and then has room again: no mail is
// refused or waits for the disk, and all lines are there but those that the log says
// are lost. SIGHUP and rotation by size meanwhile change nothing of that.
func TestServeLogDiskFull(t *testing.T) {
	if !ownMounts(t) {
		return
	}
	for _, c := range []struct {
		name, rotateSize string
		signals          bool
	}{
		{"left alone", "0B", false},
		{"SIGHUP", "0B", true},
		{"rotated", "10KB", false},
		{"rotated and SIGHUP", "10KB", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := t.TempDir()
			mountMemory(t, folder, "96k")
			defer syscall.Unmount(folder, syscall.MNT_DETACH)
			logFull(t, folder, c.rotateSize, c.signals)
		})
	}
}

func logFull(t *testing.T, folder, rotateSize string, signals bool) {
	t.Helper()
	s := newSink(t, nil)
	go s.swallow()
	log := filepath.Join(folder, "mail.log")
	file := serveConfig(t, "", s.addr, fmt.Sprintf("[log]\nformat = \"json\"\nfile = %q\nrotate_size = %q\nrotate_keep = 0\n", log, rotateSize))
	p := startServe(t, nil, "--config", file)
	address, admin := listenerIn(t, log, "exchange"), listenerIn(t, log, "admin")
	calm := sendLoad(t, address, 4, 3, nil)
	ballast := filepath.Join(folder, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 56<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	slowest := sendLoad(t, address, 4, 25, func(int) {
		if signals {
			p.signal(syscall.SIGHUP)
		}
	})
	notDelayed(t, slowest, calm)
	p.line(1, "cannot be written", "no space left")
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	sendLoad(t, address, 1, 3, nil)
	p.line(1, "can be written again")
	reloads := settled(t, func() int { return metricOf(t, admin, `reconvene_config_reloads_total{result="good"}`) })
	p.signal(syscall.SIGTERM)
	if code := p.exit(); code != 0 {
		t.Errorf("exit %d", code)
	}
	mails := 4*3 + 4*25 + 1*3
	written, lost := linesAndLosses(t, log)
	// A message and a recipient for each mail; config-loaded and ledger-off each time.
	if want := 2*mails + 2*reloads; written+lost != want || lost == 0 {
		t.Errorf("%d lines are written and %d said to be lost, of %d", written, lost, want)
	}
	t.Logf("%d lines written, %d said to be lost; %d reloads; the slowest mail took %v, %v before", written, lost, reloads, slowest, calm)
}

// linesAndLosses counts the lines in all files of a log in JSON that come with a
// mail or a reload, and those that it says are lost.
func linesAndLosses(t *testing.T, log string) (written, lost int) {
	t.Helper()
	for _, text := range logFiles(t, log) {
		for line := range strings.Lines(text) {
			var l struct {
				Msg  string
				Lost int
			}
			if err := json.Unmarshal([]byte(line), &l); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			switch l.Msg {
			case "log-recovered":
				lost += l.Lost
			case "message", "recipient", "config-loaded", "ledger-off":
				written++
			}
		}
	}
	return written, lost
}

// logFiles are the texts of a log and of what was put aside of it.
func logFiles(t *testing.T, log string) (texts []string) {
	t.Helper()
	names, err := filepath.Glob(log + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	return texts
}

// sendLoad sends mails from some clients at once, and calls disturb with 0, 1, 2 …
// meanwhile. It returns how long the slowest took.
func sendLoad(t *testing.T, address string, clients, each int, disturb func(n int)) time.Duration {
	t.Helper()
	var sending sync.WaitGroup
	var mu sync.Mutex
	var slowest time.Duration
	for range clients {
		sending.Go(func() {
			for range each {
				begin := time.Now()
				if err := smtp.SendMail(address, nil, "anna@example.com", []string{"bob@partner.example"}, []byte("Subject: x\r\n\r\nx\r\n")); err != nil {
					t.Error("a mail was refused:", err)
					return
				}
				mu.Lock()
				slowest = max(slowest, time.Since(begin))
				mu.Unlock()
			}
		})
	}
	done := make(chan struct{})
	go func() { sending.Wait(); close(done) }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-done:
			return slowest
		case <-tick.C:
			if disturb != nil {
				disturb(n)
			}
		}
	}
}

// notDelayed wants that no mail was delayed by a second, on a machine that is as
// busy as it was without what might delay it.
func notDelayed(t *testing.T, slowest, calm time.Duration) {
	t.Helper()
	if slowest > time.Second+10*calm {
		t.Errorf("the slowest mail took %v, and %v before", slowest, calm)
	}
}

// settled waits until a number does not change any more.
func settled(t *testing.T, number func() int) int {
	t.Helper()
	last := number()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		time.Sleep(300 * time.Millisecond)
		next := number()
		if next == last {
			return last
		}
		last = next
	}
	t.Fatal("it still changes")
	return 0
}

func metricOf(t *testing.T, admin, name string) int {
	t.Helper()
	r, err := http.Get("http://" + admin + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(body), "\n"+name+" ")
	var n int
	if _, err := fmt.Sscan(after, &n); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// SIGHUP, SIGUSR1, files that are moved away and rotation by size while mail flows:
// each message and each recipient has its line, once, and no mail waits.
func TestServeLogUnderLoad(t *testing.T) {
	s := newSink(t, nil)
	go s.swallow()
	log := filepath.Join(t.TempDir(), "mail.log")
	file := serveConfig(t, "", s.addr, fmt.Sprintf("[log]\nfile = %q\nrotate_size = \"10KB\"\nrotate_keep = 0\n", log))
	p := startServe(t, nil, "--config", file)
	address := listenerIn(t, log, "exchange")
	const clients, calmMails, mails = 4, 10, 50
	calm := sendLoad(t, address, clients, calmMails, nil)
	signals := 0
	slowest := sendLoad(t, address, clients, mails, func(n int) {
		if n%3 == 0 {
			if err := os.Rename(log, fmt.Sprintf("%s.%d", log, n)); err != nil && !os.IsNotExist(err) {
				t.Error(err)
			}
		}
		p.signal([]syscall.Signal{syscall.SIGHUP, syscall.SIGUSR1}[n%2])
		signals++
	})
	notDelayed(t, slowest, calm)
	p.signal(syscall.SIGTERM)
	if code := p.exit(); code != 0 {
		t.Errorf("exit %d", code)
	}
	texts := logFiles(t, log)
	ids := make(map[string]int)
	for _, text := range texts {
		for line := range strings.Lines(text) {
			for _, msg := range []string{" msg=message ", " msg=recipient "} {
				if strings.Contains(line, msg) {
					ids[msg+value(line, "id")]++
				}
			}
		}
	}
	if want := 2 * clients * (calmMails + mails); len(ids) != want {
		t.Errorf("%d lines of messages and recipients in %d files, want %d", len(ids), len(texts), want)
	}
	for id, n := range ids {
		if n != 1 {
			t.Errorf("%s is there %d times", id, n)
		}
	}
	t.Logf("%d files, %d signals, the slowest mail took %v, %v before", len(texts), signals, slowest, calm)
}
