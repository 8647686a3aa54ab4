package relay

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/dkim"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// signingConfig writes an RSA and an Ed25519 key for a domain, and returns the records
// in DNS for them.
func signingConfig(t *testing.T, domain string, foreign config.Foreign) ([]config.Signing, map[string]string) {
	t.Helper()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var list []config.Signing
	records := make(map[string]string)
	for selector, key := range map[string]any{"r1": rsaKey, "e1": edKey} {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), selector+".pem")
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		s := config.Signing{Domain: domain, Selector: selector, KeyFile: file, Foreign: foreign}
		list = append(list, s)
		private, err := s.Load()
		if err != nil {
			t.Fatal(err)
		}
		if records[selector+"._domainkey."+domain], err = dkim.Record(private.Public()); err != nil {
			t.Fatal(err)
		}
	}
	return list, records
}

// toSign is a meeting that is repaired: its revision is in a property of Exchange only.
const toSign = "From: Anna <anna@example.com>\r\nTo: ben@partner.example\r\nSubject: Budget\r\nDate: Thu, 1 Jan 2026 09:00:00 +0000\r\nMessage-ID: <1@example.com>\r\n" +
	"MIME-Version: 1.0\r\nContent-Type: text/calendar; method=CANCEL; charset=utf-8\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nPRODID:x\r\nVERSION:2.0\r\n" +
	"BEGIN:VEVENT\r\nUID:1@sender.example\r\nDTSTAMP:20260101T090000Z\r\nDTSTART:20260202T090000Z\r\nDTEND:20260202T100000Z\r\n" +
	"ORGANIZER:mailto:anna@example.com\r\nATTENDEE:mailto:ben@partner.example\r\nSEQUENCE:0\r\nX-MICROSOFT-CDO-APPT-SEQUENCE:3\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

const signedHead = "From: Anna <anna@example.com>\r\nTo: ben@partner.example\r\nSubject: Budget\r\nDate: Thu, 1 Jan 2026 09:00:00 +0000\r\nMessage-ID: <1@example.com>\r\n"

// What leaves has signatures that other programs accept, whatever was done to the
// message, by DATA and by BDAT.
func TestInteropSigned(t *testing.T) {
	keys, records := signingConfig(t, "example.com", config.ForeignSkip)
	verifiers, missing := smtptest.Verifiers(t, records)
	if len(missing) > 0 {
		defer t.Skip("not installed: ", missing)
	}
	for _, way := range []struct{ name, keyword string }{{"DATA", ""}, {"BDAT", "CHUNKING"}} {
		r, p := throughRelayWith(t, func(cfg *config.Config) {
			cfg.DKIM = keys
			cfg.Rewrite.Header = true
			cfg.Listeners[0].MaxSize, cfg.Listeners[0].BareNewlines = 50e6, config.ConvertNewlines
		}, func(p *smtptest.Peer) {
			if way.keyword != "" {
				p.Keywords = append(p.Keywords, way.keyword)
			}
		})
		for _, tt := range []struct{ name, mail, want string }{
			{"repaired", toSign, "\r\nSEQUENCE:3\r\n"},
			{"dots", signedHead + "\r\n.\r\n..\r\n.x\r\n", "\r\n.\r\n..\r\n.x\r\n"},
			{"8-bit", signedHead + "\r\ncaf\xe9\r\n", "caf\xe9"},
			{"no line end", signedHead + "\r\nx", "x"},
			{"bare LF", signedHead + "\r\na\nb\r\n", "b"},
			{"bare CR", signedHead + "\r\na\rb\r\n", "\r\na\r\nb\r\n"},
			{"25 MB", signedHead + "\r\n" + strings.Repeat(strings.Repeat("Hello ", 12)+"\r\n", 25_000_000/74), "Hello"},
		} {
			if (len(tt.mail) > 1e6 || tt.name == "bare CR") && way.keyword != "" {
				continue
			}
			t.Run(way.name+", "+tt.name, func(t *testing.T) {
				got := sendThrough(t, r, p, tt.mail)
				if !strings.HasPrefix(got, "DKIM-Signature: ") || strings.Count(got, "DKIM-Signature: ") != 2 || !strings.Contains(got, tt.want) {
					t.Fatalf("arrived: %.2000s", got)
				}
				for _, v := range verifiers {
					if err := v.Verify(got); err != nil {
						t.Errorf("%s: %v", v.Name, err)
					}
				}
			})
		}
		want := 7
		if way.keyword != "" {
			want -= 2 // a large one once is enough; by chunks a bare CR stays, and verifiers differ in how they read it
		}
		if log := r.log.String(); strings.Count(log, "._domainkey.example.com,") != want || strings.Contains(log, "msg=not-signed") {
			t.Errorf("log: %.3000s", log)
		}
	}
}

// sendThrough sends a mail and returns what the next hop got.
func sendThrough(t *testing.T, r *rig, p *smtptest.Peer, mail string) string {
	t.Helper()
	before := len(p.Took())
	c := r.hello("plain")
	c.t = t
	c.envelope()
	c.send(fmt.Sprintf("BDAT %d LAST\r\n%s", len(mail), mail))
	c.expect("250")
	took := p.Took()
	if len(took) != before+1 {
		t.Fatalf("%d messages", len(took)-before)
	}
	return took[before].Body
}

// Which messages are signed, and what becomes of those that have a signature.
func TestSigningPolicy(t *testing.T) {
	const foreign = "DKIM-Signature: v=1; a=rsa-sha256; d=list.example; s=x; h=from; bh=x; b=y\r\n"
	const own = "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=x; h=from; bh=x; b=y\r\n"
	large := strings.Repeat(strings.Repeat("Hello ", 12)+"\r\n", 4000)
	for _, tt := range []struct {
		name     string
		foreign  config.Foreign
		mail     string
		inbound  bool
		signed   bool
		repaired bool
		log      string // "" no line about it
	}{
		{"repaired", config.ForeignSkip, toSign, false, true, true, ""},
		{"text", config.ForeignSkip, signedHead + "\r\nx\r\n", false, true, false, ""},
		{"large", config.ForeignSkip, signedHead + "\r\n" + large, false, true, false, ""},
		{"inbound", config.ForeignSkip, toSign, true, false, true, ""},
		{"other author", config.ForeignSkip, strings.ReplaceAll(toSign, "@example.com", "@other.example"), false, false, true, ""},
		{"signed by another", config.ForeignSkip, foreign + toSign, false, true, false, ""},
		{"signed by another, resigned", config.ForeignResign, foreign + toSign, false, true, true, ""},
		{"signed by the domain", config.ForeignSkip, own + toSign, false, false, false, ""},
		{"signed by the domain, resigned", config.ForeignResign, own + toSign, false, true, true, ""},
		{"signed by a person", config.ForeignResign, foreign + strings.Replace(toSign, "Content-Type: text/calendar; method=CANCEL; charset=utf-8\r\n\r\n", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"+
			"Content-Type: text/calendar; method=CANCEL; charset=utf-8\r\n\r\n", 1) + "--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n", false, true, false, ""},
		{"authors of two domains", config.ForeignSkip, "From: a@example.com, b@other.example\r\n\r\nx\r\n", false, false, false, "different domains"},
		{"authors of two domains, large", config.ForeignSkip, "From: a@example.com, b@other.example\r\n\r\n" + large, false, false, false, "different domains"},
		{"too many fields", config.ForeignSkip, strings.Repeat("To: b@partner.example\r\n", 500) + toSign, false, false, true, "too many header fields"},
		{"too many fields, resigned", config.ForeignResign, foreign + strings.Repeat("To: b@partner.example\r\n", 500) + toSign, false, false, false, "too many header fields"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			keys, records := signingConfig(t, "example.com", tt.foreign)
			r, p := throughRelayWith(t, func(cfg *config.Config) {
				cfg.DKIM = keys
				if tt.inbound {
					cfg.Listeners[0].Direction = config.Inbound
				}
			}, nil)
			if tt.inbound {
				setup := *r.srv.setup.Load()
				cfg := *setup.cfg
				cfg.Routes[0].Domains = []string{"rcpt.example"}
				if err := r.srv.Reload(&cfg); err != nil {
					t.Fatal(err)
				}
			}
			got := sendThrough(t, r, p, tt.mail)
			if signed := strings.HasPrefix(got, "DKIM-Signature: a="); signed != tt.signed {
				t.Errorf("signed: %v\n%.1500s", signed, got)
			}
			if signed := strings.Contains(r.log.String(), "signed="); signed != tt.signed {
				t.Errorf("signed in the log: %v: %s", signed, r.log)
			}
			if repaired := strings.Contains(got, "\r\nSEQUENCE:3\r\n"); repaired != tt.repaired {
				t.Errorf("repaired: %v\n%s", repaired, r.log)
			}
			if line := strings.Contains(r.log.String(), "msg=not-signed"); line != (tt.log != "") || !strings.Contains(r.log.String(), tt.log) {
				t.Errorf("log: %s", r.log)
			}
			if !strings.HasSuffix(got, tt.mail) && !tt.repaired {
				t.Error("the message was changed")
			}
			if tt.signed && !strings.Contains(tt.mail, "DKIM") {
				verifiers, _ := smtptest.Verifiers(t, records)
				if err := verifiers[0].Verify(got); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// A form that is sent after a refusal has signatures of its own.
func TestFallbackIsSigned(t *testing.T) {
	keys, records := signingConfig(t, "example.com", config.ForeignSkip)
	verifiers, _ := smtptest.Verifiers(t, records)
	refused := 0
	r, p := throughRelayWith(t, func(cfg *config.Config) {
		cfg.DKIM, cfg.Rewrite.OnRefuse = keys, config.RefuseFallback
	}, func(p *smtptest.Peer) {
		p.On = func(s *smtptest.Session, line string) string {
			if line != "." {
				return ""
			}
			if err := verifiers[0].Verify(s.Msg.Body); err != nil {
				t.Errorf("form %d: %v", refused+1, err)
			}
			if refused++; refused <= 2 {
				return "554 5.6.0 invalid message content"
			}
			return ""
		}
	})
	got := sendThrough(t, r, p, toSign)
	if refused != 3 || verifiers[0].Verify(got) != nil {
		t.Errorf("%d forms, the last is\n%s", refused, got)
	}
}

// After a reload the new key signs; with one that cannot be read, the old one does.
func TestSigningKeyReload(t *testing.T) {
	keys, _ := signingConfig(t, "example.com", config.ForeignSkip)
	other, records := signingConfig(t, "example.com", config.ForeignSkip)
	r, p := throughRelayWith(t, func(cfg *config.Config) { cfg.DKIM = keys }, nil)
	verifiers, _ := smtptest.Verifiers(t, records)
	if verifiers[0].Verify(sendThrough(t, r, p, signedHead+"\r\nx\r\n")) == nil {
		t.Error("signed with the new key before the reload")
	}
	cfg := *r.cfg
	cfg.DKIM = other
	if err := r.srv.Reload(&cfg); err != nil {
		t.Fatal(err)
	}
	if err := verifiers[0].Verify(sendThrough(t, r, p, signedHead+"\r\nx\r\n")); err != nil {
		t.Error(err)
	}
	bad := cfg
	bad.DKIM = []config.Signing{{Domain: "example.com", Selector: "s1", KeyFile: filepath.Join(t.TempDir(), "none.pem")}}
	if err := r.srv.Reload(&bad); err == nil || !strings.Contains(err.Error(), "dkim[0].key_file") {
		t.Errorf("a key that is not there: %v", err)
	}
	if err := verifiers[0].Verify(sendThrough(t, r, p, signedHead+"\r\nx\r\n")); err != nil {
		t.Errorf("after a rejected reload: %v", err)
	}
}
