//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

// sink is a next hop. Hold, when it is set, keeps the answer to the body back.
type sink struct {
	addr string
	got  chan string
	hold chan struct{}

	mu     sync.Mutex
	refuse []error // answers to the next bodies
}

// verdict is what the next body gets.
func (s *sink) verdict() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.refuse) == 0 {
		return nil
	}
	err := s.refuse[0]
	s.refuse = s.refuse[1:]
	return err
}

func newSink(t *testing.T, hold chan struct{}) *sink {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &sink{addr: l.Addr().String(), got: make(chan string, 10), hold: hold}
	server := gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) { return sinkSession{s}, nil }))
	server.Domain = "sink.example.net"
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	return s
}

type sinkSession struct{ *sink }

func (sinkSession) Reset()                                 {}
func (sinkSession) Logout() error                          { return nil }
func (sinkSession) Mail(string, *gosmtp.MailOptions) error { return nil }
func (sinkSession) Rcpt(string, *gosmtp.RcptOptions) error { return nil }
func (s sinkSession) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.got <- string(body)
	if s.hold != nil {
		<-s.hold
	}
	return s.verdict()
}

// swallow takes all messages, for as long as the test runs.
func (s *sink) swallow() {
	for range s.got {
	}
}

// mail is the next message that the sink got.
func (s *sink) mail(t *testing.T) string {
	t.Helper()
	select {
	case m := <-s.got:
		return m
	case <-time.After(patience):
		t.Fatal("no mail arrived")
		return ""
	}
}

// program is a running "reconvene serve".
type program struct {
	t    *testing.T
	cmd  *exec.Cmd
	mu   sync.Mutex
	log  []string
	more chan struct{} // closed and made anew with each line
	done chan error    // what Wait returned
	gone chan struct{} // closed then
}

// startServe runs the program, which is this test binary under its own name.
func startServe(t *testing.T, environ []string, args ...string) *program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return startProgram(t, &exec.Cmd{Path: self, Args: append([]string{"reconvene", "serve"}, args...), Dir: t.TempDir(),
		Env: append(os.Environ(), environ...)})
}

// startProgram runs a command that becomes "reconvene serve".
func startProgram(t *testing.T, cmd *exec.Cmd) *program {
	t.Helper()
	p := &program{t: t, cmd: cmd, more: make(chan struct{}), done: make(chan error, 1), gone: make(chan struct{})}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			p.mu.Lock()
			p.log = append(p.log, lines.Text())
			close(p.more)
			p.more = make(chan struct{})
			p.mu.Unlock()
		}
		p.done <- p.cmd.Wait()
		close(p.gone)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.gone // until then it may write into folders that are about to be removed
		if t.Failed() {
			p.mu.Lock()
			defer p.mu.Unlock()
			t.Log(strings.Join(p.log, "\n"))
		}
	})
	return p
}

// line waits for the nth log line (from 1) that has all the words.
func (p *program) line(n int, words ...string) string {
	p.t.Helper()
	timeout := time.After(patience)
	for {
		p.mu.Lock()
		seen, more := 0, p.more
		for _, l := range p.log {
			if hasAll(l, words) {
				if seen++; seen == n {
					p.mu.Unlock()
					return l
				}
			}
		}
		p.mu.Unlock()
		select {
		case <-more:
		case <-timeout:
			p.t.Fatalf("the log has no line %d with %q", n, words)
		}
	}
}

func hasAll(s string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(s, w) {
			return false
		}
	}
	return true
}

// addr is where a listener listens, when the program handles signals, too.
func (p *program) addr(listener string) string {
	p.t.Helper()
	p.line(1, "msg=config-loaded")
	return value(p.line(1, "msg=listener-up", "listener="+listener+" "), "address")
}

func value(line, key string) string {
	_, after, _ := strings.Cut(line+" ", " "+key+"=")
	v, _, _ := strings.Cut(after, " ")
	return v
}

func (p *program) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// exit waits for the end and returns the exit code.
func (p *program) exit() int {
	p.t.Helper()
	select {
	case err := <-p.done:
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return exit.ExitCode()
		} else if err != nil {
			p.t.Fatal(err)
		}
		return 0
	case <-time.After(patience):
		p.t.Fatal("the program did not end")
		return 0
	}
}

func (p *program) get(path string) (int, string) {
	p.t.Helper()
	r, err := http.Get("http://" + p.addr("admin") + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return r.StatusCode, string(body)
}

// metric waits until the metrics have these values: some are counted a moment after the
// client has its reply.
func (p *program) metric(want ...string) {
	p.t.Helper()
	var body string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if _, body = p.get("/metrics"); !slices.ContainsFunc(want, func(w string) bool { return !strings.Contains(body, w+"\n") }) {
			return
		}
	}
	p.t.Errorf("the metrics lack one of %q:\n%s", want, body)
}

// serveConfig writes a configuration and returns its path.
func serveConfig(t *testing.T, path, via, more string) string {
	t.Helper()
	if path == "" {
		path = filepath.Join(t.TempDir(), "reconvene.toml")
	}
	text := fmt.Sprintf("hostname = \"smarthost.example.com\"\n[[listener]]\nname = \"exchange\"\naddress = \"127.0.0.1:0\"\n"+
		"[[route]]\nvia = [%q]\n[admin]\naddress = \"127.0.0.1:0\"\n%s", via, more)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const brokenUpdate = "From: <anna@example.com>\r\nTo: <bob@example.net>\r\nSubject: Moved\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\n" +
	"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nPRODID:-//Example//EN\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1@example.com\r\n" +
	"DTSTAMP:20260301T090000Z\r\nDTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\nSEQUENCE:0\r\n" +
	"X-MICROSOFT-CDO-APPT-SEQUENCE:3\r\nSUMMARY:Moved\r\nORGANIZER:mailto:anna@example.com\r\n" +
	"ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob@example.net\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

func send(t *testing.T, c *smtp.Client, body string) error {
	t.Helper()
	if err := c.Mail("anna@example.com"); err != nil {
		return err
	}
	if err := c.Rcpt("bob@example.net"); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, body); err != nil {
		return err
	}
	return w.Close()
}

func dial(t *testing.T, addr string) *smtp.Client {
	t.Helper()
	c, err := smtp.Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestServeMail(t *testing.T) {
	next := newSink(t, nil)
	p := startServe(t, nil, "--config", serveConfig(t, "", next.addr, ""))
	c := dial(t, p.addr("exchange"))
	if err := send(t, c, brokenUpdate); err != nil {
		t.Fatal(err)
	}
	if m := next.mail(t); !strings.Contains(m, "\r\nSEQUENCE:3\r\n") || !strings.Contains(m, "Received: from ") {
		t.Errorf("not repaired or not marked:\n%s", m)
	}
	l := p.line(1, "msg=message", "verdict=delivered", "from=anna@example.com", "recipients=1", "method=REQUEST",
		"uid=1@example.com", "outcome=repaired", "code=250", "nexthop=", "took_ms=")
	if !strings.Contains(value(l, "applied"), "seq-cdo") {
		t.Errorf("applied: %s", l)
	}
	if code, body := p.get("/healthz"); code != 200 || body != "ok\n" {
		t.Errorf("healthz: %d %q", code, body)
	}
	if code, body := p.get("/readyz"); code != 200 || body != "ready\n" {
		t.Errorf("readyz: %d %q", code, body)
	}
	_, body := p.get("/metrics")
	for _, want := range []string{
		`reconvene_messages_total{outcome="repaired",route="*"} 1`,
		`reconvene_meetings_total{method="REQUEST",outcome="repaired"} 1`,
		`reconvene_findings_total{applied="true",id="seq-cdo"} 1`,
		`reconvene_client_connections_total{result="accepted"} 1`,
		`reconvene_nexthop_connections_total{result="opened"} 1`,
		`reconvene_message_seconds_count 1`,
		`reconvene_rewrite_seconds_count 1`,
		`reconvene_config_reloads_total{result="good"} 1`,
	} {
		if !strings.Contains(body, want+"\n") {
			t.Errorf("metrics lack %s", want)
		}
	}
	p.signal(syscall.SIGTERM)
	p.line(1, "msg=stopped")
	if code := p.exit(); code != 0 {
		t.Errorf("exit %d", code)
	}
}

func TestServeReload(t *testing.T) {
	t.Parallel() // it waits for others
	first, second := newSink(t, nil), newSink(t, nil)
	file := serveConfig(t, "", first.addr, "")
	p := startServe(t, nil, "--config", file)
	c := dial(t, p.addr("exchange"))
	if err := send(t, c, brokenUpdate); err != nil {
		t.Fatal(err)
	}
	first.mail(t)

	serveConfig(t, file, second.addr, "[rewrite]\nmode = \"observe\"\n")
	p.line(2, "msg=config-loaded")
	if err := send(t, c, brokenUpdate); err != nil {
		t.Fatalf("the session did not survive: %v", err)
	}
	if m := second.mail(t); !strings.Contains(m, "\r\nSEQUENCE:0\r\n") {
		t.Error("mode = \"observe\" is not in force")
	}

	serveConfig(t, file, second.addr, "colour = \"red\"\n")
	p.line(1, "msg=config-rejected", "reconvene.toml:9", "colour")
	if code, body := p.get("/readyz"); code != 200 || !strings.HasPrefix(body, "ready\nwarning: ") || !strings.Contains(body, "colour") {
		t.Errorf("readyz: %d %q", code, body)
	}
	if err := send(t, c, brokenUpdate); err != nil {
		t.Fatalf("a bad file stopped the mail: %v", err)
	}
	second.mail(t)

	serveConfig(t, file, second.addr, "")
	p.line(3, "msg=config-loaded")
	if code, body := p.get("/readyz"); code != 200 {
		t.Errorf("readyz: %d %q", code, body)
	}
	p.signal(syscall.SIGHUP)
	p.line(4, "msg=config-loaded")
}

func TestServeLogFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "mail.log")
	file := serveConfig(t, "", newSink(t, nil).addr, "[log]\nformat = \"json\"\nfile = '"+name+"'\n")
	p := startServe(t, nil, "--config", file)
	waitForText(t, name, `"msg":"config-loaded"`)
	if err := os.Rename(name, name+".1"); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGHUP)
	waitForText(t, name, `"msg":"config-loaded"`)
	p.signal(syscall.SIGINT)
	if code := p.exit(); code != 0 {
		t.Errorf("exit %d", code)
	}
	waitForText(t, name, `"msg":"stopped"`)
}

// waitForText waits until a file that another process writes has a text.
func waitForText(t *testing.T, name, want string) {
	t.Helper()
	timeout := time.After(patience)
	for tick := time.Tick(10 * time.Millisecond); ; {
		if text, err := os.ReadFile(name); err == nil && strings.Contains(string(text), want) {
			return
		}
		select {
		case <-tick:
		case <-timeout:
			t.Fatalf("%s never had %s", name, want)
		}
	}
}

func TestServeFinishesTransactions(t *testing.T) {
	next := newSink(t, make(chan struct{}))
	p := startServe(t, nil, "--config", serveConfig(t, "", next.addr, ""))
	addr := p.addr("exchange")
	c := dial(t, addr)
	sent := make(chan error, 1)
	go func() { sent <- send(t, c, brokenUpdate) }()
	next.mail(t) // the body is there, the verdict is not
	p.signal(syscall.SIGTERM)
	p.line(1, "msg=listener-down", "listener=exchange")
	if conn, err := net.Dial("tcp", addr); err == nil {
		conn.Close()
		t.Error("a new client was let in")
	}
	close(next.hold)
	if err := <-sent; err != nil {
		t.Errorf("the running transaction: %v", err)
	}
	if code := p.exit(); code != 0 {
		t.Errorf("exit %d", code)
	}
}

func TestServeSecondSignal(t *testing.T) {
	hold := make(chan struct{})
	next := newSink(t, hold)
	defer close(hold)
	p := startServe(t, nil, "--config", serveConfig(t, "", next.addr, "[limits]\nshutdown_timeout = \"10m\"\n"))
	c := dial(t, p.addr("exchange"))
	sent := make(chan error, 1)
	go func() { sent <- send(t, c, brokenUpdate) }()
	next.mail(t) // the body is there, the verdict is not
	p.signal(syscall.SIGTERM)
	p.line(1, "msg=listener-down", "listener=exchange")
	p.signal(syscall.SIGTERM)
	if code := p.exit(); code != exitProblem {
		t.Errorf("exit %d", code)
	}
	if err := <-sent; err == nil {
		t.Error("the client was told 250 for a message without a verdict")
	}
}

func TestServeWithoutFile(t *testing.T) {
	next := newSink(t, nil)
	p := startServe(t, []string{
		"RECONVENE_LISTENER_0_NAME=env", "RECONVENE_LISTENER_0_ADDRESS=127.0.0.1:0",
		"RECONVENE_ROUTE_0_VIA=" + next.addr, "RECONVENE_ADMIN_ADDRESS=127.0.0.1:0",
	})
	p.line(1, "msg=config-warning", "hostname")
	if err := send(t, dial(t, p.addr("env")), brokenUpdate); err != nil {
		t.Fatal(err)
	}
	next.mail(t)
}

func TestServeRefusesToStart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, c := range []struct {
		name, variable string
		want           []string
	}{
		{"bad value", "RECONVENE_LOG_LEVEL=loud", []string{"RECONVENE_LOG_LEVEL", "log.level", "reconvene check"}},
		{"address taken", "RECONVENE_LISTENER_0_ADDRESS=" + taken.Addr().String(), []string{"listener0", "in use", "stop that program"}},
		{"admin address taken", "RECONVENE_ADMIN_ADDRESS=" + taken.Addr().String(), []string{"admin", "in use", "[admin]"}},
		{"log file", "RECONVENE_LOG_FILE=/nonexistent/x.log", []string{"log file", "no such file"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			environ := []string{"RECONVENE_LISTENER_0_ADDRESS=127.0.0.1:0", "RECONVENE_ADMIN_ADDRESS=127.0.0.1:0", c.variable}
			p := startServe(t, environ)
			if code := p.exit(); code != exitProblem {
				t.Errorf("exit %d", code)
			}
			all := strings.Join(p.log, "\n")
			if !hasAll(all, c.want) {
				t.Errorf("want %q in:\n%s", c.want, all)
			}
		})
	}
}

func TestCheckProbe(t *testing.T) {
	next := newSink(t, nil)
	gone := smtptest.FreeAddr(t)
	for _, c := range []struct {
		name, via string
		code      int
		out, err  []string
	}{
		{"good", next.addr, exitOK, []string{"# route *", "greeting", "sink.example.net", "PIPELINING", "profile", "took", " ms"}, []string{": good"}},
		{"gone", gone, exitProblem, []string{"# route *", "error", "refused", "took", " ms"}, []string{"no mail can go out by route *"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, errs strings.Builder
			e := &env{args: []string{"check", "--probe", "--config", serveConfig(t, "", c.via, "")},
				stdin: strings.NewReader(""), stdout: &out, stderr: &errs, now: time.Now}
			if code := run(e); code != c.code {
				t.Errorf("exit %d", code)
			}
			if !hasAll(out.String(), c.out) || !hasAll(errs.String(), c.err) {
				t.Errorf("got\n%s\n%s", out.String(), errs.String())
			}
			e.args = append(e.args, "--json")
			out.Reset()
			run(e)
			var report checkReport
			if err := json.Unmarshal([]byte(out.String()), &report); err != nil {
				t.Fatal(err)
			}
			if report.OK != (c.code == exitOK) || len(report.Probe) != 1 || report.Probe[0].Hosts[0].Host != c.via {
				t.Errorf("got %+v", report)
			}
		})
	}
}
