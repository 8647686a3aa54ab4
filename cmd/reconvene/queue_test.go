//go:build unix

package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"
)

// queueHouse is a running program with a queue, and a next hop for each of two domains.
type queueHouse struct {
	*house
	folder string
}

func newQueueHouse(t *testing.T) *queueHouse { return newQueueHouseWith(t, "") }

func newQueueHouseWith(t *testing.T, more string) *queueHouse {
	t.Helper()
	h := &queueHouse{house: &house{t: t, hops: map[string]*sink{}, config: filepath.Join(t.TempDir(), "reconvene.toml")}, folder: shortFolder(t)}
	text := "hostname = \"smarthost.example.com\"\n[[listener]]\nname = \"exchange\"\naddress = \"127.0.0.1:0\"\nhandoff = \"queue\"\n"
	for _, d := range []string{"partner.example", "other.example"} {
		h.hops[d] = newSink(t, nil)
		text += fmt.Sprintf("[[route]]\ndomains = [%q]\nvia = [%q]\ntls = \"off\"\n", d, h.hops[d].addr)
	}
	text += fmt.Sprintf("[queue]\ndirectory = %q\nretry_first = \"30m\"\n[admin]\naddress = \"127.0.0.1:0\"\n%s", h.folder, more)
	if err := os.WriteFile(h.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	h.start()
	return h
}

// start runs the program, and waits until it can be asked.
func (h *queueHouse) start() {
	h.t.Helper()
	h.p = startServe(h.t, nil, "--config", h.config)
	h.p.addr("control")
}

// shortFolder is a folder whose path is short enough for a Unix socket.
func shortFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "q")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// waits posts a message that the next hop defers, and returns its ID. n counts them.
func (h *queueHouse) waits(n int, mail, to string) string {
	h.t.Helper()
	_, domain, _ := strings.Cut(to, "@")
	s := h.hops[domain]
	s.mu.Lock()
	s.refuse = append(s.refuse, &gosmtp.SMTPError{Code: 451, EnhancedCode: gosmtp.EnhancedCode{4, 7, 1}, Message: "Greylisted, \x1b[31mtry later"})
	s.mu.Unlock()
	post(h.t, h.p.addr("exchange"), "anna@example.com", to, mail)
	s.mail(h.t)
	id := value(h.p.line(n, "msg=message", "outcome=deferred"), "id")
	h.await(`"phase":"waiting"`, id)
	return id
}

// await asks until the row of a message has a text: the log is written before the state
// of the message is stored.
func (h *queueHouse) await(want, id string) {
	h.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		out, _ := h.run("queue", "list", "--json")
		for row := range strings.Lines(out) {
			if hasAll(row, []string{want, id}) {
				return
			}
		}
	}
	h.t.Fatalf("%s has no %s", id, want)
}

// empty waits until nothing is left in the queue.
func (h *house) empty() {
	h.t.Helper()
	out := ""
	for deadline := time.Now().Add(2 * patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if out, _ = h.run("queue", "list"); strings.Contains(out, "No such mail") {
			return
		}
	}
	h.t.Fatalf("the queue is not empty:\n%s", out)
}

// says runs a command and checks what it prints.
func (h *queueHouse) says(want []string, args ...string) string {
	h.t.Helper()
	out, code := h.run(append([]string{"queue"}, args...)...)
	if code != exitOK || !hasAll(out, want) {
		h.t.Errorf("queue %v: exit %d, %q is not in\n%s", args, code, want, out)
	}
	if strings.ContainsRune(out, 0x1b) {
		h.t.Errorf("queue %v prints a control character", args)
	}
	return out
}

// fails runs a command that must fail.
func (h *queueHouse) fails(code int, args ...string) {
	h.t.Helper()
	if out, got := h.run(append([]string{"queue"}, args...)...); got != code {
		h.t.Errorf("queue %v: exit %d, want %d\n%s", args, got, code, out)
	}
}

// What waits is shown, held, released and sent.
func TestQueueCommands(t *testing.T) {
	h := newQueueHouse(t)
	h.says([]string{"No such mail"}, "list")
	id := h.waits(1, invite("CANCEL", 1, "1000", "ben@partner.example"), "ben@partner.example")
	other := h.waits(2, "Subject: lunch\r\n\r\nx\r\n", "eve@other.example")

	h.says([]string{"partner.example", "1 message, oldest", "next attempt in", "4.7.1 Greylisted", id, "anna@example.com", "other.example", "lunch", "2 destinations, 2 messages"})
	h.says([]string{id}, "list", "--to", "Ben@partner.example", "--reason", "greylist", "--meeting", "0400")
	if out := h.says(nil, "list", "--domain", "other.example"); strings.Contains(out, "ben@") || !strings.Contains(out, other) {
		t.Error(out)
	}
	h.says([]string{"No such mail"}, "list", "--older", "1h")
	checkQueueRows(t, h, id)
	h.says([]string{id, "from        anna@example.com", "meeting     cancellation", "ben@partner.example", "queued, attempts: 1, waiting, next attempt in", "451 4.7.1 Greylisted",
		"connected to sink.example.net", "> RCPT TO:<ben@partner.example>", "(the message)", "< 451 4.7.1 Greylisted"}, "show", id)
	h.fails(exitProblem, "show", "0-0")

	h.says([]string{"1 message held"}, "hold", "--to", "ben@partner.example", "--why", "asked by Anna")
	h.p.line(1, "msg=queue-changed", "what=hold", "messages=1", "asked by Anna")
	h.says([]string{"1 held", "asked by Anna"}, "list", "--domain", "partner.example")
	h.says([]string{"1 message tried again now"}, "retry", "--domain", "other.example")
	if got := h.hops["other.example"].mail(t); !strings.Contains(got, "lunch") {
		t.Error(got)
	}
	h.says([]string{"1 message released"}, "release", id)
	h.says(nil, "retry", id)
	if got := h.hops["partner.example"].mail(t); !strings.Contains(got, "METHOD:CANCEL") {
		t.Error(got)
	}
	h.p.line(2, "msg=message", "verdict=delivered")
	h.empty()
	h.fails(exitProblem, "retry", id)
}

// When somebody has removed the file of a message, nothing says that it was set aside.
func TestQueueFileRemoved(t *testing.T) {
	h := newQueueHouse(t)
	id := h.waits(1, "Subject: lunch\r\n\r\nx\r\n", "eve@other.example")
	for _, ext := range []string{".json", ".eml"} {
		if err := os.Remove(filepath.Join(h.folder, id+ext)); err != nil {
			t.Fatal(err)
		}
	}
	h.fails(exitProblem, "retry", "--all")
	if line := h.p.line(1, "msg=queue-damaged", id); strings.Contains(line, "moved to") || !strings.Contains(line, "somebody removed it") {
		t.Error(line)
	}
}

func checkQueueRows(t *testing.T, h *queueHouse, id string) {
	t.Helper()
	var row queueRow
	if err := json.Unmarshal([]byte(h.says(nil, "list", "--to", "ben@partner.example", "--json")), &row); err != nil {
		t.Fatal(err)
	}
	if row.ID != id || row.Phase != "waiting" || !slices.Equal(row.To, []string{"ben@partner.example"}) || row.Attempts != 1 || row.Meeting == "" || row.Next.Before(time.Now()) {
		t.Errorf("%+v", row)
	}
	rows, err := csv.NewReader(strings.NewReader(h.says(nil, "list", "--csv"))).ReadAll()
	if err != nil || len(rows) != 3 || rows[0][0] != "id" {
		t.Errorf("%v %q", err, rows)
	}
	var m struct {
		ID         string `json:"id"`
		Recipients []any  `json:"recipients"`
	}
	if err := json.Unmarshal([]byte(h.says(nil, "show", "--json", id)), &m); err != nil || m.ID != id || len(m.Recipients) != 1 {
		t.Errorf("%v %+v", err, m)
	}
}

// Messages are taken out of the queue, with and without telling the sender.
func TestQueueRemoveAndBounce(t *testing.T) {
	h := newQueueHouse(t)
	mail := "Subject: lunch\r\n\r\n.x\r\n"
	id := h.waits(1, mail, "eve@other.example")
	folder := filepath.Join(t.TempDir(), "saved")
	h.says(nil, "export", "--domain", "other.example", "--output", folder)
	saved, err := os.ReadFile(filepath.Join(folder, id+".eml"))
	if err != nil || !strings.HasPrefix(string(saved), "Received: from ") || !strings.HasSuffix(string(saved), mail) {
		t.Errorf("%v %q", err, saved)
	}
	h.fails(exitProblem, "export", id, "--output", folder) // it is there
	if out := h.says(nil, "export", id); out != string(saved) {
		t.Errorf("%q is not %q", out, saved)
	}
	h.says([]string{"1 message removed"}, "remove", id, "--why", "not wanted")
	h.p.line(1, "outcome=removed", "not wanted")
	h.waits(2, mail, "eve@other.example")
	h.says([]string{"1 message returned"}, "bounce", "--from", "anna@example.com", "--domain", "other.example", "--why", "wrong address")
	h.p.line(1, "outcome=bounced", "wrong address")
	h.says([]string{"No such mail"}, "list", "--domain", "other.example")
	for _, args := range [][]string{{"remove"}, {"bounce"}, {"hold"}, {"retry"}, {"release"}, {"export"}, {"export", "--all"}, {"retry", "--all", id},
		{"list", "--older", "soon"}, {"show"}} {
		h.fails(exitUsage, args...)
	}
}

// Without a server the folder is read, and nothing is changed.
func TestQueueWithoutServer(t *testing.T) {
	h := newQueueHouse(t)
	id := h.waits(1, invite("REQUEST", 0, "1000", "ben@partner.example"), "ben@partner.example")
	h.says([]string{"1 message held"}, "hold", id, "--why", "asked by Anna")
	saved := h.says(nil, "export", id)
	h.p.signal(syscall.SIGKILL) // the socket is left
	<-h.p.done
	checkStoredQueue(t, h, id, saved)
	h.start()
	h.p.line(1, "msg=queue-opened", "messages=1")
	h.says([]string{"1 message released"}, "release", "--all")
	h.p.signal(syscall.SIGTERM)
	if code := h.p.exit(); code != 0 {
		t.Errorf("exit %d", code)
	}
	if _, err := os.Stat(filepath.Join(h.folder, "control")); !os.IsNotExist(err) {
		t.Errorf("the socket is left: %v", err)
	}
}

func checkStoredQueue(t *testing.T, h *queueHouse, id, saved string) {
	t.Helper()
	h.says([]string{"partner.example", "1 message", "1 held", "asked by Anna", id}, "list")
	h.says([]string{id, "ben@partner.example", "451 4.7.1"}, "show", id)
	h.says([]string{`"id":"` + id + `"`}, "list", "--to", "ben@partner.example", "--json")
	h.says([]string{"No such mail"}, "list", "--to", "eve@partner.example")
	if out := h.says(nil, "export", id); out != saved {
		t.Errorf("%q is not %q", out, saved)
	}
	for _, do := range []string{"retry", "hold", "release", "remove", "bounce"} {
		h.fails(exitProblem, do, id)
	}
}

// A queue that does not exist is said, with what to do.
func TestNoQueue(t *testing.T) {
	file := serveConfig(t, "", "127.0.0.1:1", "")
	var out, errs strings.Builder
	code := run(&env{args: []string{"queue", "--config", file}, environ: os.Environ(), stdin: strings.NewReader(""), stdout: &out, stderr: &errs, now: time.Now})
	if code != exitProblem || !strings.Contains(errs.String(), "there is no queue") {
		t.Errorf("exit %d: %s %s", code, out.String(), errs.String())
	}
}

// The ledger says who does not have a meeting because their copy is in the queue, and
// when it was given up or sent.
func TestQueueInLedger(t *testing.T) {
	h := newQueueHouseWith(t, fmt.Sprintf("[state]\ndirectory = %q\n[ledger]\ngrace = \"1s\"\n", t.TempDir()))
	ben, eve := "ben@partner.example", "eve@other.example"
	for _, to := range []string{ben, eve} {
		post(t, h.p.addr("exchange"), "anna@example.com", to, invite("REQUEST", 0, "1000", ben, eve))
		h.hops[to[strings.IndexByte(to, '@')+1:]].mail(t)
	}
	update := invite("REQUEST", 1, "1100", ben, eve)
	post(t, h.p.addr("exchange"), "anna@example.com", eve, update)
	h.hops["other.example"].mail(t)
	h.p.line(3, "msg=message", "verdict=delivered")
	id := h.waits(1, update, ben)
	h.awaitLedger(`"attendee":"ben@partner.example"`, `"why":"queued"`, "Greylisted", "reconvene queue list")
	h.says([]string{"1 message"}, "remove", id)
	h.awaitLedger(`"attendee":"ben@partner.example"`, `"why":"expired"`)
	id = h.waits(2, update, ben)
	h.says(nil, "retry", id)
	h.hops["partner.example"].mail(t)
	h.awaitLedger()
	if out, _ := h.run("meetings", "not-notified", "--json"); strings.Contains(out, "ben@partner.example") {
		t.Error(out)
	}
}

// awaitLedger asks who was not notified until a row has all the texts, or, without
// any, until nobody is listed.
func (h *queueHouse) awaitLedger(want ...string) {
	h.t.Helper()
	var out string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		out, _ = h.run("meetings", "not-notified", "--json")
		if len(want) == 0 && !strings.Contains(out, "attendee") || len(want) > 0 && hasAll(out, want) {
			return
		}
	}
	h.t.Fatalf("%q is not in\n%s", want, out)
}

// What cannot be returned with a notification stays, and the command says so.
func TestQueueBounceBeyondTheLimit(t *testing.T) {
	h := newQueueHouse(t)
	const n = 502
	s := h.hops["partner.example"]
	s.mu.Lock()
	s.refuse = slices.Repeat([]error{&gosmtp.SMTPError{Code: 451, EnhancedCode: gosmtp.EnhancedCode{4, 7, 1}, Message: "later"}}, 2*n)
	s.mu.Unlock()
	go s.swallow()
	for range n {
		post(t, h.p.addr("exchange"), "anna@example.com", "ben@partner.example", "Subject: x\r\n\r\nx\r\n")
	}
	for deadline := time.Now().Add(patience); ; { // one that is being sent is not held
		h.run("queue", "hold", "--domain", "partner.example")
		out, _ := h.run("queue", "list", "--domain", "partner.example")
		if strings.Contains(out, "502 held") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(out)
		}
	}
	var out, errs strings.Builder
	code := run(&env{args: []string{"queue", "bounce", "--from", "anna@example.com", "--config", h.config}, environ: os.Environ(), stdin: strings.NewReader(""),
		stdout: &out, stderr: &errs, now: time.Now})
	if code != exitProblem || out.String() != "500 messages returned\n" ||
		!hasAll(errs.String(), []string{"2 messages stay in the queue unchanged", "at most 500 notifications within an hour", "repeat the command after 20"}) {
		t.Errorf("exit %d: %s%s", code, out.String(), errs.String())
	}
	h.says([]string{"2 messages", "2 held"}, "list", "--domain", "partner.example")
	h.p.line(1, "msg=queue-changed", "what=bounce", "messages=500", "2 messages stay")
}
