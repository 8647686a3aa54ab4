package relay

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
)

// fakeDNS answers with what stands under a name, or with err.
type fakeDNS struct {
	records map[string]string
	err     error
	wait    bool // until the context ends
	asked   atomic.Int32
}

func (d *fakeDNS) LookupTXT(ctx context.Context, name string) ([]string, error) {
	d.asked.Add(1)
	switch r, ok := d.records[name]; {
	case d.wait:
		<-ctx.Done()
		return nil, ctx.Err()
	case d.err != nil:
		return nil, d.err
	case ok:
		return []string{r}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// signer signs with a key of its own, which dns publishes.
func signer(t *testing.T) (sign func(mail string) string, dns *fakeDNS) {
	t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	public := base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	dns = &fakeDNS{records: map[string]string{"s1._domainkey.partner.example": "v=DKIM1; k=ed25519; p=" + public}}
	return func(mail string) string {
		var out bytes.Buffer
		o := &dkim.SignOptions{Domain: "partner.example", Selector: "s1", Signer: crypto.Signer(key), HeaderKeys: []string{"From", "Subject"}}
		if err := dkim.Sign(&out, strings.NewReader(mail), o); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}, dns
}

const signedMail = "From: ben@partner.example\r\nSubject: hello\r\n\r\nbody\r\n"

func TestVerifyDKIM(t *testing.T) {
	sign, dns := signer(t)
	signed := sign(signedMail)
	broken := strings.Replace(signed, "body\r\n", "other\r\n", 1)
	temporary := &fakeDNS{err: &net.DNSError{Err: "server misbehaving", IsTemporary: true}}
	tests := []struct {
		name, mail string
		dns        Resolver
		want       string
	}{
		{"not signed", signedMail, dns, "[]"},
		{"good", signed, dns, "[{pass partner.example }]"},
		{"changed on the way", broken, dns, "[{fail partner.example body hash did not verify}]"},
		{"no key", signed, &fakeDNS{}, "[{permerror partner.example no key for signature: there is no such record}]"},
		{"no answer", signed, temporary, "[{temperror partner.example key unavailable: the lookup failed}]"},
		{"odd resolver", signed, &fakeDNS{err: errors.New("\r\nX: y")}, "[{temperror partner.example key unavailable: the lookup failed}]"},
		{"key too long", signed, &fakeDNS{records: map[string]string{"s1._domainkey.partner.example": strings.Repeat("x", maxKeyRecord+1)}},
			"[{permerror partner.example no key for signature: the record is too long}]"},
		{"two", sign(signed), dns, "[{pass partner.example } {pass partner.example }]"},
		{"many", sign(sign(sign(sign(sign(signedMail))))), dns, "[{pass partner.example } {pass partner.example } {pass partner.example } {policy  more than 3 signatures}]"},
		{"odd domain", strings.ReplaceAll(signed, "partner.example", "a\"b"), dns, "[{permerror  no key for signature: selector and domain do not form a valid name}]"},
		{"no end of the header", "DKIM-Signature: x\r\n", dns, "[{policy  the header is too long}]"},
		{"no signature in it", "DKIM-Signature: \x00\xff\r\nFrom: a@b\r\n\r\n", dns, "permerror"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found := verifyDKIM(context.Background(), tt.dns, strings.NewReader(tt.mail), int64(len(tt.mail)))
			got := fmt.Sprint(found)
			if got != tt.want && (tt.want != "permerror" || found[0].result != tt.want) {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			for line := range strings.SplitSeq(strings.TrimSuffix(authResults("relay.example", found), "\r\n"), "\r\n") {
				if strings.ContainsAny(line, "\r\n\x00") {
					t.Errorf("line %q", line)
				}
			}
		})
	}
}

// A resolver that never answers keeps nothing from going on.
func TestVerifyDKIMInTime(t *testing.T) {
	sign, _ := signer(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	signed := sign(signedMail)
	found := verifyDKIM(ctx, &fakeDNS{wait: true}, strings.NewReader(signed), int64(len(signed)))
	if got := fmt.Sprint(found); got != "[{temperror partner.example key unavailable: no response in time}]" {
		t.Errorf("got %s", got)
	}
}

func FuzzVerifyDKIM(f *testing.F) {
	f.Add(signedMail)
	f.Add("DKIM-Signature: v=1; a=ed25519-sha256; d=partner.example; s=s1; h=From; bh=; b=\r\nFrom: a@b\r\n\r\nx")
	f.Add("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/x; d=partner.example; s=s1; h=From:DKIM-Signature; l=1; q=dns/txt; bh=AA==; b=AA==\r\n\r\n")
	dns := &fakeDNS{records: map[string]string{"s1._domainkey.partner.example": "v=DKIM1; k=ed25519; p=" + strings.Repeat("A", 43) + "="}}
	f.Fuzz(func(t *testing.T, mail string) {
		found := verifyDKIM(context.Background(), dns, strings.NewReader(mail), int64(len(mail)))
		field := authResults("relay.example", found)
		if len(found) > maxSignatures+1 || strings.Count(field, "\r\n") != strings.Count(field, ";\r\n\t")+1 || !envelope.IsASCII(field) {
			t.Errorf("%v\n%q", found, field)
		}
	})
}

// The signature of what came is recorded on what goes on, only where something
// was changed; what claimed to be ours before is gone.
func TestAuthenticationResults(t *testing.T) {
	sign, dns := signer(t)
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
			})
			r.hop.profile = "exchange2003"
			dns.asked.Store(0)
			r.srv.opt.DNS = dns
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
			if n := dns.asked.Load(); n != tt.asked {
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
