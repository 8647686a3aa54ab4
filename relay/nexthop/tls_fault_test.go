package nexthop

import (
	"io"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// A next hop, or somebody before it, lies around the handshake and the logon. The
// client hears 451, or the one true verdict, and nothing goes out that should not.
func TestNextHopLiesUnderTLS(t *testing.T) {
	ca := smtptest.NewCA(t)
	for _, tt := range []struct {
		name, at string
		does     func(s *smtptest.Session) string
		want     int
	}{
		{"plain text behind the 220", "STARTTLS", func(s *smtptest.Session) string { s.Say("220 go", "250 ok"); s.Handshake(); return smtptest.Hush }, 451},
		{"plain text in place of the handshake", "STARTTLS", func(s *smtptest.Session) string { s.Say("220 go"); s.Say("250 ok"); return smtptest.Hush }, 451},
		{"cut within the handshake", "STARTTLS", func(s *smtptest.Session) string { s.Say("220 go"); s.Raw("\x16\x03\x03\x01"); return smtptest.Cut }, 451},
		{"an alert in place of the handshake", "STARTTLS", func(s *smtptest.Session) string {
			s.Say("220 go")
			s.Raw("\x15\x03\x03\x00\x02\x02\x28")
			return smtptest.Cut
		}, 451},
		{"220 before it was asked for", "EHLO", func(s *smtptest.Session) string {
			if s.Secure {
				return ""
			}
			return "250-hop.test\r\n250 STARTTLS\r\n220 go"
		}, 451},
		{"a plain reply below TLS", "MAIL", func(s *smtptest.Session) string { s.Raw("250 2.1.0 ok\r\n"); return smtptest.Hush }, 451},
		{"a record of another connection", "MAIL", func(s *smtptest.Session) string {
			s.Raw("\x17\x03\x03\x00\x10" + strings.Repeat("x", 16))
			return smtptest.Hush
		}, 451},
		{"refused and taken at the logon", "AUTH", func(*smtptest.Session) string { return "235 2.7.0 ok\r\n535 5.7.8 no" }, 451},
		{"250 at the logon", "AUTH", func(*smtptest.Session) string { return "250 2.0.0 ok" }, 451},
		{"354 at the logon", "AUTH", func(*smtptest.Session) string { return "354 go" }, 451},
		{"235 before the logon", "EHLO", func(s *smtptest.Session) string {
			if !s.Secure {
				return ""
			}
			s.EHLO()
			return "235 2.7.0 ok"
		}, 451},
		{"closed behind the verdict, without close_notify", ".", func(s *smtptest.Session) string {
			s.Mu.Lock()
			s.Messages = append(s.Messages, s.Msg)
			s.Mu.Unlock()
			s.Say("250 2.0.0 queued")
			return smtptest.Cut
		}, 250},
		{"closed in place of the verdict, without close_notify", ".", func(*smtptest.Session) string { return smtptest.Cut }, 451},
		{"closed within the verdict, without close_notify", ".", func(s *smtptest.Session) string { s.Say("250-2.0.0 que"); return smtptest.Cut }, 451},
		{"a verdict that is no line", ".", func(s *smtptest.Session) string { io.WriteString(s.Conn, "250 2.0.0 queued"); return smtptest.Cut }, 451},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
				p.TLSConfig, p.Users = ca.Config("127.0.0.1"), map[string]string{"relay": "secret"}
				p.On = func(s *smtptest.Session, line string) string {
					if strings.HasPrefix(line, tt.at) {
						return tt.does(s)
					}
					return ""
				}
			})
			h := newEngine(t, p)
			h.route.TLS, h.route.Roots = "verify", ca.Pool
			h.route.Auth = config.RouteAuth{User: "relay", PasswordFile: smtptest.SecretFile(t, "secret\n")}
			v := h.mail(smtptest.Note)
			if v.Code != tt.want {
				t.Errorf("verdict %v", v)
			}
			if took := p.Took(); len(took) > 0 && tt.want != 250 {
				t.Errorf("the next hop took %+v", took)
			}
			for _, command := range p.Heard() {
				if tt.at == "STARTTLS" && (strings.HasPrefix(command, "AUTH") || strings.HasPrefix(command, "MAIL")) {
					t.Errorf("%q went out", command)
				}
			}
		})
	}
}

// A server that speaks in plain text where TLS is to begin at once gets nothing.
func TestPlainTextInPlaceOfImplicitTLS(t *testing.T) {
	p := smtptest.NewPeer(t, nil)
	h := newEngine(t, p)
	h.route.TLS = "implicit"
	if v := h.mail(smtptest.Note); v.Code != 451 || len(p.Took()) > 0 {
		t.Errorf("verdict %v, the next hop took %d messages", v, len(p.Took()))
	}
}
