package nexthop

import (
	"crypto/tls"
	"errors"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"

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
	if s := h.Reach(t.Context(), h.route); s[0].Err != nil || h.health.lastFailure(h.route.key(at(p.Addr))) != nil {
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

// Readiness and probe go through TLS and the logon as a delivery does, name the step that
// failed, and do not take a failure there for over.
func TestReachUsesTLSAndAuth(t *testing.T) {
	noHandshake := func(p *smtptest.Peer) {
		p.TLSConfig = &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, errors.New("none") }}
	}
	for _, tt := range []struct {
		name, mode, cert, password string
		set                        func(*smtptest.Peer)
		word                       string // "": it is good
	}{
		{name: "good", mode: "verify", cert: "127.0.0.1", password: "secret"},
		{name: "another name", mode: "verify", cert: "mail.example.com", word: "tls: failed to verify certificate"},
		{name: "another name, unchecked", mode: "required", cert: "mail.example.com"},
		{name: "no STARTTLS", mode: "required", cert: "127.0.0.1", set: func(p *smtptest.Peer) { p.TLSConfig = nil }, word: "starttls: the server does not offer STARTTLS"},
		{name: "STARTTLS refused", mode: "required", cert: "127.0.0.1", set: func(p *smtptest.Peer) {
			p.On = script(map[string]string{"STARTTLS": "454 4.7.0 no TLS now"})
		}, word: "starttls: 454 4.7.0 no TLS now"},
		{name: "opportunistic, no handshake", mode: "opportunistic", cert: "127.0.0.1", set: noHandshake},
		{name: "required, no handshake", mode: "required", cert: "127.0.0.1", set: noHandshake, word: "tls: "},
		{name: "wrong password", mode: "verify", cert: "127.0.0.1", password: "wrong", word: "auth: the server refuses authentication"},
		{name: "AUTH not offered", mode: "verify", cert: "127.0.0.1", password: "secret", set: func(p *smtptest.Peer) { p.Users = nil }, word: "auth: the server does not offer AUTH"},
		{name: "implicit, another name", mode: "implicit", cert: "mail.example.com", word: "tls: failed to verify certificate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ca := smtptest.NewCA(t)
			p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
				p.TLSConfig, p.Implicit = ca.Config(tt.cert), tt.mode == "implicit"
				p.Users = map[string]string{"relay": "secret"}
				if tt.set != nil {
					tt.set(p)
				}
			})
			h := newEngine(t, p)
			h.route.TLS, h.route.Roots = config.RouteTLS(tt.mode), ca.Pool
			if tt.password != "" {
				h.route.Auth = config.RouteAuth{User: "relay", PasswordFile: smtptest.SecretFile(t, tt.password)}
			}
			check := func(what string, err error) {
				t.Helper()
				if (err == nil) != (tt.word == "") || err != nil && !strings.HasPrefix(err.Error(), tt.word) {
					t.Errorf("%s: %v, want %q", what, err, tt.word)
				}
			}
			check("readiness", h.Reach(t.Context(), h.route)[0].Err)
			check("probe", h.Probe(t.Context(), h.route)[0].Err)
			if v := h.mail(smtptest.Note); v.OK() != (tt.word == "") {
				t.Errorf("the delivery: %v", v)
			}
			check("readiness after a delivery", h.Reach(t.Context(), h.route)[0].Err)
			if ails := h.health.lastFailure(h.route.key(at(p.Addr))) != nil; ails != (tt.word != "") {
				t.Errorf("the failure is remembered: %t", ails)
			}
		})
	}
}
