//go:build linux

package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// A next hop that breaks off at different points of a message: it arrives once, and
// twice only where the next hop had accepted it and did not say so (RFC 1047).
func TestQueueConnectionLost(t *testing.T) {
	for _, c := range []struct {
		name, at, reply string
		want            int
	}{
		{"before the body", "body", smtptest.Cut, 1},
		{"after the body", ".", smtptest.Cut, 1},
		{"after the body, by a reset", ".", smtptest.Reset, 1},
		{"with 421", ".", "421 4.3.2 closing", 1},
		{"instead of the greeting", "", smtptest.Cut, 1},
		{"at RCPT", "RCPT", smtptest.Reset, 1},
		{"after accepting it", "accepted", smtptest.Cut, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // it waits for others
			var broken sync.Once
			next := smtptest.NewPeer(t, func(p *smtptest.Peer) {
				p.On = func(s *smtptest.Session, line string) (reply string) {
					if line != c.at && !(c.at == "RCPT" && strings.HasPrefix(line, c.at)) && !(c.at == "accepted" && line == ".") {
						return ""
					}
					broken.Do(func() {
						if reply = c.reply; c.at == "accepted" {
							s.Mu.Lock()
							s.Messages = append(s.Messages, s.Msg)
							s.Mu.Unlock()
						}
					})
					return reply
				}
			})
			b := newBetween(t, next.Addr, `tls = "off"`, soonAgain)
			b.send("m", "bob@example.net")
			b.empty()
			if got := arrivedAt(next); got["m bob@example.net"] != c.want || len(got) != 1 {
				t.Errorf("arrived: %v", got)
			}
			b.p.line(1, "msg=message", "subject=m", "outcome=deferred")
			if n := len(b.near.Took()); n != 0 {
				t.Errorf("%d notifications", n)
			}
		})
	}
}

// A destination that is down costs one connection in a while, however much mail waits
// for it; all of it is sent when it is back, and at once when that is said.
func TestQueueDestinationDown(t *testing.T) {
	const messages = 300
	var mu sync.Mutex
	down := true
	next := smtptest.NewPeer(t, func(p *smtptest.Peer) {
		p.On = func(_ *smtptest.Session, line string) string {
			mu.Lock()
			defer mu.Unlock()
			if line == "" && down {
				return smtptest.Cut
			}
			return ""
		}
	})
	b := newBetween(t, next.Addr, `tls = "off"`, "retry_first = \"30m\"\n")
	b.send("first", "bob@example.net")
	b.p.line(1, "msg=destination-waiting")
	want := []string{"first bob@example.net"}
	for i := range messages {
		b.send(fmt.Sprint("m", i), "bob@example.net")
		want = append(want, fmt.Sprintf("m%d bob@example.net", i))
	}
	if n := next.Count(); n != 1 {
		t.Errorf("%d connections for %d messages", n, messages)
	}
	if out, code := b.run("queue", "retry", "--domain", "example.net"); code != exitOK {
		t.Fatal(out)
	}
	b.p.line(2, "msg=destination-waiting")
	if n := next.Count(); n != 2 {
		t.Errorf("%d connections after a retry", n)
	}
	mu.Lock()
	down = false
	mu.Unlock()
	if out, code := b.run("queue", "retry", "--domain", "example.net"); code != exitOK {
		t.Fatal(out)
	}
	b.p.line(1, "msg=destination-back")
	for deadline := time.Now().Add(patience); len(next.Took()) < len(want) && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	once(t, next, want...)
	b.empty()
}

// A destination that breaks off many attempts at once has failed once: it is tried again
// after the first pause, and not after the longest.
func TestQueueManyFailAtOnce(t *testing.T) {
	const messages = 15
	begun, end := make(chan struct{}, messages), make(chan struct{})
	next := smtptest.NewPeer(t, func(p *smtptest.Peer) {
		p.On = func(s *smtptest.Session, line string) string {
			if line != "" || s.Number > messages {
				return ""
			}
			begun <- struct{}{}
			<-end
			return smtptest.Cut
		}
	})
	b := newBetween(t, next.Addr, `tls = "off"`, "retry_first = \"1s\"\nretry_most = \"24h\"\n")
	var want []string
	for i := range messages {
		b.send(fmt.Sprint("m", i), "bob@example.net")
		want = append(want, fmt.Sprintf("m%d bob@example.net", i))
		<-begun
	}
	close(end)
	b.p.line(1, "msg=destination-waiting", "failures=1 ")
	once(t, next, want...)
	b.p.line(1, "msg=destination-back")
}
