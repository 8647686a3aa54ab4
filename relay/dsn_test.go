package relay

import (
	"slices"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// What is well-formed goes on as it came; what is not is left out with a reason,
// and the mail goes on.
func TestDSNParameters(t *testing.T) {
	long := strings.Repeat("x", 600)
	tests := []struct {
		line string
		want string // the parameters that go on
		why  string // what the reason says about the one that does not
	}{
		// RFC 3461 §4.2: any atom is a type, any xtext an address.
		{"RCPT TO:<b@x> ORCPT=rfc822;b+C3+B6b@x.example", "ORCPT=rfc822;b+C3+B6b@x.example", ""},
		{"RCPT TO:<b@x> ORCPT=rfc822;a+2bb@x.example", "ORCPT=rfc822;a+2bb@x.example", ""},
		{"RCPT TO:<b@x> ORCPT=RFC822;IMCEAEX-_O+3DX+2B20@x", "ORCPT=RFC822;IMCEAEX-_O+3DX+2B20@x", ""},
		{"RCPT TO:<b@x> orcpt=x400;/S+3DBob/C+3DDE/", "ORCPT=x400;/S+3DBob/C+3DDE/", ""},
		{"RCPT TO:<b@x> ORCPT=unknown;bob", "ORCPT=unknown;bob", ""},
		{"RCPT TO:<b@x> ORCPT=x-vendor_2;a;b", "ORCPT=x-vendor_2;a;b", ""},
		{"RCPT TO:<b@x> ORCPT=notes!;CN", "ORCPT=notes!;CN", ""},
		{"RCPT TO:<b@x> ORCPT=rfc822;", "ORCPT=rfc822;", ""},
		{"RCPT TO:<b@x> ORCPT=rfc822;+20", "ORCPT=rfc822;+20", ""},
		{"RCPT TO:<b@x> ORCPT=rfc822;<>(),:\"\\[]", "ORCPT=rfc822;<>(),:\"\\[]", ""},
		{"RCPT TO:<b@x> ORCPT=rfc822;" + long, "ORCPT=rfc822;" + long, ""},
		{`RCPT TO:<b@x> ORCPT=utf-8;b\x{F6}b@x`, `ORCPT=utf-8;b\x{F6}b@x`, ""},
		{"RCPT TO:<b@x> ORCPT=UTF-8;b\u00f6b@x", "ORCPT=UTF-8;b\u00f6b@x", ""},
		{`RCPT TO:<b@x> ORCPT=utf-8;b` + "\u00f6" + `\x{2B}@x`, `ORCPT=utf-8;b` + "\u00f6" + `\x{2B}@x`, ""},
		{"RCPT TO:<b@x> ORCPT=bob", "", "address type"},
		{"RCPT TO:<b@x> ORCPT=;bob", "", "address type"},
		{"RCPT TO:<b@x> ORCPT=a.b;bob", "", "address type"},
		{"RCPT TO:<b@x> ORCPT=", "", "address type"},
		{"RCPT TO:<b@x> ORCPT", "", "address type"},
		{"RCPT TO:<b@x> ORCPT=rfc822;a+zz", "", "hexadecimal"},
		{"RCPT TO:<b@x> ORCPT=rfc822;a+2", "", "hexadecimal"},
		{"RCPT TO:<b@x> ORCPT=rfc822;a=b", "", "not xtext"},
		{"RCPT TO:<b@x> ORCPT=rfc822;b\u00f6b", "", "not xtext"},
		{"RCPT TO:<b@x> ORCPT=utf-8;b\xf6b", "", "not UTF-8"},
		{"RCPT TO:<b@x> ORCPT=utf-8;b\u00f6\\b", "", `\x{`},
		{"RCPT TO:<b@x> ORCPT=utf-8;b\u00f6\\x{zz}", "", `\x{`},
		{"RCPT TO:<b@x> ORCPT=utf-8;b\u00f6+2Bb", "", "not allowed in a utf-8 address"},
		{"RCPT TO:<b@x> ORCPT=utf-8;b\u2028b", "", "not allowed in a utf-8 address"},
		{"RCPT TO:<b@x> NOTIFY=success,Delay,FAILURE", "NOTIFY=success,Delay,FAILURE", ""},
		{"RCPT TO:<b@x> NOTIFY=never ORCPT=rfc822;b", "NOTIFY=never ORCPT=rfc822;b", ""},
		{"RCPT TO:<b@x> NOTIFY=NEVER,SUCCESS ORCPT=rfc822;b", "ORCPT=rfc822;b", "neither NEVER"},
		{"RCPT TO:<b@x> NOTIFY=EXPIRED", "", "neither NEVER"},
		{"RCPT TO:<b@x> NOTIFY=", "", "neither NEVER"},
		{"RCPT TO:<b@x> NOTIFY=SUCCESS NOTIFY=NEVER", "NOTIFY=SUCCESS", "twice"},
		{"MAIL FROM:<b@x> RET=full ENVID=QQ+2b314", "RET=full ENVID=QQ+2b314", ""},
		{"MAIL FROM:<b@x> RET=BODY ENVID=a", "ENVID=a", "FULL nor HDRS"},
		{"MAIL FROM:<b@x> RET ENVID=a SIZE=5", "ENVID=a SIZE=5", "FULL nor HDRS"},
		{"MAIL FROM:<b@x> ENVID=" + long, "ENVID=" + long, ""},
		{"MAIL FROM:<b@x> ENVID=a=b", "", "not xtext"},
		{"MAIL FROM:<b@x> ENVID=\u00f6", "", "not xtext"},
		{"MAIL FROM:<b@x> ENVID=", "", "no value"},
	}
	for _, tt := range tests {
		t.Run(tt.line[:min(len(tt.line), 60)], func(t *testing.T) {
			cmd, bad := parseCommand(tt.line)
			if bad.Code != 0 {
				t.Fatal(bad)
			}
			var got []string
			for _, p := range cmd.params {
				got = append(got, p.keyword+"="+p.value)
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("goes on: %q, want %q", s, tt.want)
			}
			switch {
			case tt.why == "" && len(cmd.leftOut) > 0, tt.why != "" && len(cmd.leftOut) != 1:
				t.Errorf("left out: %q", cmd.leftOut)
			case tt.why != "" && !strings.Contains(cmd.leftOut[0].why, tt.why):
				t.Errorf("the reason %q does not say %q", cmd.leftOut[0].why, tt.why)
			}
			if sent := cmd.forward(); strings.Contains(sent, "=") {
				t.Errorf("go-smtp would get %q", sent)
			}
		})
	}
}

// What is not about DSN is refused: unknown parameters with 555, malformed ones
// with 501.
func TestOtherParameters(t *testing.T) {
	for line, code := range map[string]int{
		"MAIL FROM:<b@x> MT-PRIORITY=3": 555, "MAIL FROM:<b@x> BY=60;R": 555, "MAIL FROM:<b@x> HOLDFOR=60": 555, "MAIL FROM:<b@x> REQUIRETLS": 555,
		"MAIL FROM:<b@x> NOTIFY=NEVER": 555, "RCPT TO:<b@x> RET=FULL": 555, "RCPT TO:<b@x> RRVS=2026-01-01T00:00:00Z": 555, "RCPT TO:<b@x> CONPERM": 555,
		"MAIL FROM:<b@x> SIZE=": 501, "MAIL FROM:<b@x> SIZE=-1": 501, "MAIL FROM:<b@x> SIZE=123456789012345678901": 501, "MAIL FROM:<b@x> SIZE=1 SIZE=1": 501,
		"MAIL FROM:<b@x> BODY=9BIT": 501, "MAIL FROM:<b@x> BODY=BINARYMIME": 504, "MAIL FROM:<b@x> SMTPUTF8=1": 501, "MAIL FROM:<b@x> AUTH=": 501,
		"MAIL FROM:<b@x> =1": 501, "MAIL FROM:<b@x> \u00f6=1": 501,
		"MAIL FROM:<b@x> SIZE=99999999999999999999 BODY=7bit SMTPUTF8 AUTH=a+zz=": 0, "MAIL FROM:<b@x>  AUTH=<>  size=0": 0,
	} {
		if _, bad := parseCommand(line); bad.Code != code {
			t.Errorf("%s: %v, want %d", line, bad, code)
		}
	}
}

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
