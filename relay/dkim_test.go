package relay

import (
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

const signedMail = "From: ben@partner.example\r\nSubject: hello\r\n\r\nbody\r\n"

// The signature of what came is recorded on what goes on, only where something
// was changed; what claimed to be ours before is gone.
func TestAuthenticationResults(t *testing.T) {
	sign, dns := smtptest.Signer(t)
	const forged, foreign = "Authentication-Results: (x) RELAY.example; dkim=pass\r\n\theader.d=bank.example\r\n", "Authentication-Results: other.example; dkim=none\r\n"
	answer := forged + foreign + sign("From: ben@partner.example\r\nTo: anna@rcpt.example\r\nSubject: yes\r\n"+
		"Content-Type: text/calendar; method=REPLY; charset=utf-8\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nPRODID:x\r\nVERSION:2.0\r\n"+
		"BEGIN:VEVENT\r\nUID:1@rcpt.example\r\nDTSTAMP:20260101T090000Z\r\nDTSTART:20260202T090000Z\r\nDTEND:20260202T100000Z\r\n"+
		"ORGANIZER;CN=Anna:mailto:anna@rcpt.example\r\nATTENDEE;CN=Ben;PARTSTAT=ACCEPTED:mailto:ben@partner.example\r\nSEQUENCE:0\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
	plain := forged + sign(signedMail)
	const critical = "X-MICROSOFT-CDO-ATTENDEE-CRITICAL-CHANGE:20260101T090000Z\r\n"
	pass := "Authentication-Results: relay.example;\r\n\tdkim=pass header.d=partner.example\r\n" + foreign
	tests := []struct {
		name, policy string
		direction    config.Direction
		mail         string
		asked        int32
		want         string // of what the next hop got; "" when it must be as it came
	}{
		{"inbound answer", "verify", config.Inbound, answer, 1, pass},
		{"inbound, nothing to repair", "verify", config.Inbound, plain, 0, strings.TrimPrefix(plain, forged)},
		{"inbound, kept", "keep", config.Inbound, answer, 0, ""},
		{"inbound, not verified", "ignore", config.Inbound, answer, 0, forged + foreign},
		{"outbound", "verify", config.Outbound, answer, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(cfg *config.Config) {
				cfg.Listeners[0].Direction = tt.direction
				cfg.Routes[0].Domains = []string{"rcpt.example"}
				cfg.Rewrite.DKIM = config.DKIM(tt.policy)
			}, func(o *Options) { o.Delivery.DNS = dns })
			r.hop.profile = "exchange2003"
			dns.Asked.Store(0)
			c := r.hello("plain")
			c.envelope()
			c.say("DATA", "354")
			c.send(tt.mail + ".\r\n")
			c.expect("250")
			got := r.hop.bodies()[0]
			switch {
			case tt.want == "" && got != tt.mail:
				t.Errorf("changed:\n%s", got)
			case tt.mail == plain && tt.want != "":
				if got != tt.want || !strings.Contains(r.log.String(), "msg=results-removed") {
					t.Errorf("the next hop got\n%s\nwant\n%s\nlog: %s", got, tt.want, r.log)
				}
			case tt.want != "" && (!strings.Contains(got, tt.want) || !strings.Contains(got, critical)):
				t.Errorf("the next hop got\n%s\nwant\n%s", got, tt.want)
			case tt.want == pass && strings.Contains(got, "bank.example"):
				t.Errorf("the forged field is still there:\n%s", got)
			case tt.want == pass && !strings.Contains(r.log.String(), "dkim=pass"):
				t.Errorf("log: %s", r.log)
			}
			if n := dns.Asked.Load(); n != tt.asked {
				t.Errorf("%d lookups, want %d", n, tt.asked)
			}
		})
	}
}

// Results in our own name are taken out of any mail on its way in, however the name
// is written, and not one octet besides.
func TestForgedResultsOfOtherMail(t *testing.T) {
	const rest = "From: ben@partner.example\r\nAuthentication-Results: other.example; dkim=pass\r\nX-Authentication-Results: relay.example; dkim=pass\r\n" +
		"Subject: caf\xc3\xa9 \r\n\r\nAuthentication-Results: relay.example; dkim=pass\r\n\r\ntext\r\n"
	forms := map[string]string{
		"plain":             "Authentication-Results: relay.example; dkim=pass\r\n",
		"final dot":         "Authentication-Results: relay.example.; dkim=pass\r\n",
		"case":              "AUTHENTICATION-RESULTS:Relay.EXAMPLE;dkim=pass\r\n",
		"comments":          "Authentication-Results: (a (b)) relay.example (c) ; dkim=pass\r\n",
		"folded":            "Authentication-Results:\r\n\t(x\r\n y)\r\n relay.example;\r\n dkim=pass\r\n",
		"version":           "Authentication-Results: relay.example 1; dkim=pass\r\n",
		"quoted":            "Authentication-Results: \"relay.\\example\"; dkim=pass\r\n",
		"blank in the name": "Authentication-Results : relay.example; dkim=pass\r\n",
		"none":              "Authentication-Results: relay.example; none\r\n",
	}
	tests := []struct {
		name, policy, mode string
		direction          config.Direction
		stays              bool
	}{
		{"verify", "verify", "fix", config.Inbound, false},
		{"observe", "verify", "observe", config.Inbound, true},
		{"off", "verify", "off", config.Inbound, true},
		{"keep", "keep", "fix", config.Inbound, true},
		{"outbound", "verify", "fix", config.Outbound, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(cfg *config.Config) {
				cfg.Listeners[0].Direction = tt.direction
				cfg.Routes[0].Domains = []string{"rcpt.example"}
				cfg.Rewrite.DKIM, cfg.Rewrite.Mode = config.DKIM(tt.policy), config.RewriteMode(tt.mode)
			})
			c := r.hello("plain")
			for name, field := range forms {
				mail := "Received: from x\r\n" + field + rest
				c.envelope()
				c.say("DATA", "354")
				c.send(strings.ReplaceAll(mail, "\r\n.", "\r\n..") + ".\r\n")
				c.expect("250")
				want := mail
				if !tt.stays {
					want = "Received: from x\r\n" + rest
				}
				bodies := r.hop.bodies()
				if got := bodies[len(bodies)-1]; got != want {
					t.Errorf("%s: got\n%q\nwant\n%q", name, got, want)
				}
			}
		})
	}
}
