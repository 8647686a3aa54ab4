//go:build linux

package main

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// noticeReader prints what Python's email reads in a notification.
const noticeReader = `
import email, email.policy, sys
m = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
assert m.get_content_type() == "multipart/report" and not any(p.defects for p in m.walk())
words, status, returned = m.iter_parts()
print(words.get_content())
for group in status.get_payload():
    for name, value in group.items():
        print(name + ": " + str(value))
print("returned " + returned.get_content_type())
`

// notice waits for the only notification that a peer gets, and returns what Python reads
// in it.
func notice(t *testing.T, p *smtptest.Peer) string {
	t.Helper()
	var got []smtptest.Message
	for deadline := time.Now().Add(patience); len(got) == 0 && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		for _, m := range p.Took() {
			if pathOf(m.From) == "" {
				got = append(got, m)
			}
		}
	}
	if len(got) != 1 || pathOf(got[0].To[0]) != "ann@example.com" {
		t.Fatalf("notifications: %+v", got)
	}
	cmd := exec.Command(tool(t, "python3"), "-c", noticeReader)
	cmd.Stdin = strings.NewReader(got[0].Body)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, out, got[0].Body)
	}
	return string(out)
}

// The sender of a mail about a meeting is told by us when a real server refuses it, or
// does not report itself; otherwise by that server.
func TestInteropQueueNotices(t *testing.T) {
	postfixWith := func(settings string) real {
		return func(t *testing.T, next string) string {
			p := newPostfix(t)
			p.start(next, nil, nil, settings)
			return p.addr
		}
	}
	for _, c := range []struct {
		name   string
		server real
		rcpt   string
		theirs bool // the notification is one of the server
		want   []string
	}{
		{"refused", func(t *testing.T, next string) string {
			e := newExim(t)
			e.rcptACL = "deny message = no such user here"
			return e.start(next, "", "")
		}, "<bob@example.net>", false, []string{"cancels a meeting", "do not know", "Subject: ", "\nAction: failed\n", "Remote-MTA: dns; exim.test", "Diagnostic-Code: smtp; 550 no such user here", "returned message/rfc822"}},
		{"relayed", postfixWith("smtpd_discard_ehlo_keywords = dsn, silent-discard"), "<bob@example.net> NOTIFY=SUCCESS", false,
			[]string{"\nOriginal-Envelope-Id: e1\n", "\nAction: relayed\n", "\nStatus: 2.1.9\n", "returned text/rfc822-headers"}},
		{"reported by the next hop", postfixWith(""), "<bob@example.net> NOTIFY=FAILURE ORCPT=rfc822;list@example.net", true,
			[]string{"\nOriginal-Envelope-Id: e1\n", "\nOriginal-Recipient: rfc822;list@example.net\n", "\nAction: failed\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // it waits for others
			next := smtptest.NewPeer(t, func(p *smtptest.Peer) {
				p.On = func(s *smtptest.Session, line string) string {
					if c.theirs && strings.HasPrefix(line, "RCPT TO:<bob@") {
						return "550 5.1.1 no such user"
					}
					return ""
				}
			})
			b := newBetween(t, c.server(t, next.Addr), "", soonAgain)
			submit(t, b.p.addr("exchange"), envelope{"<ann@example.com> ENVID=e1", c.rcpt}, invite("CANCEL", 1, "1000", "bob@example.net"))
			from := b.near
			if c.theirs {
				from = next
			}
			got := notice(t, from)
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("%q is not in\n%s", want, got)
				}
			}
			b.empty()
			if c.theirs && len(b.near.Took()) != 0 {
				t.Error("the sender was told twice")
			}
		})
	}
}
