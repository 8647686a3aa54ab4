package relay

import (
	"crypto/tls"
	"io"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
)

// raw writes below TLS, as somebody on the way could.
func (s *peerSession) raw(text string) {
	nc := s.nc
	if tc, ok := nc.(*tls.Conn); ok {
		nc = tc.NetConn()
	}
	io.WriteString(nc, text)
}

// A next hop, or somebody before it, lies around the handshake and the logon. The
// client hears 451, or the one true verdict, and nothing goes out that should not.
func TestNextHopLiesUnderTLS(t *testing.T) {
	ca := newTestCA(t)
	for _, tt := range []struct {
		name, at string
		does     func(s *peerSession) string
		want     int
	}{
		{"plain text behind the 220", "STARTTLS", func(s *peerSession) string { s.say("220 go", "250 ok"); s.handshake(); return hush }, 451},
		{"plain text in place of the handshake", "STARTTLS", func(s *peerSession) string { s.say("220 go"); s.say("250 ok"); return hush }, 451},
		{"cut within the handshake", "STARTTLS", func(s *peerSession) string { s.say("220 go"); s.raw("\x16\x03\x03\x01"); return cut }, 451},
		{"an alert in place of the handshake", "STARTTLS", func(s *peerSession) string { s.say("220 go"); s.raw("\x15\x03\x03\x00\x02\x02\x28"); return cut }, 451},
		{"220 before it was asked for", "EHLO", func(s *peerSession) string {
			if s.secure {
				return ""
			}
			return "250-hop.test\r\n250 STARTTLS\r\n220 go"
		}, 451},
		{"a plain reply below TLS", "MAIL", func(s *peerSession) string { s.raw("250 2.1.0 ok\r\n"); return hush }, 451},
		{"a record of another connection", "MAIL", func(s *peerSession) string { s.raw("\x17\x03\x03\x00\x10" + strings.Repeat("x", 16)); return hush }, 451},
		{"refused and taken at the logon", "AUTH", func(*peerSession) string { return "235 2.7.0 ok\r\n535 5.7.8 no" }, 451},
		{"250 at the logon", "AUTH", func(*peerSession) string { return "250 2.0.0 ok" }, 451},
		{"354 at the logon", "AUTH", func(*peerSession) string { return "354 go" }, 451},
		{"235 before the logon", "EHLO", func(s *peerSession) string {
			if !s.secure {
				return ""
			}
			s.ehlo()
			return "235 2.7.0 ok"
		}, 451},
		{"closed behind the verdict, without close_notify", ".", func(s *peerSession) string {
			s.mu.Lock()
			s.messages = append(s.messages, s.msg)
			s.mu.Unlock()
			s.say("250 2.0.0 queued")
			return cut
		}, 250},
		{"closed in place of the verdict, without close_notify", ".", func(*peerSession) string { return cut }, 451},
		{"closed within the verdict, without close_notify", ".", func(s *peerSession) string { s.say("250-2.0.0 que"); return cut }, 451},
		{"a verdict that is no line", ".", func(s *peerSession) string { io.WriteString(s.nc, "250 2.0.0 queued"); return cut }, 451},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPeer(t, func(p *peer) {
				p.tls, p.users = ca.config("127.0.0.1"), map[string]string{"relay": "secret"}
				p.on = func(s *peerSession, line string) string {
					if strings.HasPrefix(line, tt.at) {
						return tt.does(s)
					}
					return ""
				}
			})
			h := newHop(t, p)
			h.route.TLS, h.route.roots = "verify", ca.pool
			h.route.Auth = config.RouteAuth{User: "relay", PasswordFile: secretFile(t, "secret\n")}
			v := h.mail(note)
			if v.Code != tt.want {
				t.Errorf("verdict %v", v)
			}
			if took := p.took(); len(took) > 0 && tt.want != 250 {
				t.Errorf("the next hop took %+v", took)
			}
			for _, command := range p.heard() {
				if tt.at == "STARTTLS" && (strings.HasPrefix(command, "AUTH") || strings.HasPrefix(command, "MAIL")) {
					t.Errorf("%q went out", command)
				}
			}
		})
	}
}

// A server that speaks in plain text where TLS is to begin at once gets nothing.
func TestPlainTextInPlaceOfImplicitTLS(t *testing.T) {
	p := newPeer(t, nil)
	h := newHop(t, p)
	h.route.TLS = "implicit"
	if v := h.mail(note); v.Code != 451 || len(p.took()) > 0 {
		t.Errorf("verdict %v, the next hop took %d messages", v, len(p.took()))
	}
}
