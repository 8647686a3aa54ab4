package relay

import (
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// The sender of a message is told who did not get it: at once after a permanent
// refusal, and when the time is over; before that, of a delay.
func TestSenderIsTold(t *testing.T) {
	meeting, err := os.ReadFile("../testdata/meetings/01-exchange2003-update/in.eml")
	if err != nil {
		t.Fatal(err)
	}
	later := envelope.Verdict{Code: 450, Enhanced: [3]int{4, 2, 1}, Text: []string{"mailbox busy"}, Remote: "next [192.0.2.9]:25"}
	never := envelope.Verdict{Code: 550, Enhanced: [3]int{5, 1, 1}, Text: []string{"no such user"}, Remote: "next [192.0.2.9]:25"}
	for _, tt := range []struct {
		name, rcpt string
		answer     envelope.Verdict
		from       string
		after      time.Duration
		want       []string // Action and status of each notification
		text       string
	}{
		{"refused", "RCPT TO:<b@rcpt.example>", never, "a@sender.example", time.Second, []string{"failed 5.1.1"}, "no such user"},
		{"nobody is to be told", "RCPT TO:<b@rcpt.example> NOTIFY=NEVER", never, "a@sender.example", time.Second, nil, ""},
		{"a notification gets none", "RCPT TO:<b@rcpt.example>", never, "", time.Second, nil, ""},
		{"late, then expired", "RCPT TO:<b@rcpt.example>", later, "a@sender.example", 72 * time.Hour, []string{"delayed 4.2.1", "failed 5.4.7"}, "Budget review"},
		{"not yet late", "RCPT TO:<b@rcpt.example>", later, "a@sender.example", 3 * time.Hour, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				folder, change, options := queueing(t)
				r := newRigAt(t, &smtptest.Network{}, change, []func(*Options){options})
				r.hop.rcpt = func(path string) envelope.Verdict {
					if path == "b@rcpt.example" {
						return tt.answer
					}
					return hopSays250
				}
				c := r.hello("plain")
				c.say("MAIL FROM:<"+tt.from+"> RET=HDRS ENVID=e1", "250")
				c.say(tt.rcpt, "250")
				c.say("DATA", "354")
				c.send(strings.ReplaceAll(string(meeting), "\r\n.", "\r\n..") + ".\r\n")
				c.expect("250")
				time.Sleep(tt.after)
				synctest.Wait()
				var got []string
				for _, m := range r.hop.messages {
					got = append(got, statusOf(t, m))
				}
				if strings.Join(got, "; ") != strings.Join(tt.want, "; ") {
					t.Fatalf("told %q, want %q\n%s", got, tt.want, r.log)
				}
				if tt.text != "" && !strings.Contains(r.hop.messages[len(got)-1], tt.text) {
					t.Errorf("%q is not in\n%s", tt.text, r.hop.messages[len(got)-1])
				}
				if left := stored(t, folder); (tt.after == 3*time.Hour) != (len(left) == 2) {
					t.Errorf("left: %v", left)
				}
			})
		})
	}
}

// statusOf returns Action and Status of a notification.
func statusOf(t *testing.T, message string) string {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(message))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := parts.NextPart()
		if err != nil {
			t.Fatalf("no status in %s", message)
		}
		if p.Header.Get("Content-Type") != "message/delivery-status" {
			continue
		}
		b, _ := io.ReadAll(p)
		var action, status string
		for line := range strings.SplitSeq(string(b), "\r\n") {
			if v, ok := strings.CutPrefix(line, "Action: "); ok {
				action = v
			}
			if v, ok := strings.CutPrefix(line, "Status: "); ok {
				status = v
			}
		}
		return action + " " + status
	}
}
