//go:build linux

package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// between is a running program with a queue, in front of a server for example.net. Mail
// to other domains goes to near: the notifications to the senders.
type between struct {
	*house
	near    *smtptest.Peer
	domain  string // of the route to far
	far     string // an address
	tls     string // of the route
	handoff string // of the listener
	queue   string // [queue] and what comes after it
	loads   int    // of the configuration, besides the first
}

// soonAgain lets attempts be made after one or two seconds.
const soonAgain = "retry_first = \"1s\"\nretry_most = \"2s\"\n"

// newBetween starts the program; queue are settings of [queue].
func newBetween(t *testing.T, far, tls, queue string) *between {
	t.Helper()
	b := &between{house: &house{t: t, config: filepath.Join(t.TempDir(), "reconvene.toml")}, near: smtptest.NewPeer(t, nil), domain: "example.net", far: far, tls: tls, handoff: "queue"}
	b.queue = fmt.Sprintf("[queue]\ndirectory = %q\n%s", shortFolder(t), queue)
	b.write()
	b.start()
	return b
}

func (b *between) start() {
	b.t.Helper()
	b.p, b.loads = startServe(b.t, nil, "--config", b.config), 0
	b.p.line(1, "msg=config-loaded")
}

// write writes the configuration.
func (b *between) write() {
	b.t.Helper()
	write(b.t, b.config, fmt.Sprintf(`hostname = "relay.test"
[[listener]]
name = "exchange"
address = "127.0.0.1:0"
handoff = %q
[[route]]
domains = [%q]
via = [%q]
%s
[[route]]
via = [%q]
tls = "off"
[admin]
address = "127.0.0.1:0"
[limits]
connections_per_client = 100
`, b.handoff, b.domain, b.far, b.tls, b.near.Addr)+b.queue)
	if err := os.Chmod(b.config, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// send submits a message, whose subject is its name, to some recipients.
func (b *between) send(subject string, to ...string) {
	b.t.Helper()
	c := dial(b.t, b.p.addr("exchange"))
	defer c.Close()
	if err := c.Mail("ann@example.com"); err != nil {
		b.t.Fatal(err)
	}
	for _, a := range to {
		if err := c.Rcpt(a); err != nil {
			b.t.Fatal(err)
		}
	}
	if err := deliver(c, strings.Replace(eximMail(1), "Subject: 1\r\n", "Subject: "+subject+"\r\n", 1)); err != nil {
		b.t.Fatal(err)
	}
}

// arrivedAt returns how often each message arrived for each recipient: "subject recipient".
func arrivedAt(p *smtptest.Peer) map[string]int {
	n := make(map[string]int)
	for _, m := range p.Took() {
		for _, to := range m.To {
			n[subjectOf(m.Body)+" "+pathOf(to)]++
		}
	}
	return n
}

func subjectOf(mail string) string {
	_, s, _ := strings.Cut("\r\n"+mail, "\r\nSubject: ")
	s, _, _ = strings.Cut(s, "\r\n")
	return s
}

// pathOf is the address in the argument of a command.
func pathOf(arg string) string {
	_, s, _ := strings.Cut(arg, "<")
	s, _, _ = strings.Cut(s, ">")
	return s
}

// once waits until each of the messages, and nothing else, has arrived once.
func once(t *testing.T, p *smtptest.Peer, want ...string) {
	t.Helper()
	for deadline := time.Now().Add(patience); len(arrivedAt(p)) < len(want) && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	got := arrivedAt(p)
	for _, w := range want {
		if got[w] != 1 {
			t.Errorf("%q arrived %d times", w, got[w])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d messages arrived, want %d: %v", len(got), len(want), got)
	}
	if t.Failed() {
		t.FailNow()
	}
}

// real starts a real server with an awkward setting before a next hop.
type real func(t *testing.T, next string) (addr string)

// forEach runs a test with several real servers.
func forEach(t *testing.T, servers map[string]real, test func(t *testing.T, server real)) {
	for name, server := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // it waits for others
			test(t, server)
		})
	}
}

// policyService answers the questions of a Postfix (SMTPD_POLICY_README): decide gets the
// attributes of one.
func policyService(t *testing.T, decide func(attributes map[string]string) (action string)) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				attributes := map[string]string{}
				for lines := bufio.NewScanner(conn); lines.Scan(); {
					if k, v, ok := strings.Cut(lines.Text(), "="); ok {
						attributes[k] = v
						continue
					}
					fmt.Fprintf(conn, "action=%s\n\n", decide(attributes))
				}
			}()
		}
	}()
	return "inet:" + l.Addr().String()
}

// Servers that defer the first attempt for each recipient whose name begins with "grey".
var greylisting = map[string]real{
	"Postfix": func(t *testing.T, next string) string {
		var mu sync.Mutex
		seen := map[string]bool{}
		service := policyService(t, func(a map[string]string) string {
			mu.Lock()
			defer mu.Unlock()
			if to := a["recipient"]; strings.HasPrefix(to, "grey") && !seen[to] {
				seen[to] = true
				return "DEFER 4.2.0 Greylisted"
			}
			return "DUNNO"
		})
		p := newPostfix(t)
		p.start(next, nil, nil, "smtpd_recipient_restrictions = check_policy_service "+service)
		return p.addr
	},
	"Exim": func(t *testing.T, next string) string {
		e := newExim(t)
		e.rcptACL = "defer local_parts = ^grey\n  message = Greylisted\n  !seen = 5m / key=$local_part"
		return e.start(next, "", "")
	},
	"OpenSMTPD": func(t *testing.T, next string) string {
		o := newOpenSMTPD(t)
		more, listen := o.filter("rcpt-to", `case $to in grey*) mkdir "$to" 2>/dev/null && echo "reject|451 4.7.1 Greylisted" || echo proceed ;; *) echo proceed ;; esac`)
		return o.start(next, more, listen)
	},
}

// What is deferred for some recipients arrives later, for each of them once; nobody is
// told of anything.
func TestInteropQueueGreylisting(t *testing.T) {
	forEach(t, greylisting, func(t *testing.T, server real) {
		next := smtptest.NewPeer(t, nil)
		b := newBetween(t, server(t, next.Addr), "", soonAgain)
		var want []string
		for i := range 5 {
			subject, to := fmt.Sprint("m", i), fmt.Sprintf("grey%d@example.net", i)
			b.send(subject, "bob@example.net", to)
			want = append(want, subject+" bob@example.net", subject+" "+to)
		}
		once(t, next, want...)
		b.empty()
		b.p.line(5, "msg=recipient", "to=grey", "verdict=deferred", "Greylisted")
		b.p.line(5, "msg=recipient", "to=grey", "verdict=delivered")
		if n := len(b.near.Took()); n != 0 {
			t.Errorf("%d notifications", n)
		}
	})
}

// Servers that take a few messages in two seconds.
var bursts = map[string]real{
	"Postfix": func(t *testing.T, next string) string {
		p := newPostfix(t)
		p.start(next, nil, nil, "smtpd_client_message_rate_limit = 5\nanvil_rate_time_unit = 2s\nsmtpd_client_event_limit_exceptions =")
		return p.addr
	},
	"Exim": func(t *testing.T, next string) string {
		e := newExim(t)
		e.rcptACL = "defer message = Too much mail\n  ratelimit = 5 / 2s / per_cmd"
		return e.start(next, "", "")
	},
	"Exim with few connections": func(t *testing.T, next string) string {
		return newExim(t).start(next, "smtp_accept_max_per_host = 2\nsmtp_accept_max_per_connection = 3", "")
	},
	"OpenSMTPD": func(t *testing.T, next string) string {
		return newOpenSMTPD(t).start(next, "smtp limit max-mails 3", "")
	},
}

// More mail than a server takes at once is spread over time.
func TestInteropQueueBursts(t *testing.T) {
	forEach(t, bursts, func(t *testing.T, server real) {
		next := smtptest.NewPeer(t, nil)
		b := newBetween(t, server(t, next.Addr), "", soonAgain)
		var want []string
		var all sync.WaitGroup
		for i := range 20 {
			want = append(want, fmt.Sprintf("m%d bob@example.net", i))
			all.Go(func() { b.send(fmt.Sprint("m", i), "bob@example.net") })
		}
		all.Wait()
		b.empty()
		once(t, next, want...)
		if got := b.near.Took(); len(got) != 0 {
			t.Errorf("%d notifications, the first:\n%s", len(got), got[0].Body)
		}
	})
}

// The mails about one meeting to a greylisted recipient arrive in their order, and hold
// up no other mail.
func TestInteropQueueOrder(t *testing.T) {
	forEach(t, greylisting, func(t *testing.T, server real) {
		next := smtptest.NewPeer(t, nil)
		b := newBetween(t, server(t, next.Addr), "", soonAgain)
		to := "grey@example.net"
		for revision, method := range []string{"REQUEST", "REQUEST", "CANCEL"} {
			post(t, b.p.addr("exchange"), "ann@example.com", to, strings.Replace(invite(method, revision, "1000", to), "Subject: ", fmt.Sprintf("Subject: %d ", revision), 1))
		}
		b.send("other", "bob@example.net")
		b.empty()
		var order []string // in which the server took them; it delivers them in any order
		for i := range 4 {
			subject := value(b.p.line(i+1, "msg=message", "verdict=delivered"), "subject")
			order = append(order, strings.Trim(subject, `"`)[:1])
		}
		if !slices.Equal(order, []string{"o", "0", "1", "2"}) {
			t.Errorf("arrived in the order %q", order)
		}
	})
}
