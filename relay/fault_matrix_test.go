package relay

import (
	"context"
	"flag"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/smtptest"
)

var allFaults = flag.Bool("faults", false, "run the whole of TestFaultMatrix")

// The next hop misbehaves in each of these ways at each of these points.
var (
	faultKinds  = []string{"close", "reset", "stall", "stray", "twice", "late", "split", "4xx", "5xx", "garbage", "oversize"}
	faultPoints = []string{"greeting", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "body", "end", "RSET", "idle"}
)

// TestFaultMatrix sends three messages through the relay to a next hop that
// misbehaves once. Every verdict that the client hears is true: 250 exactly when
// the next hop said so of that message, a permanent refusal only where the next hop
// refused; and no message arrives twice. Behind the fault mail flows again. Each
// message is passed on while it arrives, or small enough to be collected.
//
//	go test ./relay -run TestFaultMatrix -faults
func TestFaultMatrix(t *testing.T) {
	modes := []string{"PIPELINING", "", "PIPELINING CHUNKING", "CHUNKING"}
	for m, keywords := range modes {
		for p, point := range faultPoints {
			for k, kind := range faultKinds {
				if !*allFaults && (p+k)%len(faultKinds) != 3*m {
					continue // each kind and each point once in each mode
				}
				if point == "RSET" && keywords == "" {
					continue // after a message that was refused by DATA nothing is to be reset
				}
				for _, size := range []string{"large", "small"} {
					if !*allFaults && (size == "small") != (p%2 == 1) {
						continue
					}
					t.Run(fmt.Sprintf("%s/%s/%s/%s", keywords, point, kind, size), func(t *testing.T) {
						t.Parallel()
						f := &fault{kind: kind, point: point, body: base64Lines, secure: point == "STARTTLS" || point == "AUTH" || (p+k)%2 == 0}
						if size == "small" {
							f.body = base64Lines[:7800]
						}
						f.collected = size == "small" || keywords == "CHUNKING"
						runFault(t, f, strings.Fields(keywords))
					})
				}
			}
		}
	}
}

// fault is what one next hop does once, on its first connection.
type fault struct {
	kind, point string
	body        string // of each message, after its header
	secure      bool   // TLS and a logon
	collected   bool   // nothing goes out before the message is whole
	done        atomic.Bool
	idle        atomic.Pointer[smtptest.Session] // what misbehaves in the pool
	said        atomic.Bool                      // the fault is on the wire
	refused     atomic.Bool                      // a message, so that RSET follows
	stalled     atomic.Bool                      // nothing comes any more on the first connection
	first       atomic.Pointer[hurriedConn]      // the relay's end of that
}

// runFault sends three messages; the first is refused when RSET is to follow it.
func runFault(t *testing.T, f *fault, keywords []string) {
	ca := smtptest.NewCA(t)
	p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
		p.Keywords, p.On = append([]string{"8BITMIME", "ENHANCEDSTATUSCODES"}, keywords...), f.on
		if f.secure {
			p.TLSConfig, p.Users = ca.Config("127.0.0.1"), map[string]string{"relay": "secret"}
		}
	})
	c := faultyRelay(t, f, p).hello("plain")
	for i, name := range []string{"first", "second", "third"} {
		before := f.done.Load()
		v := f.sendOne(t, c, name)
		during := f.done.Load() && !before
		f.judge(t, name, v, during, i == 0 && f.point == "RSET")
		if i == 2 && v.message/100 != 2 {
			t.Errorf("mail does not flow again: %+v", v)
		}
		wantCopies(t, p, name, v.message == 250)
		if i == 0 && f.point == "idle" {
			f.unasked(f.idle.Load()) // the client has its verdict
		}
	}
	if !f.done.Load() {
		t.Error("the next hop has not misbehaved")
	}
}

// judge reports whether the verdicts on one message can be true.
func (f *fault) judge(t *testing.T, name string, v verdicts, during, refused bool) {
	t.Helper()
	permanent := func(points string) bool {
		return during && f.kind == "5xx" && strings.Contains(points, f.point)
	}
	if v.nobody/100 == 2 {
		t.Errorf("%s: the recipient that the next hop refuses was accepted: %+v", name, v)
	}
	if v.recipient/100 == 5 && !permanent("MAIL RCPT") {
		t.Errorf("%s: the recipient was refused for good: %+v", name, v)
	}
	if v.message/100 == 5 && !refused && !permanent("DATA body end") {
		t.Errorf("%s: the message was refused for good: %+v", name, v)
	}
	if refused && v.message/100 == 2 {
		t.Errorf("%s: the message that the next hop refused was accepted: %+v", name, v)
	}
}

// verdicts is what the client hears of one message; 0 where it did not ask.
type verdicts struct{ recipient, nobody, message int }

func (f *fault) sendOne(t *testing.T, c *talker, name string) (v verdicts) {
	t.Helper()
	code := func(line string) int {
		c.send(line + "\r\n")
		lines, err := c.reply()
		if err != nil {
			t.Fatalf("%s: the session ended at %.20q: %v", name, line, err)
		}
		n, _ := strconv.Atoi(lines[len(lines)-1][:3])
		return n
	}
	if n := code("MAIL FROM:<a@sender.example>"); n != 250 {
		t.Fatalf("%s: MAIL was answered with %d", name, n)
	}
	v.recipient, v.nobody = code("RCPT TO:<b@rcpt.example>"), code("RCPT TO:<nobody@rcpt.example>")
	if v.recipient/100 != 2 {
		code("RSET")
		return v
	}
	if v.message = code("DATA"); v.message == 354 {
		body := "Subject: " + name + "\r\n\r\n" + f.body
		if f.point == "body" && !f.collected {
			// the rest when the next hop has said something, so that it is early
			c.send(body[:200_000])
			eventually(t, f.said.Load)
			body = body[200_000:]
		}
		v.message = code(body + ".")
	}
	return v
}

// wantCopies waits for a message that was accepted; of any other there is none.
func wantCopies(t *testing.T, p *smtptest.Peer, name string, accepted bool) {
	t.Helper()
	copies := func() (n int) {
		for _, m := range p.Took() {
			if strings.Contains(m.Body, "Subject: "+name+"\r\n") && strings.HasSuffix(m.Body, base64Lines[:78]) {
				n++
			}
		}
		return n
	}
	want := 0
	if accepted {
		want = 1
		eventually(t, func() bool { return copies() > 0 })
	}
	if n := copies(); n != want {
		t.Errorf("%s: the next hop took %d copies, want %d", name, n, want)
	}
}

// hurriedConn is a connection that does not wait long for input when its peer has stalled.
type hurriedConn struct {
	*net.TCPConn
	mu      sync.Mutex
	hurried bool
}

// hurry ends a wait for input soon, and each one from now on.
func (c *hurriedConn) hurry() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hurried = true
	c.TCPConn.SetReadDeadline(time.Now().Add(stallBound))
}

// stallBound is time for what the peer has sent before.
const stallBound = 250 * time.Millisecond

func (c *hurriedConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if short := time.Now().Add(stallBound); c.hurried && t.After(short) {
		t = short
	}
	return c.TCPConn.SetReadDeadline(t)
}

// faultyRelay is a relay before p that does not wait long for a next hop that
// stalls.
func faultyRelay(t *testing.T, f *fault, p *smtptest.Peer) *rig {
	t.Helper()
	route := &nexthop.Route{Name: "*", Via: []string{p.Addr}, TLS: "off"}
	if f.secure {
		route.TLS = "opportunistic"
		route.Auth = config.RouteAuth{User: "relay", PasswordFile: smtptest.SecretFile(t, "secret\n")}
	}
	r := &rig{t: t, cfg: testConfig(t), log: &smtptest.Buffer{}}
	r.build(nil)
	next := nexthop.New(nexthop.Options{Hostname: "relay.test", Limits: r.cfg.Limits, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		nc, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		c := &hurriedConn{TCPConn: nc.(*net.TCPConn)}
		if f.first.CompareAndSwap(nil, c) && f.stalled.Load() {
			c.hurry()
		}
		return c, nil
	}})
	t.Cleanup(next.Close)
	setup := *r.srv.setup.Load()
	setup.begin = func(*nexthop.Session, *nexthop.Route) hop { return next.Begin(route) }
	r.srv.setup.Store(&setup)
	r.serve()
	return r
}
