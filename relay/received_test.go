package relay

import (
	"crypto/tls"
	"net/mail"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestReceivedField(t *testing.T) {
	at := time.Date(2026, 11, 22, 14, 0, 0, 0, time.FixedZone("", 3600))
	state := &tls.ConnectionState{Version: tls.VersionTLS13, CipherSuite: tls.TLS_AES_128_GCM_SHA256}
	tests := []struct {
		name  string
		trace trace
		want  string
	}{
		{"helo", trace{hello: "exch01.example.com", client: netip.MustParseAddr("10.1.2.3"), hostname: "relay.example", id: "x-1", rcpt: "b@rcpt.example", at: at},
			"Received: from exch01.example.com ([10.1.2.3])\r\n\tby relay.example with SMTP id x-1\r\n\tfor <b@rcpt.example>;\r\n\tSun, 22 Nov 2026 14:00:00 +0100\r\n"},
		{"ehlo", trace{hello: "a", client: netip.MustParseAddr("::1"), hostname: "relay.example", extended: true, id: "x", at: at},
			"Received: from a ([IPv6:::1])\r\n\tby relay.example with ESMTP id x;\r\n\tSun, 22 Nov 2026 14:00:00 +0100\r\n"},
		{"tls and auth", trace{hello: "[10.1.2.3]", client: netip.MustParseAddr("10.1.2.3"), hostname: "relay.example", extended: true, tls: state, auth: true, id: "x", at: at},
			"Received: from [10.1.2.3] ([10.1.2.3])\r\n\tby relay.example with ESMTPSA id x\r\n\ttls TLS_AES_128_GCM_SHA256 (TLS 1.3);\r\n\tSun, 22 Nov 2026 14:00:00 +0100\r\n"},
		{"smtputf8", trace{hello: "a??b", client: netip.MustParseAddr("fe80::1%eth0"), hostname: "relay.example", extended: true, utf8: true, tls: state, id: "x", at: at},
			"Received: from unknown ([IPv6:fe80::1])\r\n\tby relay.example with UTF8SMTPS id x\r\n\ttls TLS_AES_128_GCM_SHA256 (TLS 1.3);\r\n\tSun, 22 Nov 2026 14:00:00 +0100\r\n"},
	}
	for name, rcpt := range map[string]string{"long": strings.Repeat("a", 250) + "@b.example", "next line": "\"\u0085\"@b", "line separator": "\"\u2028\"@b",
		"override": "\u202e@b", "bell": "\a@b", "not UTF-8": "\x80@b"} {
		tests = append(tests, struct {
			name  string
			trace trace
			want  string
		}{"for, " + name, trace{hello: "a", client: netip.MustParseAddr("::1"), hostname: "relay.example", id: "x", rcpt: rcpt, at: at},
			"Received: from a ([IPv6:::1])\r\n\tby relay.example with SMTP id x;\r\n\tSun, 22 Nov 2026 14:00:00 +0100\r\n"})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.trace.field()
			if got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if m, err := mail.ReadMessage(strings.NewReader(got + "\r\n")); err != nil || len(m.Header["Received"]) != 1 {
				t.Errorf("not one field: %v", err)
			}
		})
	}
}

// What the client calls itself cannot put a field into the message.
func TestHelloIsCleaned(t *testing.T) {
	eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
		c.say("EHLO a(b);\tfor<x>\xff y", "250")
		c.envelope()
		c.say("DATA", "354")
		c.send(message + ".\r\n")
		c.expect("250")
		if head, _, _ := strings.Cut(r.hop.messages[0], "\r\n"); head != "Received: from unknown ([127.0.0.1])" {
			t.Errorf("field begins %q", head)
		}
	})
}

// A recipient cannot put a line end or an endless line into the field.
func TestRecipientInReceived(t *testing.T) {
	for name, tt := range map[string]struct{ path, code string }{
		"long":           {strings.Repeat("a", 1000) + "@rcpt.example", "250"},
		"next line":      {"\"\u0085\"@rcpt.example", "501"},
		"line separator": {"\"\u2028b\"@rcpt.example", "501"},
		"override":       {"\"\u202eb\"@rcpt.example", "501"},
		"joiner":         {"a\u200cb@rcpt.example", "250"},
	} {
		t.Run(name, func(t *testing.T) {
			eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
				c.say("MAIL FROM:<a@sender.example> SMTPUTF8", "250")
				c.say("RCPT TO:<"+tt.path+">", tt.code)
				if tt.code != "250" {
					return
				}
				c.say("DATA", "354")
				c.send(message + ".\r\n")
				c.expect("250")
				field := strings.TrimSuffix(r.hop.messages[0], message)
				for line := range strings.Lines(field) {
					if len(line) > 1000 || strings.ContainsFunc(strings.TrimRight(line, "\r\n"), func(r rune) bool { return r != '\t' && !logged(r) }) {
						t.Errorf("field line %.300q", line)
					}
				}
			})
		})
	}
}
