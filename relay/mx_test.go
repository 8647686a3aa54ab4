package relay

import (
	"net"
	"testing"

	"github.com/miekg/dns"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/resolver/dnstest"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// mxRig is a relay that asks a DNS server of the test, and a peer that is the mail
// exchanger mx.rcpt.example.
func mxRig(t *testing.T, change func(*config.Config, string), set func(*smtptest.Peer)) (*rig, *smtptest.Peer, *dnstest.Server) {
	t.Helper()
	s, p := dnstest.New(t), smtptest.NewPeer(t, set)
	s.Add("rcpt.example. 300 IN MX 10 mx.rcpt.example.", "mx.rcpt.example. 300 IN A 127.0.0.1")
	_, port, _ := net.SplitHostPort(p.Addr)
	cfg := testConfig(t)
	cfg.DNS.Servers = []string{s.Addr}
	change(cfg, port)
	r := &rig{t: t, cfg: cfg, log: &smtptest.Buffer{}}
	r.build(nil)
	r.serve()
	return r, p, s
}

// The servers in [dns] are asked for next hops, and others after a reload.
func TestConfiguredNameServers(t *testing.T) {
	r, p, s := mxRig(t, func(cfg *config.Config, port string) {
		cfg.Routes = []config.Route{{Via: []string{"mx:rcpt.example:" + port}, TLS: "opportunistic", Profile: "auto"}}
	}, nil)
	send := func(want string) {
		t.Helper()
		c := r.hello("plain")
		c.say("MAIL FROM:<a@sender.example>", "250")
		c.say("RCPT TO:<b@any.example>", want)
	}
	send("250")
	if p.Count() != 1 || s.Asked("rcpt.example", dns.TypeMX) != 1 {
		t.Errorf("%d connections, asked %d times", p.Count(), s.Asked("rcpt.example", dns.TypeMX))
	}
	same, other := *r.cfg, *r.cfg
	if err := r.srv.Reload(&same); err != nil {
		t.Fatal(err)
	}
	send("250")
	if n := s.Asked("rcpt.example", dns.TypeMX); n != 1 {
		t.Errorf("asked %d times: the cache was lost by a reload", n)
	}
	empty := dnstest.New(t)
	other.DNS.Servers = []string{empty.Addr}
	if err := r.srv.Reload(&other); err != nil {
		t.Fatal(err)
	}
	send("451")
	if n := empty.Asked("rcpt.example", dns.TypeMX); n != 1 {
		t.Errorf("the new server was asked %d times", n)
	}
}
