package nexthop

import (
	"strings"
	"testing"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// Each host is judged by itself, and what failed in a delivery is not called
// good because it still greets.
func TestReach(t *testing.T) {
	for _, tt := range append(bads[:len(bads):len(bads)], struct {
		name string
		set  func(*smtptest.Peer)
		word string
	}{"RCPT greylisted", func(p *smtptest.Peer) { p.On = script(map[string]string{"RCPT": "451 4.7.1 later"}) }, ""}) {
		t.Run(tt.name, func(t *testing.T) {
			bad, good := smtptest.NewPeer(t, tt.set), smtptest.NewPeer(t, nil)
			h := newEngine(t, bad, good)
			h.mail(smtptest.Note)
			states := h.Reach(t.Context(), h.route)
			if len(states) != 2 || states[1].Err != nil || states[1].Host != good.Addr {
				t.Fatalf("%v", states)
			}
			if strings.HasPrefix(tt.name, "RCPT") { // a reply about a recipient
				if states[0].Err != nil {
					t.Errorf("%v", states[0])
				}
				return
			}
			if err := states[0].Err; err == nil {
				t.Errorf("%v", states[0])
			}
		})
	}
}

// What takes mail again is good again.
func TestReachForgives(t *testing.T) {
	busy := true
	p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
		p.On = func(_ *smtptest.Session, line string) string {
			if strings.HasPrefix(line, "MAIL") && busy {
				return "452 4.3.1 Insufficient system resources"
			}
			return ""
		}
	})
	h := newEngine(t, p)
	h.mail(smtptest.Note)
	if s := h.Reach(t.Context(), h.route); s[0].Err == nil || !strings.Contains(s[0].String(), "452 4.3.1") {
		t.Errorf("%v", s)
	}
	busy = false
	if s := h.Reach(t.Context(), h.route); s[0].Err != nil || h.health.ails(h.route.key(at(p.Addr))) != nil {
		t.Errorf("%v", s)
	}
	mails := len(p.Heard())
	h.Reach(t.Context(), h.route)
	for _, line := range p.Heard()[mails:] {
		if strings.HasPrefix(line, "MAIL") {
			t.Error("MAIL to a host that works")
		}
	}
}
