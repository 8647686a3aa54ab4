//go:build unix

package main

import (
	"bytes"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/smtptest"
)

var interopMessages = flag.Int("interop.messages", 1000, "how many messages TestInteropPostfixTools sends")

// TestInteropPostfixTools puts the real program between Postfix's own client
// (smtp-source) and its own receiver (smtp-sink): mixed mail over twenty
// connections, each message delivered exactly once, those without a calendar
// identical after our Received field, each calendar repaired. What identical
// means is measured: one mail of each kind goes from client to receiver
// directly.
func TestInteropPostfixTools(t *testing.T) {
	t.Parallel() // it waits for others
	source, sink := tool(t, "smtp-source"), tool(t, "smtp-sink")
	dir := t.TempDir()
	sinkAddr := smtptest.FreeAddr(t)
	start(t, sink, "-u", currentUser(), "-d", filepath.Join(dir, "m."), sinkAddr, "100")
	waitFor(t, sinkAddr)
	relay := startServe(t, nil, "--config", serveConfig(t, "", sinkAddr, "[limits]\nconnections_per_client = 100\n"))

	kinds := interopMails()
	send := func(t *testing.T, i, n int, to, addr string) {
		file := filepath.Join(dir, to+".eml")
		write(t, file, strings.ReplaceAll(kinds[i%len(kinds)].text, "\r\n", "\n"))
		out, err := exec.Command(source, "-s", "1", "-m", strconv.Itoa(n), "-N", "-f", "from@example.com", "-t", "-"+to, "-F", file, addr).CombinedOutput()
		if err != nil {
			t.Errorf("smtp-source to %s: %v: %s", to, err, out)
		}
	}
	for i := range kinds {
		send(t, i, 1, fmt.Sprintf("direct%d@example.net", i), sinkAddr)
	}
	const connections = 20
	each := max(*interopMessages/connections, 1)
	relayAddr := relay.addr("exchange")
	var wg sync.WaitGroup
	for i := range connections {
		wg.Go(func() { send(t, i, each, fmt.Sprintf("to%d@example.net", i), relayAddr) })
	}
	wg.Wait()
	relay.signal(syscall.SIGTERM)
	if code := relay.exit(); code != 0 {
		t.Errorf("serve ended with %d", code)
	}

	got := readDump(t, dir)
	for i := range connections {
		kind := kinds[i%len(kinds)]
		direct := got[fmt.Sprintf("<1-direct%d@example.net>", i%len(kinds))]
		if len(direct) != 1 {
			t.Fatalf("%s went from client to receiver %d times", kind.name, len(direct))
		}
		for n := 1; n <= each; n++ {
			rcpt := fmt.Sprintf("<%d-to%d@example.net>", n, i)
			if len(got[rcpt]) != 1 {
				t.Errorf("%s was delivered %d times", rcpt, len(got[rcpt]))
				continue
			}
			kind.check(t, rcpt, direct[0], got[rcpt][0])
		}
	}
	if want := each*connections + len(kinds); len(got) != want {
		t.Errorf("%d different messages arrived, %d were sent", len(got), want)
	}
}

// interopMail is one kind of mail and what must become of it.
type interopMail struct {
	name     string
	text     string
	repaired string // a line that the repair puts in; "": must stay identical
}

func (k interopMail) check(t *testing.T, rcpt, direct, relayed string) {
	t.Helper()
	trace, rest := cutField(relayed)
	if !strings.Contains(trace, "by smarthost.example.com") {
		t.Errorf("%s for %s has no Received field of ours on top", k.name, rcpt)
	}
	switch {
	case k.repaired == "" && rest != direct:
		t.Errorf("%s for %s was altered: %d octets became %d", k.name, rcpt, len(direct), len(rest))
	case k.repaired != "" && !strings.Contains(rest, "\n"+k.repaired+"\n"):
		t.Errorf("%s for %s lacks %q", k.name, rcpt, k.repaired)
	}
}

func interopMails() []interopMail {
	head := "From: Ann <ann@example.com>\r\nTo: Bob <bob@example.net>\r\nSubject: %s\r\nDate: Mon, 2 Mar 2026 08:00:00 +0000\r\nMessage-ID: <%s@example.com>\r\nMIME-Version: 1.0\r\n"
	plain := fmt.Sprintf(head, "plain", "plain") + "\r\nHello\r\n.a dot\r\n..two\r\n\r\nBye\r\n"
	var long strings.Builder
	for i := range 40_000 {
		fmt.Fprintf(&long, "%060d\r\n", i)
	}
	attachment := fmt.Sprintf(head, "attachment", "att") + "Content-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\n\r\nsee below\r\n--b1\r\nContent-Type: application/octet-stream; name=x.bin\r\n\r\n" + long.String() + "--b1--\r\n"
	event := func(method string) string {
		return "BEGIN:VCALENDAR\r\nMETHOD:" + method + "\r\nPRODID:Microsoft CDO for Microsoft Exchange\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nDTSTAMP:20260301T080000Z\r\nDTSTART:20260305T090000Z\r\nDTEND:20260305T100000Z\r\nSUMMARY:Budget\r\nUID:interop-1@example.com\r\nORGANIZER;CN=\"Ann\":MAILTO:ann@example.com\r\nATTENDEE;CN=\"Bob\";PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT:MAILTO:bob@example.net\r\nSEQUENCE:0\r\nCLASS:\r\nX-MICROSOFT-CDO-APPT-SEQUENCE:7\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	}
	meeting := func(method string) string {
		return fmt.Sprintf(head, method, method) + "Content-Type: multipart/alternative; boundary=b2\r\n\r\n--b2\r\nContent-Type: text/plain\r\n\r\nWhen: soon\r\n--b2\r\nContent-Type: text/calendar; method=" + method + "; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n" + event(method) + "--b2--\r\n"
	}
	return []interopMail{
		{"plain mail", plain, ""},
		{"attachment", attachment, ""},
		{"update", meeting("REQUEST"), "SEQUENCE:7"},
		{"plain mail", plain, ""},
		{"cancellation", meeting("CANCEL"), "SEQUENCE:7"},
	}
}

// readDump returns what smtp-sink wrote, by recipient (with its brackets): each
// message after smtp-sink's own Received field, line ends LF.
func readDump(t *testing.T, dir string) map[string][]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "m.*"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		head, text, _ := strings.Cut(string(b), "\nReceived: ")
		_, rcpt, _ := strings.Cut(head, "X-Rcpt-Args: ")
		rcpt, _, _ = strings.Cut(rcpt, "\n")
		_, text = cutField(text)
		out[rcpt] = append(out[rcpt], text)
	}
	return out
}

func start(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(name, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("%s printed:\n%.4000s", filepath.Base(name), out.String())
		}
	})
	return cmd
}

// waitFor returns once an SMTP server greets at addr.
func waitFor(t *testing.T, addr string) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		if greets(addr) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("nothing listens on %s", addr)
}

func greets(addr string) bool {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return false
	}
	defer c.Close()
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	n, _ := c.Read(make([]byte, 1))
	return n == 1
}

func tool(t *testing.T, name string) string {
	t.Helper()
	for _, p := range []string{name, "/usr/sbin/" + name, "/usr/libexec/postfix/" + name} {
		if path, err := exec.LookPath(p); err == nil {
			return path
		}
	}
	t.Skipf("%s is not installed", name)
	return ""
}

func currentUser() string {
	if u := os.Getenv("USER"); u != "" {
		return u
	}
	return "root"
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// relayBetween starts the relay with mail to example.com for one server, and all other
// mail for another one.
func relayBetween(t *testing.T, listener, near, far string) *program {
	t.Helper()
	conf := filepath.Join(t.TempDir(), "reconvene.toml")
	write(t, conf, fmt.Sprintf(`hostname = "relay.test"
[[listener]]
name = %q
address = "127.0.0.1:0"
[[route]]
domains = ["example.com"]
via = [%q]
[[route]]
via = [%q]
[admin]
address = ""
[limits]
connections_per_client = 100
`, listener, near, far))
	return startServe(t, nil, "--config", conf)
}
