//go:build unix

package main

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"
	"github.com/reconvene/reconvene/relay/delivery"
)

// choosy is a next hop that answers by the address: no… is refused at RCPT,
// later… deferred there; and by the subject of the mail at its end.
type choosy struct{}

func (choosy) Reset()                                 {}
func (choosy) Logout() error                          { return nil }
func (choosy) Mail(string, *gosmtp.MailOptions) error { return nil }

func (choosy) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	switch {
	case strings.HasPrefix(to, "no"):
		return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	case strings.HasPrefix(to, "later"):
		return &gosmtp.SMTPError{Code: 450, EnhancedCode: gosmtp.EnhancedCode{4, 2, 1}, Message: "mailbox is busy"}
	}
	return nil
}

func (choosy) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	switch {
	case err != nil:
		return err
	case strings.Contains(string(body), "Subject: refuse"):
		return &gosmtp.SMTPError{Code: 554, EnhancedCode: gosmtp.EnhancedCode{5, 7, 1}, Message: "not today"}
	case strings.Contains(string(body), "Subject: defer"):
		return &gosmtp.SMTPError{Code: 451, EnhancedCode: gosmtp.EnhancedCode{4, 3, 0}, Message: "try again"}
	case strings.Contains(string(body), "Subject: notice") && !strings.Contains(string(body), "refused the calendar"):
		return &gosmtp.SMTPError{Code: 554, EnhancedCode: gosmtp.EnhancedCode{5, 6, 0}, Message: "Invalid message content"}
	}
	return nil
}

func newChoosy(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) { return choosy{}, nil }))
	server.Domain = "choosy.example.net"
	server.MaxRecipients = 200
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	return l.Addr().String()
}

// updateOf is a meeting of 2003's, revision by revision.
func updateOf(uid, subject string, revision int) string {
	return strings.NewReplacer("UID:1@example.com", "UID:"+uid, "Subject: ", "Message-ID: <"+uid+"-"+fmt.Sprint(revision)+">\r\nSubject: "+subject+" ",
		"APPT-SEQUENCE:3", "APPT-SEQUENCE:"+fmt.Sprint(revision)).Replace(brokenUpdate)
}

// converse sends commands one by one, whatever is answered; "" closes.
func converse(t *testing.T, addr string, lines ...string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	answer := func() {
		var b [4096]byte
		for text := ""; ; {
			n, err := conn.Read(b[:])
			if err != nil {
				return
			}
			text += string(b[:n])
			last := text[strings.LastIndex(strings.TrimSuffix(text, "\r\n"), "\n")+1:]
			if strings.HasSuffix(text, "\r\n") && len(last) > 3 && last[3] == ' ' {
				return
			}
		}
	}
	answer()
	for _, l := range append([]string{"EHLO exch.example.com"}, lines...) {
		if _, err := io.WriteString(conn, l+"\r\n"); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(l, "half") {
			answer()
		}
	}
}

// TestTraceTellsWhoWasNotTold sends a meeting to many in every way that can go
// wrong, and asks the log alone who was not told.
func TestTraceTellsWhoWasNotTold(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) { tellWhoWasNotTold(t, format) })
	}
}

func tellWhoWasNotTold(t *testing.T, format string) {
	dir := t.TempDir()
	name := filepath.Join(dir, "mail.log")
	logging := "[log]\nformat = \"" + format + "\"\nfile = '" + name + "'\n"
	p := startServeTo(t, name, serveConfig(t, "", newChoosy(t), logging))
	addr := p
	want := map[string]string{}
	uid := "040000008200E00074C5B7101A82E008-" + strings.Repeat("0123456789", 20)
	envelope := func(rcpts ...string) []string {
		lines := []string{"MAIL FROM:<anna@example.com>"}
		for _, r := range rcpts {
			lines = append(lines, "RCPT TO:<"+r+">")
		}
		return lines
	}
	mail := func(subject string, revision int) []string {
		return []string{"DATA", strings.ReplaceAll(updateOf(uid, subject, revision), "\r\n.", "\r\n..") + "\r\n."}
	}
	// 80 recipients, three verdicts
	var all []string
	for i := range 80 {
		kind, status := "told", "notified"
		switch {
		case i%10 == 3:
			kind, status = "no", "not notified"
		case i%10 == 7:
			kind, status = "later", "not notified"
		}
		to := fmt.Sprintf("%s-%02d-%s@attendees.example", kind, i, strings.Repeat("x", 40))
		all, want[to] = append(all, to), status
	}
	converse(t, addr, append(envelope(all...), mail("first", 1)...)...)
	// one recipient each
	one := func(to, status string, lines ...string) {
		want[to] = status
		converse(t, addr, append(envelope(to), lines...)...)
	}
	one("refused@x.example", "not notified", mail("refuse", 2)...)
	one("deferred@x.example", "not notified", mail("defer", 2)...)
	one("text@x.example", "only got a text", mail("notice", 2)...)
	one("again@x.example", "not notified", mail("defer", 2)...)
	one("again@x.example", "notified", mail("second try", 2)...)
	one("updated@x.example", "notified", mail("first", 1)...)
	one("updated@x.example", "not notified of the last", mail("refuse", 2)...)
	waitForCount(t, name, 87)
	// a body that never came has no UID: the sender and the address find it
	converse(t, addr, append(envelope("given-up@x.example"), "RSET")...)
	converse(t, addr, append(envelope("gone@x.example"), "DATA", "half of a mail")...)
	converse(t, addr, append(envelope("no-1@x.example", "no-2@x.example"), "QUIT")...)
	waitForCount(t, name, 91)

	got := map[string]string{}
	for _, m := range traceJSON(t, "--uid", uid, name).Meetings {
		for _, r := range m.Recipients {
			got[r.Address] = r.Status()
		}
	}
	for to, status := range want {
		if got[to] != status {
			t.Errorf("%s: %q, want %q", to, got[to], status)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d recipients, want %d", len(got), len(want))
	}
	for to, verdict := range map[string]string{"given-up@x.example": "aborted", "gone@x.example": "aborted", "no-2@x.example": "refused"} {
		out := traceText(t, exitOK, "--to", to, "--from", "anna@example.com", name)
		if !strings.Contains(out, verdict) || !strings.Contains(out, to) {
			t.Errorf("%s is not %s in\n%s", to, verdict, out)
		}
	}
	// one message of a meeting: its recipients are judged by the others, too
	status := func(args ...string) string {
		for _, m := range traceJSON(t, args...).Meetings {
			for _, r := range m.Recipients {
				if r.Address == "again@x.example" {
					return r.Status()
				}
			}
		}
		return "not found"
	}
	for _, filter := range [][]string{{"--subject", "defer"}, {"--to", "again@x.example", "--subject", "defer"}, {"--message-id", uid + "-1"}} {
		if s := status(append(filter, name)...); s != "notified" {
			t.Errorf("%q: %s", filter, s)
		}
	}
	if out := traceText(t, exitOK, "--subject", "defer", name); !strings.Contains(out, "further messages about what follows") {
		t.Errorf("got\n%s", out)
	}
	if file, err := os.Open(name); err != nil {
		t.Error(err)
	} else {
		var out strings.Builder
		run(&env{args: []string{"log", "trace", "--subject", "second try", "-"}, stdin: io.NopCloser(file), stdout: &out, stderr: io.Discard, now: time.Now})
		if file.Close(); !strings.Contains(out.String(), "updated@x.example") {
			t.Errorf("from standard input: %s", out.String())
		}
	}
	for _, m := range traceJSON(t, "--to", "again@x.example", name).Meetings {
		if len(m.Recipients) != 1 {
			t.Errorf("asked for one, told of %d", len(m.Recipients))
		}
	}
	// rotated and compressed, and cut in two: the same answer
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	half := strings.LastIndex(string(text[:len(text)/2]), "\n") + 1
	old := filepath.Join(dir, "mail.log.1.gz")
	packed, err := os.Create(old)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(packed)
	fmt.Fprintf(z, "Mar 01 09:00:00 host other[1]: foreign line\n%s", text[:half])
	z.Close()
	packed.Close()
	if err := os.WriteFile(name, text[half:], 0o600); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, m := range traceJSON(t, "--uid", uid, old, name).Meetings {
		n += len(m.Recipients)
	}
	if n != len(want) {
		t.Errorf("from two files: %d recipients, want %d", n, len(want))
	}
	if out := traceText(t, exitOK, "--message-id", "<"+uid+"-2>", "--subject", "NOTICE", old, name); !strings.Contains(out, "ONLY GOT A TEXT") || !strings.Contains(out, "fallback:") {
		t.Errorf("got\n%s", out)
	}
	traceText(t, exitProblem, "--to", "stranger@x.example", name)
	traceText(t, exitProblem, "--uid", uid, "--until", "2020-01-01", name)
	line := string(text[:strings.IndexByte(string(text), '\n')])
	if out := runText(t, exitOK, "log", "explain", line); !strings.Contains(out, "the program started") {
		t.Errorf("got %s", out)
	}
}

// startServeTo runs the program with its log in a file, and returns the address.
func startServeTo(t *testing.T, name, config string) string {
	t.Helper()
	startServe(t, nil, "--config", config)
	waitForText(t, name, "config-loaded")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, "listener-up") || !strings.Contains(line, "exchange") {
			continue
		}
		var v struct{ Address string }
		if json.Unmarshal([]byte(line), &v) == nil {
			return v.Address
		}
		return strings.TrimSpace(value(line, "address"))
	}
	t.Fatal("no listener")
	return ""
}

// waitForCount waits for that many recipient lines.
func waitForCount(t *testing.T, name string, n int) {
	t.Helper()
	timeout := time.After(patience)
	for tick := time.Tick(10 * time.Millisecond); ; {
		text, _ := os.ReadFile(name)
		have := strings.Count(string(text), "msg=recipient") + strings.Count(string(text), `"msg":"recipient"`)
		if have == n {
			return
		}
		select {
		case <-tick:
		case <-timeout:
			t.Fatalf("%d recipient lines, want %d", have, n)
		}
	}
}

func runText(t *testing.T, code int, args ...string) string {
	t.Helper()
	var out, errs strings.Builder
	if got := run(&env{args: args, stdin: strings.NewReader(""), stdout: &out, stderr: &errs, now: time.Now}); got != code {
		t.Fatalf("%q: exit %d, want %d: %s", args, got, code, errs.String())
	}
	return out.String()
}

func traceText(t *testing.T, code int, args ...string) string {
	t.Helper()
	return runText(t, code, append([]string{"log", "trace"}, args...)...)
}

func traceJSON(t *testing.T, args ...string) (r traceReport) {
	t.Helper()
	if err := json.Unmarshal([]byte(traceText(t, exitOK, append([]string{"--json"}, args...)...)), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTraceUsage(t *testing.T) {
	for _, args := range [][]string{{"--uid", "u"}, {"x.log"}, {"--uid", "u", "--since", "yesterday", "x.log"}} {
		traceText(t, exitUsage, args...)
	}
	var errs strings.Builder
	run(&env{args: []string{"log", "trace", "--uid", "u", "--since", "yesterday", "x.log"}, stdout: io.Discard, stderr: &errs, now: time.Now})
	if !strings.Contains(errs.String(), "36h or 7d") {
		t.Error(errs.String())
	}
	traceText(t, exitProblem, "--uid", "u", "--since", "7d", filepath.Join(t.TempDir(), "none.log"))
	if out := runText(t, exitOK, "log", "explain", `time=2026-03-01T09:00:00Z level=WARN msg=message id=1 outcome=notice verdict=delivered findings=seq-cdo applied=seq-cdo seq=0 seq_sent=3`); !strings.Contains(out, "still shows the old meeting") || !strings.Contains(out, "seq-cdo:") || !strings.Contains(out, "(repaired)") {
		t.Errorf("got %s", out)
	}
	runText(t, exitProblem, "log", "explain", "hello")
}

// Every word under msg, every outcome and every verdict can be explained.
func TestExplainKnowsAllWords(t *testing.T) {
	text, err := os.ReadFile("../../docs/log.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "## Words under `msg`")
	table, _, _ = strings.Cut(table, "## Keys")
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		for i, word := range strings.Split(cells[1], "`") {
			if i%2 == 1 && msgs[word] == "" {
				t.Errorf("log explain does not know %s", word)
			}
		}
	}
	for _, o := range delivery.Outcomes() {
		if outcomes[string(o)] == "" {
			t.Errorf("log explain does not know the outcome %s", o)
		}
	}
}

// Nothing is told twice, and who refused is named.
func TestTraceAndExplainSayThingsOnce(t *testing.T) {
	log := filepath.Join(t.TempDir(), "mail.log")
	lines := []string{
		`time=2026-03-01T09:00:00Z level=INFO msg=left-alone id=1 from=a@x what=1.2 why="signed: multipart/signed"`,
		`time=2026-03-01T09:00:01Z level=WARN msg=message id=1 from=a@x recipients=1 outcome=aborted verdict=aborted why="the client disconnected"`,
		`time=2026-03-01T09:00:01Z level=WARN msg=recipient id=1 from=a@x to=b@x nexthop="mail.example.com [192.0.2.1]:25" verdict=aborted why="the client disconnected"`,
	}
	if err := os.WriteFile(log, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := traceText(t, exitOK, "--id", "1", log)
	for _, text := range []string{"the client disconnected", "signed: multipart/signed"} {
		if strings.Count(out, text) != 1 {
			t.Errorf("%q is not said once in\n%s", text, out)
		}
	}
	if out := runText(t, exitOK, "log", "explain", lines[2]); strings.Contains(out, "replied") || strings.Count(out, "the client disconnected") != 1 {
		t.Errorf("got\n%s", out)
	}
	for line, want := range map[string]string{
		`time=2026-03-01T09:00:01Z level=WARN msg=recipient id=1 to=b@x verdict=refused code=554 reply="5.4.6 mail loop"`:                     "Reconvene refused it, not the next hop: 554 5.4.6 mail loop",
		`time=2026-03-01T09:00:01Z level=WARN msg=recipient id=1 to=b@x verdict=deferred code=451 reply="4.4.1 no next hop"`:                  "Reconvene deferred it: 451 4.4.1 no next hop",
		`time=2026-03-01T09:00:01Z level=WARN msg=recipient id=1 to=b@x nexthop="m [192.0.2.1]:25" verdict=refused code=550 reply="5.1.1 no"`: "the next hop replied: 550 5.1.1 no — m [192.0.2.1]:25",
		`time=2026-03-01T09:00:01Z level=WARN msg=recipient id=1 to=b@x seq=0 seq_sent=3 verdict=deferred code=451 reply="4.4.2 no"`:          "the sender wrote revision 0, a repair makes it 3",
		`time=2026-03-01T09:00:01Z level=WARN msg=message id=1 attempt=2 outcome=deferred verdict=deferred code=450 reply="4.2.0 later"`:      "by the queue if it was stored there",
		`time=2026-03-01T09:00:01Z level=WARN msg=client-refused conn=1 verdict=deferred code=421 reply="4.7.0 too many errors"`:              "Reconvene replied: 421 4.7.0 too many errors",
	} {
		if out := runText(t, exitOK, "log", "explain", line); !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}
