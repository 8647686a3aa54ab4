package relay

import (
	"encoding/json"
	"io"
	"maps"
	"net/textproto"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gomessage "github.com/emersion/go-message"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// bounceRig is a relay with a queue between two peers: near has the senders, far the
// recipients.
func bounceRig(t *testing.T, setFar, setNear func(*smtptest.Peer)) (r *rig, far, near *smtptest.Peer, folder string) {
	t.Helper()
	folder, change, options := queueing(t)
	network := &smtptest.Network{}
	peer := func(set func(*smtptest.Peer)) *smtptest.Peer {
		return smtptest.NewPeer(t, func(p *smtptest.Peer) {
			if p.Network = network; set != nil {
				set(p)
			}
		})
	}
	far, near = peer(setFar), peer(setNear)
	r = &rig{t: t, cfg: testConfig(t), log: &smtptest.Buffer{}, network: network}
	change(r.cfg)
	r.cfg.Routes = []config.Route{{Domains: []string{"sender.example"}, Via: []string{near.Addr}, TLS: "off", Profile: "auto"},
		{Via: []string{far.Addr}, TLS: "off", Profile: "auto"}}
	r.build([]func(*Options){options})
	r.serve()
	return r, far, near, folder
}

// bounceOutcomes are what becomes of a message, and what its sender is told then, by what
// he wants to hear.
var bounceOutcomes = []struct {
	name string
	set  func(p *smtptest.Peer, started time.Time)
	told map[string]string // by the kind of the notice: what it says
}{
	{"delivered to a hop with DSN", func(*smtptest.Peer, time.Time) {}, nil},
	{"delivered to a hop without DSN", func(p *smtptest.Peer, _ time.Time) { p.Keywords = []string{"8BITMIME"} }, map[string]string{"SUCCESS": "relayed 2.1.9"}},
	{"refused", func(p *smtptest.Peer, _ time.Time) { answerRcpt(p, "550 5.1.1 no such user", time.Time{}) }, map[string]string{"FAILURE": "failed 5.1.1"}},
	{"delayed", func(p *smtptest.Peer, started time.Time) {
		answerRcpt(p, "450 4.2.1 mailbox busy", started.Add(5*time.Hour))
	}, map[string]string{"DELAY": "delayed 4.2.1"}},
	{"expired", func(p *smtptest.Peer, _ time.Time) { answerRcpt(p, "450 4.2.1 mailbox busy", time.Time{}) }, map[string]string{"DELAY": "delayed 4.2.1", "FAILURE": "failed 5.4.7"}},
}

// answerRcpt lets a peer answer RCPT, until a time if that is set.
func answerRcpt(p *smtptest.Peer, reply string, until time.Time) {
	p.On = func(_ *smtptest.Session, line string) string {
		if strings.HasPrefix(line, "RCPT") && (until.IsZero() || time.Now().Before(until)) {
			return reply
		}
		return ""
	}
}

// Each sender is told what he wants to hear, and nothing else: NOTIFY by RET by what
// becomes of the message, through the whole relay, read by go-message and by Python.
func TestBounceMatrix(t *testing.T) {
	for _, tt := range bounceOutcomes {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, far, near, folder := bounceRig(t, func(p *smtptest.Peer) { tt.set(p, time.Now()) }, nil)
				want := map[string]string{}
				c := r.hello("plain")
				for _, notify := range []string{"", "NEVER", "FAILURE", "DELAY", "SUCCESS", "SUCCESS,FAILURE,DELAY"} {
					for _, ret := range []string{"", "HDRS", "FULL"} {
						sendWanting(c, notify, ret)
						noticesFor(want, tt.told, notify, ret)
					}
				}
				time.Sleep(72 * time.Hour)
				synctest.Wait()
				checkNotices(t, near.Took(), want)
				if left := stored(t, folder); len(left) != 0 {
					t.Errorf("left: %v", left)
				}
				if tt.told == nil {
					for _, m := range far.Took() {
						if !strings.Contains(m.From, "ENVID=") || !strings.Contains(m.To[0], "ORCPT=") {
							t.Errorf("the next hop was asked for nothing: %v %v", m.From, m.To)
						}
					}
				}
			})
		})
	}
}

// sendWanting sends a message whose ENVID says what the sender wants.
func sendWanting(c *talker, notify, ret string) {
	c.t.Helper()
	mail := "MAIL FROM:<a@sender.example> ENVID=n:" + strings.ReplaceAll(notify, ",", ".") + "/r:" + ret
	if ret != "" {
		mail += " RET=" + ret
	}
	rcpt := "RCPT TO:<b@rcpt.example> ORCPT=rfc822;list@rcpt.example"
	if notify != "" {
		rcpt += " NOTIFY=" + notify
	}
	c.say(mail, "250")
	c.say(rcpt, "250")
	c.say("DATA", "354")
	c.send(message + ".\r\n")
	c.expect("250")
}

// noticesFor adds the notices for one message: what they say and return, by ENVID and kind.
func noticesFor(want, told map[string]string, notify, ret string) {
	for kind, says := range told {
		if !strings.Contains(notify, kind) && (notify != "" || kind == "SUCCESS") {
			continue
		}
		returned := "text/rfc822-headers"
		if kind == "FAILURE" && ret != "HDRS" {
			returned = "message/rfc822"
		}
		want["n:"+strings.ReplaceAll(notify, ",", ".")+"/r:"+ret+" "+says] = returned
	}
}

// checkNotices compares what the senders got.
func checkNotices(t *testing.T, list []smtptest.Message, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	var texts []string
	for _, m := range list {
		if !strings.HasPrefix(m.From, "FROM:<>") || len(m.To) != 1 || !strings.HasPrefix(m.To[0], "TO:<a@sender.example>") {
			t.Errorf("from %s to %v", m.From, m.To)
		}
		key, returned := readNotice(t, m.Body)
		if _, twice := got[key]; twice {
			t.Errorf("%s twice", key)
		}
		got[key] = returned
		texts = append(texts, m.Body)
	}
	if !maps.Equal(got, want) {
		t.Errorf("told\n%v\nwant\n%v", got, want)
	}
	checkByPython(t, texts, want)
}

// readNotice reads a notification with go-message: its ENVID with Action and Status, and
// the type of what is returned.
func readNotice(t *testing.T, text string) (key, returned string) {
	t.Helper()
	m, err := gomessage.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	parts := m.MultipartReader()
	if parts == nil {
		t.Fatalf("not in parts:\n%s", text)
	}
	for n := 1; ; n++ {
		p, err := parts.NextPart()
		if err == io.EOF {
			return key, returned
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := p.Header.ContentType()
		body, err := io.ReadAll(p.Body)
		if err != nil {
			t.Fatal(err)
		}
		switch n {
		case 2:
			key = statusKey(t, string(body))
		case 3:
			if returned = kind; !strings.Contains(string(body), "Subject: hello\r\n") || strings.Contains(string(body), "\r\nbody\r\n") != (kind == "message/rfc822") {
				t.Errorf("returned as %s:\n%s", kind, body)
			}
		}
	}
}

// statusKey reads the fields of a status.
func statusKey(t *testing.T, status string) string {
	t.Helper()
	f := textproto.MIMEHeader{}
	for line := range strings.SplitSeq(status, "\r\n") {
		name, value, _ := strings.Cut(line, ": ")
		f.Add(name, value)
	}
	if f.Get("Final-Recipient") != "rfc822; b@rcpt.example" || !strings.Contains(f.Get("Original-Recipient"), "list@rcpt.example") {
		t.Errorf("of whom?\n%s", status)
	}
	return f.Get("Original-Envelope-Id") + " " + f.Get("Action") + " " + f.Get("Status")
}

// pythonNotices reads notifications, a list of texts in JSON, with Python's email.
const pythonNotices = `
import email, email.policy, json, sys
out = {}
for text in json.load(sys.stdin):
    m = email.message_from_bytes(text.encode(), policy=email.policy.default)
    assert m.get_content_type() == "multipart/report" and m.get_param("report-type") == "delivery-status"
    assert not m.defects and all(not p.defects for p in m.walk())
    words, status, returned = m.iter_parts()
    groups = status.get_payload()
    key = " ".join([groups[0]["Original-Envelope-Id"], groups[1]["Action"], groups[1]["Status"]])
    out[key] = returned.get_content_type()
print(json.dumps(out))
`

func checkByPython(t *testing.T, texts []string, want map[string]string) {
	t.Helper()
	if len(texts) == 0 {
		return
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Log("there is no Python")
		return
	}
	in, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-c", pythonNotices)
	cmd.Stdin = strings.NewReader(string(in))
	out, err := cmd.Output()
	got := map[string]string{}
	if err != nil || json.Unmarshal(out, &got) != nil || !maps.Equal(got, want) {
		t.Errorf("Python reads %v: %s", err, out)
	}
}

// A notification that cannot be delivered is given up without another one, and so is
// what else has the null reverse-path.
func TestBounceNeverBounces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refuse := func(p *smtptest.Peer) { answerRcpt(p, "550 5.1.1 no such user", time.Time{}) }
		r, far, near, folder := bounceRig(t, refuse, refuse)
		c := r.hello("plain")
		for _, from := range []string{"a@sender.example", ""} {
			c.say("MAIL FROM:<"+from+">", "250")
			c.say("RCPT TO:<b@rcpt.example> NOTIFY=SUCCESS,FAILURE,DELAY", "250")
			c.say("DATA", "354")
			c.send(message + ".\r\n")
			c.expect("250")
		}
		time.Sleep(72 * time.Hour)
		synctest.Wait()
		rcpts := func(p *smtptest.Peer) int {
			return len(slices.DeleteFunc(p.Heard(), func(l string) bool { return !strings.HasPrefix(l, "RCPT") }))
		}
		if to, back := rcpts(far), rcpts(near); to != 2 || back != 1 {
			t.Errorf("%d attempts to the recipient, %d to the sender", to, back)
		}
		if left := stored(t, folder); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
		if !strings.Contains(r.log.String(), "null reverse-path") {
			t.Errorf("the log does not say so:\n%s", r.log)
		}
	})
}

// A sender gets 500 notifications within an hour, and the others after it: each refusal
// is told once, and what was not told is kept.
func TestEachRefusalIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = maxNotices + 3
		r, far, near, folder := bounceRig(t, func(p *smtptest.Peer) { answerRcpt(p, "550 5.1.1 no such user", time.Time{}) }, nil)
		c := r.hello("plain")
		for range n {
			sendWanting(c, "", "HDRS")
		}
		time.Sleep(50 * time.Minute)
		synctest.Wait()
		if got, left := len(near.Took()), len(stored(t, folder)); got != maxNotices || left != 2*(n-maxNotices) {
			t.Fatalf("%d were told, %d files are left", got, left)
		}
		if log := r.log.String(); strings.Count(log, "500 notifications within an hour") != n-maxNotices {
			t.Error("the log does not say so")
		}
		time.Sleep(20 * time.Minute)
		synctest.Wait()
		if got, left := len(near.Took()), stored(t, folder); got != n || len(left) != 0 {
			t.Errorf("%d were told, left: %v", got, left)
		}
		attempts := 0
		for _, line := range far.Heard() {
			if strings.HasPrefix(line, "RCPT") {
				attempts++
			}
		}
		if attempts != n {
			t.Errorf("%d attempts for %d messages", attempts, n)
		}
	})
}
