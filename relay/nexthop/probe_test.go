package nexthop

import (
	"slices"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

func TestProbe(t *testing.T) {
	ca := smtptest.NewCA(t)
	good := smtptest.NewPeer(t, func(p *smtptest.Peer) {
		p.Greeting = "220 mail.example.com ESMTP Service (HCL Domino Release 11.0.1) ready"
		p.TLSConfig = ca.Config("127.0.0.1")
		p.Users = map[string]string{"relay": "secret"}
	})
	busy := smtptest.NewPeer(t, func(p *smtptest.Peer) { p.Greeting = "421 4.3.2 too busy" })
	gone := smtptest.NewPeer(t, nil)
	gone.Stop()
	h := newEngine(t, good, busy, gone)
	h.route.TLS = "required"
	h.route.Roots = ca.Pool
	h.route.Auth = config.RouteAuth{User: "relay", PasswordFile: smtptest.SecretFile(t, "secret")}

	got := h.Probe(t.Context(), h.route)
	if len(got) != 3 {
		t.Fatalf("%d results", len(got))
	}
	g := got[0]
	if g.Err != nil || g.Host != good.Addr || !strings.HasPrefix(g.Address, "mail.example.com [127.0.0.1]:") ||
		!strings.Contains(g.Greeting, "HCL Domino") || g.Profile != "domino" || g.TLSVersion != "TLS 1.3" || g.TLSCipher == "" ||
		!strings.HasPrefix(g.Certificate, "valid for 127.0.0.1 until ") || !slices.Equal(g.Auth, []string{"PLAIN", "LOGIN", "XOAUTH2"}) ||
		!slices.Contains(g.Extensions, "PIPELINING") || slices.Contains(g.Extensions, "STARTTLS") {
		t.Errorf("%+v", g)
	}
	if b := got[1]; b.Err == nil || !strings.Contains(b.Err.Error(), "too busy") || b.Greeting != "too busy" || b.Profile != "standard" {
		t.Errorf("%+v", b)
	}
	if n := got[2]; n.Err == nil || !strings.HasPrefix(n.Err.Error(), "connect: ") || n.Address != "" {
		t.Errorf("%+v", n)
	}
	for _, line := range good.Heard() {
		if strings.HasPrefix(line, "RCPT") || strings.HasPrefix(line, "DATA") || strings.HasPrefix(line, "MAIL") && line != "MAIL FROM:<>" {
			t.Errorf("a probe said %s", line)
		}
	}
}

// A host that wants a logon first would refuse each message, and is not called good.
func TestProbeFindsThatALogonIsMissing(t *testing.T) {
	p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
		p.On = script(map[string]string{"MAIL": "530 5.7.0 Authentication required"})
	})
	h := newEngine(t, p)
	if err := h.Probe(t.Context(), h.route)[0].Err; err == nil || err.Error() != "mail: 530 5.7.0 Authentication required" {
		t.Error(err)
	}
}

// An untrusted certificate is named also where nobody asks for a check.
func TestProbeNamesTheCertificate(t *testing.T) {
	for _, tt := range []struct {
		name, host string
		trust      bool
		words      string
	}{
		{"unknown authority", "127.0.0.1", false, "not trusted: x509: certificate signed by unknown authority"},
		{"another name", "mail.example.com", true, "not trusted: x509: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ca := smtptest.NewCA(t)
			p := smtptest.NewPeer(t, func(p *smtptest.Peer) { p.TLSConfig = ca.Config(tt.host) })
			h := newEngine(t, p)
			h.route.TLS = "opportunistic"
			if tt.trust {
				h.route.Roots = ca.Pool
			}
			got := h.Probe(t.Context(), h.route)[0]
			if got.Err != nil || !strings.HasPrefix(got.Certificate, tt.words) {
				t.Errorf("%q (%v)", got.Certificate, got.Err)
			}
		})
	}
}
