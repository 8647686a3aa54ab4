package delivery

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/smtptest"
)

const signedMail = "From: ben@partner.example\r\nSubject: hello\r\n\r\nbody\r\n"

func TestVerifyDKIM(t *testing.T) {
	sign, dns := smtptest.Signer(t)
	signed := sign(signedMail)
	broken := strings.Replace(signed, "body\r\n", "other\r\n", 1)
	temporary := &smtptest.Keys{Err: &net.DNSError{Err: "server misbehaving", IsTemporary: true}}
	tests := []struct {
		name, mail string
		dns        Resolver
		want       string
	}{
		{"not signed", signedMail, dns, "[]"},
		{"good", signed, dns, "[{pass partner.example }]"},
		{"changed on the way", broken, dns, "[{fail partner.example body hash did not verify}]"},
		{"no key", signed, &smtptest.Keys{}, "[{permerror partner.example no key for signature: there is no such record}]"},
		{"no answer", signed, temporary, "[{temperror partner.example key unavailable: the lookup failed}]"},
		{"odd resolver", signed, &smtptest.Keys{Err: errors.New("\r\nX: y")}, "[{temperror partner.example key unavailable: the lookup failed}]"},
		{"key too long", signed, &smtptest.Keys{Records: map[string]string{"s1._domainkey.partner.example": strings.Repeat("x", maxKeyRecord+1)}},
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
	sign, _ := smtptest.Signer(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	signed := sign(signedMail)
	found := verifyDKIM(ctx, &smtptest.Keys{Wait: true}, strings.NewReader(signed), int64(len(signed)))
	if got := fmt.Sprint(found); got != "[{temperror partner.example key unavailable: no response in time}]" {
		t.Errorf("got %s", got)
	}
}

func FuzzVerifyDKIM(f *testing.F) {
	f.Add(signedMail)
	f.Add("DKIM-Signature: v=1; a=ed25519-sha256; d=partner.example; s=s1; h=From; bh=; b=\r\nFrom: a@b\r\n\r\nx")
	f.Add("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/x; d=partner.example; s=s1; h=From:DKIM-Signature; l=1; q=dns/txt; bh=AA==; b=AA==\r\n\r\n")
	dns := &smtptest.Keys{Records: map[string]string{"s1._domainkey.partner.example": "v=DKIM1; k=ed25519; p=" + strings.Repeat("A", 43) + "="}}
	f.Fuzz(func(t *testing.T, mail string) {
		found := verifyDKIM(context.Background(), dns, strings.NewReader(mail), int64(len(mail)))
		field := authResults("relay.example", found)
		if len(found) > maxSignatures+1 || strings.Count(field, "\r\n") != strings.Count(field, ";\r\n\t")+1 || !envelope.IsASCII(field) {
			t.Errorf("%v\n%q", found, field)
		}
	})
}
