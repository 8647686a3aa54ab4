package nexthop

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// newTLSPeer makes a peer with a certificate for 127.0.0.1, and a route to it.
func newTLSPeer(t *testing.T, mode string, set func(*smtptest.Peer)) (*smtptest.Peer, *engineTest, *smtptest.CA) {
	t.Helper()
	ca := smtptest.NewCA(t)
	p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
		p.TLSConfig = ca.Config("127.0.0.1")
		p.Implicit = mode == "implicit"
		if set != nil {
			set(p)
		}
	})
	h := newEngine(t, p)
	h.route.TLS = config.RouteTLS(mode)
	return p, h, ca
}

func TestTLSModes(t *testing.T) {
	for _, tt := range []struct {
		name, mode string
		trust      bool
		set        func(*smtptest.Peer)
		secure     bool
		words      string // of the refusal
	}{
		{"off", "off", false, nil, false, ""},
		{"opportunistic", "opportunistic", false, nil, true, ""},
		{"opportunistic, not offered", "opportunistic", false, func(p *smtptest.Peer) { p.TLSConfig = nil }, false, ""},
		{"opportunistic, refused", "opportunistic", false, func(p *smtptest.Peer) {
			p.On = script(map[string]string{"STARTTLS": "454 4.7.0 no TLS now"})
		}, false, ""},
		{"opportunistic, cut", "opportunistic", false, func(p *smtptest.Peer) {
			p.On = script(map[string]string{"STARTTLS": smtptest.Cut})
		}, false, ""},
		{"opportunistic, handshake fails", "opportunistic", false, func(p *smtptest.Peer) {
			p.TLSConfig = &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, errors.New("none") }}
		}, false, ""},
		{"opportunistic, TLS 1.0", "opportunistic", false, func(p *smtptest.Peer) {
			p.TLSConfig.MinVersion, p.TLSConfig.MaxVersion = tls.VersionTLS10, tls.VersionTLS10
		}, true, ""},
		{"required", "required", false, nil, true, ""},
		{"required, not offered", "required", false, func(p *smtptest.Peer) { p.TLSConfig = nil }, false, `starttls: the server does not offer STARTTLS and the route has tls = "required"`},
		{"required, refused", "required", false, func(p *smtptest.Peer) {
			p.On = script(map[string]string{"STARTTLS": "454 4.7.0 no TLS now"})
		}, false, "starttls: 454 4.7.0 no TLS now"},
		{"required, handshake fails", "required", false, func(p *smtptest.Peer) {
			p.TLSConfig = &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, errors.New("none") }}
		}, false, "tls: "},
		{"required, TLS 1.1", "required", false, func(p *smtptest.Peer) {
			p.TLSConfig.MinVersion, p.TLSConfig.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
		}, false, "tls: "},
		{"required, plain text behind the 220", "required", false, func(p *smtptest.Peer) {
			p.On = script(map[string]string{"STARTTLS": "220 go\r\n250 injected"})
		}, false, "more than its reply in plain text"},
		{"verify", "verify", true, nil, true, ""},
		{"verify, unknown authority", "verify", false, nil, false, "tls: failed to verify certificate"},
		{"implicit", "implicit", true, nil, true, ""},
		{"implicit, unknown authority", "implicit", false, nil, false, "tls: failed to verify certificate"},
		{"implicit, plain server", "implicit", true, func(p *smtptest.Peer) { p.Implicit = false }, false, "tls: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, h, ca := newTLSPeer(t, tt.mode, tt.set)
			h.wait.connect = 5 * time.Second
			if tt.trust {
				h.route.Roots = ca.Pool
			}
			v := h.mail(smtptest.Note)
			if tt.words != "" {
				wantVerdict(t, v, 451, [3]int{4, 7, 5}, tt.words)
				if len(p.Took()) > 0 {
					t.Error("the message went out")
				}
				return
			}
			if !v.OK() {
				t.Fatal(v, v.Cause)
			}
			if got := p.Took(); len(got) != 1 || got[0].TLS != tt.secure {
				t.Errorf("took %+v, want TLS %t", got, tt.secure)
			}
			for _, line := range p.Heard() {
				if strings.HasPrefix(line, "EHLO") && line != "EHLO relay.test" {
					t.Errorf("%q", line)
				}
			}
		})
	}
}

// The certificate must be for the name in via.
func TestVerifyChecksTheName(t *testing.T) {
	for _, tt := range []struct {
		name string
		ok   bool
	}{{"mail.example.com", true}, {"other.example.com", false}} {
		t.Run(tt.name, func(t *testing.T) {
			ca := smtptest.NewCA(t)
			var sni atomic.Value
			p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
				p.TLSConfig = ca.Config("mail.example.com")
				p.TLSConfig.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
					sni.Store(hello.ServerName)
					return nil, nil
				}
			})
			h := newEngine(t, p)
			h.opt.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
				return h.dial(ctx, network, p.Addr)
			}
			h.directory.dns = fakeHosts{hosts: map[string][]string{tt.name: {"192.0.2.1"}}}
			h.route = &Route{TLS: "verify", Via: []string{tt.name + ":25"}, Roots: ca.Pool}
			v := h.mail(smtptest.Note)
			p.Stop()
			if v.OK() != tt.ok {
				t.Errorf("verdict %v", v)
			}
			if tt.ok && v.Remote != tt.name+" [127.0.0.1]:25" {
				t.Errorf("remote %q", v.Remote)
			}
			if sni.Load() != tt.name {
				t.Errorf("server name %q", sni.Load())
			}
		})
	}
}

// A session without a check does not open the door to a route with one.
func TestSessionsAreNotShared(t *testing.T) {
	p, h, _ := newTLSPeer(t, "required", nil)
	h.mustMail(smtptest.Note)
	verify := h.route.clone()
	verify.TLS = "verify"
	h.route = verify
	if v := h.mail(smtptest.Note); v.OK() {
		t.Error("an unknown authority was accepted")
	}
	if len(p.Took()) != 1 {
		t.Errorf("took %d", len(p.Took()))
	}
}

func TestLogOn(t *testing.T) {
	offer := func(mechanisms string) func(*smtptest.Peer) {
		return func(p *smtptest.Peer) { p.Users = nil; p.Keywords = append(p.Keywords, mechanisms) }
	}
	cram := func(mechanisms, first string) func(*smtptest.Peer) {
		return func(p *smtptest.Peer) {
			p.Mechanisms = mechanisms
			p.On = func(_ *smtptest.Session, line string) string {
				if strings.HasPrefix(line, "AUTH") && !strings.HasPrefix(line, first) {
					return "504 5.5.4 not by this"
				}
				return ""
			}
		}
	}
	for _, tt := range []struct {
		name  string
		auth  config.RouteAuth
		mode  string
		set   func(*smtptest.Peer)
		words string // of the refusal
	}{
		{"auto", config.RouteAuth{User: "relay"}, "required", nil, ""},
		{"plain", config.RouteAuth{User: "relay", Mechanism: "plain"}, "required", nil, ""},
		{"login", config.RouteAuth{User: "relay", Mechanism: "login"}, "required", nil, ""},
		{"xoauth2", config.RouteAuth{User: "relay", Mechanism: "xoauth2"}, "required", nil, ""},
		{"CRAM-MD5, where nothing else is offered", config.RouteAuth{User: "relay"}, "required", cram("CRAM-MD5", "AUTH CRAM-MD5"), ""},
		{"CRAM-MD5, by choice", config.RouteAuth{User: "relay", Mechanism: "cram-md5"}, "required", cram("PLAIN CRAM-MD5", "AUTH CRAM-MD5"), ""},
		{"PLAIN before CRAM-MD5", config.RouteAuth{User: "relay"}, "required", cram("CRAM-MD5 PLAIN", "AUTH PLAIN "), ""},
		{"wrong password by CRAM-MD5", config.RouteAuth{User: "wrong"}, "required", cram("CRAM-MD5", "AUTH CRAM-MD5"), "by CRAM-MD5: 535 5.7.8"},
		{"CRAM-MD5 without a challenge", config.RouteAuth{User: "relay"}, "required", func(p *smtptest.Peer) {
			p.Mechanisms = "CRAM-MD5"
			p.On = script(map[string]string{"AUTH": "334 "})
		}, "the server sent no challenge"},
		{"plain text by choice", config.RouteAuth{User: "relay"}, "off", nil, ""},
		{"old keyword", config.RouteAuth{User: "relay"}, "off", func(p *smtptest.Peer) {
			p.On = func(s *smtptest.Session, line string) string {
				if strings.HasPrefix(line, "EHLO") {
					return "250-hop.test\r\n250 auth=login"
				}
				return ""
			}
		}, ""},
		{"wrong password", config.RouteAuth{User: "wrong"}, "required", nil, `refuses authentication of user "wrong" by PLAIN: 535 5.7.8`},
		{"wrong password by LOGIN", config.RouteAuth{User: "wrong", Mechanism: "login"}, "required", nil, "by LOGIN: 535 5.7.8"},
		{"wrong token", config.RouteAuth{User: "wrong", Mechanism: "xoauth2"}, "required", nil, "by XOAUTH2: 535 5.7.8"},
		{"not offered", config.RouteAuth{User: "relay"}, "required", offer("AUTH GSSAPI NTLM"), "the server offers AUTH GSSAPI NTLM, not PLAIN or LOGIN"},
		{"no AUTH", config.RouteAuth{User: "relay"}, "required", func(p *smtptest.Peer) { p.Users = nil }, "does not offer AUTH"},
		{"no TLS", config.RouteAuth{User: "relay"}, "opportunistic", func(p *smtptest.Peer) { p.TLSConfig = nil }, `not sent without it: set tls = "required"`},
		{"no file", config.RouteAuth{User: "nofile"}, "required", nil, "cannot read the secret"},
		{"endless challenges", config.RouteAuth{User: "relay"}, "required", func(p *smtptest.Peer) {
			p.On = func(s *smtptest.Session, line string) string {
				if s.Secure && line != "" && !strings.HasPrefix(line, "EHLO") {
					return "334 "
				}
				return ""
			}
		}, "unexpected server challenge"},
		{"cut", config.RouteAuth{User: "relay"}, "required", func(p *smtptest.Peer) { p.On = script(map[string]string{"AUTH": smtptest.Cut}) }, "closed without a reply"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, h, _ := newTLSPeer(t, tt.mode, func(p *smtptest.Peer) {
				p.Users = map[string]string{"relay": "s3cret pass", "wrong": "other"}
				if tt.set != nil {
					tt.set(p)
				}
			})
			tt.auth.PasswordFile = smtptest.SecretFile(t, "s3cret pass\n")
			tt.auth.TokenFile = ""
			if tt.auth.Mechanism == "xoauth2" {
				tt.auth.PasswordFile, tt.auth.TokenFile = "", tt.auth.PasswordFile
			}
			if tt.auth.User == "nofile" {
				tt.auth.PasswordFile += ".gone"
			}
			h.route.Auth = tt.auth
			v := h.mail(smtptest.Note)
			if tt.words == "" {
				if got := p.Took(); len(got) != 1 || got[0].User != "relay" {
					t.Errorf("%v: took %+v", v, got)
				}
				return
			}
			wantVerdict(t, v, 451, [3]int{4, 7, 0}, tt.words)
			all := v.Error() + v.Cause.Error()
			for _, secret := range []string{"s3cret", "czNjcmV0", "AHdyb25nAHMzY3JldCBwYXNz"} {
				if strings.Contains(all, secret) {
					t.Errorf("the secret is in %s", all)
				}
			}
			for _, line := range p.Heard() {
				if tt.name == "no TLS" && strings.HasPrefix(line, "AUTH") {
					t.Errorf("%q in plain text", line)
				}
			}
		})
	}
}

// A fresh token needs no restart.
func TestTokenIsReadForEachLogon(t *testing.T) {
	p, h, _ := newTLSPeer(t, "required", func(p *smtptest.Peer) { p.Users = map[string]string{"relay": "second"} })
	token := smtptest.SecretFile(t, "first")
	h.route.Auth = config.RouteAuth{User: "relay", TokenFile: token}
	if v := h.mail(smtptest.Note); v.OK() {
		t.Fatal("the old token was taken")
	}
	if err := os.WriteFile(token, []byte("second\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.mustMail(smtptest.Note)
	if len(p.Took()) != 1 {
		t.Error("not taken")
	}
}

func TestNothingCanBeReached(t *testing.T) {
	busy := smtptest.NewPeer(t, func(p *smtptest.Peer) { p.Greeting = "421 4.3.2 busy" })
	gone := smtptest.NewPeer(t, nil)
	gone.Stop()
	h := newEngine(t, busy, gone)
	h.route.Name = "partner.example"
	for range 2 { // the second time both have failed lately
		v := h.mail(smtptest.Note)
		wantVerdict(t, v, 451, [3]int{4, 4, 1}, `route "partner.example"`)
		for _, words := range []string{busy.Addr + ": greeting: 421 4.3.2 busy", gone.Addr + ": connect: "} {
			if !strings.Contains(v.Error(), words) {
				t.Errorf("%v\nwant %q", v, words)
			}
		}
	}
}

// The example of RFC 2195 §2.
func TestCRAMMD5(t *testing.T) {
	c := &cramMD5{user: "tim", secret: "tanstaaftanstaaf"}
	if got, err := c.Next([]byte("<1896.697170952@postoffice.reston.mci.net>")); err != nil || string(got) != "tim b913a602c7eda7a495b4e6e7334d3890" {
		t.Errorf("%q, %v", got, err)
	}
}
