//go:build linux

package main

import (
	"fmt"
	"syscall"
	"testing"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// fill starts a program whose next hop is down, and puts mail into its queue.
func fill(t *testing.T, messages int) (b *between, want []string) {
	t.Helper()
	down := smtptest.NewPeer(t, func(p *smtptest.Peer) {
		p.On = func(*smtptest.Session, string) string { return smtptest.Cut }
	})
	b = newBetween(t, down.Addr, `tls = "off"`, "retry_first = \"30m\"\n")
	for i := range messages {
		to := fmt.Sprintf("bob%d@example.net", i)
		b.send(fmt.Sprint("m", i), to)
		want = append(want, fmt.Sprintf("m%d %s", i, to))
	}
	b.p.line(1, "msg=destination-waiting")
	return b, want
}

// A route that is changed applies to the mail that is in the queue already: to another
// host, by the same route and by one of its own for some of the domains.
func TestQueueRoutesChange(t *testing.T) {
	t.Run("another host", func(t *testing.T) {
		b, want := fill(t, 50)
		next := smtptest.NewPeer(t, nil)
		b.far = next.Addr
		b.reload()
		once(t, next, want...)
		b.empty()
	})
	t.Run("another route", func(t *testing.T) {
		b, want := fill(t, 50)
		b.domain = "example.org" // so that the other route takes example.net
		b.reload()
		once(t, b.near, want...)
		b.empty()
	})
}

// When no listener uses the queue any more, what is in it is sent nevertheless: after a
// reload, and after a restart.
func TestQueueNoLonger(t *testing.T) {
	t.Run("reload", func(t *testing.T) {
		b, want := fill(t, 10)
		next := smtptest.NewPeer(t, nil)
		b.handoff, b.far = "proxy", next.Addr
		b.reload()
		once(t, next, want...)
		b.empty()
		b.send("direct", "bob@example.net")
		once(t, next, append(want, "direct bob@example.net")...)
		b.p.line(1, "msg=message", "subject=direct", "outcome=delivered")
	})
	t.Run("restart", func(t *testing.T) {
		b, want := fill(t, 10)
		next := smtptest.NewPeer(t, nil)
		b.handoff, b.far = "proxy", next.Addr
		b.write()
		b.p.signal(syscall.SIGTERM)
		if code := b.p.exit(); code != 0 {
			t.Fatalf("exit %d", code)
		}
		b.start()
		once(t, next, want...)
		b.empty()
	})
}
