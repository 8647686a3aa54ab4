package smtptest

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
)

// Keys answers look-ups of TXT records with the record of that name, or with Err.
type Keys struct {
	Records map[string]string
	Err     error
	Wait    bool // until the context ends
	Asked   atomic.Int32
}

// LookupTXT implements delivery.Resolver.
func (d *Keys) LookupTXT(ctx context.Context, name string) ([]string, error) {
	d.Asked.Add(1)
	switch r, ok := d.Records[name]; {
	case d.Wait:
		<-ctx.Done()
		return nil, ctx.Err()
	case d.Err != nil:
		return nil, d.Err
	case ok:
		return []string{r}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// Signer returns a function that signs with a key of its own, and the DNS with that
// key.
func Signer(t testing.TB) (sign func(mail string) string, dns *Keys) {
	t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	public := base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	dns = &Keys{Records: map[string]string{"s1._domainkey.partner.example": "v=DKIM1; k=ed25519; p=" + public}}
	return func(mail string) string {
		var out bytes.Buffer
		o := &dkim.SignOptions{Domain: "partner.example", Selector: "s1", Signer: crypto.Signer(key), HeaderKeys: []string{"From", "Subject"}}
		if err := dkim.Sign(&out, strings.NewReader(mail), o); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}, dns
}
