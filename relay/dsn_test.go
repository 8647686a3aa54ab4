package relay

import (
	"slices"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/smtptest"
)

func TestDeclaredSize(t *testing.T) {
	c := newRig(t, nil).hello("plain")
	c.say("MAIL FROM:<a@x.example> SIZE=1048577", "552 5.3.4")
	c.say("MAIL FROM:<a@x.example> SIZE=99999999999999999999", "552 5.3.4")
	c.say("MAIL FROM:<a@x.example> SIZE=1048576", "250")
}

// A listener stops to offer DSN once its next hops are known to lack it, and what
// came before that is said in the log.
func TestNextHopWithoutDSN(t *testing.T) {
	r, p := throughRelay(t, func(p *smtptest.Peer) {
		p.Keywords = slices.DeleteFunc(p.Keywords, func(k string) bool { return k == "DSN" })
	})
	offered := func() bool {
		c := r.connect("plain")
		c.expect("220")
		return slices.ContainsFunc(c.say("EHLO client.example", "250"), func(l string) bool { return strings.HasSuffix(l[4:], "DSN") })
	}
	if !offered() {
		t.Error("DSN is not offered although nothing is known of the next hop")
	}
	send := func(mail, rcpt string) {
		c := r.hello("plain")
		c.say("MAIL FROM:<a@sender.example>"+mail, "250")
		c.say("RCPT TO:<b@rcpt.example>"+rcpt, "250")
		c.say("DATA", "354")
		c.send(message + ".\r\n")
		c.expect("250")
	}
	send(" RET=HDRS ENVID=Q1", " NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b@rcpt.example")
	if offered() {
		t.Error("DSN is offered although the next hop is known to lack it")
	}
	send("", " NOTIFY=FAILURE")
	send("", " ORCPT=rfc822;b@rcpt.example")
	send("", " NOTIFY=WHAT")
	if took := p.Took(); len(took) != 4 || took[0].To[0] != "TO:<b@rcpt.example>" || took[0].From != "FROM:<a@sender.example>" {
		t.Errorf("the next hop took %+v", took)
	}
	var lines []string
	for line := range strings.Lines(r.log.String()) {
		if strings.Contains(line, "msg=parameter-left-out") {
			lines = append(lines, line)
		}
	}
	want := [][]string{
		{"level=WARN", `params="RET=HDRS,ENVID=Q1,NOTIFY=SUCCESS\\,FAILURE,ORCPT=rfc822;b@rcpt.example"`, "to=b@rcpt.example", "does not offer DSN"},
		{"level=INFO", `params="NOTIFY=FAILURE"`},
		{"level=WARN", `params="NOTIFY=WHAT"`, "malformed"},
	}
	if len(lines) != len(want) {
		t.Fatalf("%d lines, want %d: %q", len(lines), len(want), lines)
	}
	for i, words := range want {
		for _, word := range words {
			if !strings.Contains(lines[i], word) {
				t.Errorf("%q does not have %q", lines[i], word)
			}
		}
	}
}

func TestOffers(t *testing.T) {
	a, b, c := &nexthop.Route{Via: []string{"a:25", "backup:25"}}, &nexthop.Route{Via: []string{"b:25"}}, &nexthop.Route{Via: []string{"c:25"}}
	var o offers
	steps := []struct {
		via  string
		dsn  bool
		lack [3]bool // of {a}, {a, b}, {b, c}
	}{
		{"elsewhere:25", false, [3]bool{false, false, false}},
		{"a:25", false, [3]bool{true, true, false}},
		{"b:25", true, [3]bool{true, false, false}},
		{"b:25", false, [3]bool{true, true, true}},
		{"backup:25", true, [3]bool{false, false, true}},
	}
	for _, step := range steps {
		o.learn(step.via, step.dsn)
		if got := [3]bool{o.lackDSN([]*nexthop.Route{a}), o.lackDSN([]*nexthop.Route{a, b}), o.lackDSN([]*nexthop.Route{b, c})}; got != step.lack {
			t.Errorf("after %s: %v, want %v", step.via, got, step.lack)
		}
	}
}

// An inbound listener takes nothing for the route that takes everything else, so
// that one does not count.
func TestInboundListenerLacksDSN(t *testing.T) {
	r := newRig(t, func(cfg *config.Config) { cfg.Listeners[0].Direction = config.Inbound })
	r.srv.offers.learn("192.0.2.1:25", false)
	r.srv.offers.learn("192.0.2.2:25", true)
	for listener, want := range map[string]bool{"plain": false, "implicit": true} {
		c := r.connect(listener)
		if listener == "implicit" {
			c.startTLS(nil)
		}
		c.expect("220")
		lines := c.say("EHLO client.example", "250")
		if got := slices.ContainsFunc(lines, func(l string) bool { return l[4:] == "DSN" }); got != want {
			t.Errorf("%s: DSN offered: %v, want %v", listener, got, want)
		}
	}
}
