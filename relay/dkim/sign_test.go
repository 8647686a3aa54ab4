package dkim

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// pieces is a message that is written in pieces of n octets.
type pieces struct {
	text string
	n    int
}

func (p pieces) WriteTo(w io.Writer) (done int64, err error) {
	for rest := p.text; len(rest) > 0; {
		n := min(p.n, len(rest))
		if _, err := io.WriteString(w, rest[:n]); err != nil {
			return done, err
		}
		done, rest = done+int64(n), rest[n:]
	}
	return done, nil
}

// testKeys are an RSA and an Ed25519 key of example.com, with their records.
func testKeys(t *testing.T) ([]Key, map[string]string) {
	t.Helper()
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	keys := []Key{{Domain: "example.com", Selector: "r1", Signer: r},
		{Domain: "example.com", Selector: "e1", Signer: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))}}
	records := make(map[string]string)
	for _, k := range keys {
		if records[k.Name()], err = Record(k.Signer.Public()); err != nil {
			t.Fatal(err)
		}
	}
	return keys, records
}

const head = "From: Anna <anna@example.com>\r\nTo: ben@partner.example\r\nSubject: caf\xc3\xa9\r\nDate: Thu, 1 Jan 2026 09:00:00 +0000\r\n"

// What is signed is accepted by programs that are not ours, and refused by them
// after a change.
func TestInteropSign(t *testing.T) {
	keys, records := testKeys(t)
	verifiers, missing := smtptest.Verifiers(t, records)
	if len(missing) > 0 {
		defer t.Skip("not installed: ", missing)
	}
	for _, tt := range []struct{ name, mail string }{
		{"plain", head + "\r\nHello\r\n"},
		{"empty body", head + "\r\n"},
		{"only a header", head},
		{"only a header, without its line end", strings.TrimSuffix(head, "\r\n")},
		{"no line end", head + "\r\nHello"},
		{"empty lines at the end", head + "\r\nHello\r\n\r\n\r\n"},
		{"white space", head + "X: a \t b\r\n\tc \r\n\r\n \t\r\n  Hello  \t you \r\n \r\n"},
		{"dots", head + "\r\n.\r\n..\r\n.x\r\n"},
		{"8-bit", head + "\r\ncaf\xe9 \xff\xfe\r\n"},
		{"fields twice", "List-Post: a\r\nReceived: x\r\n" + head + "Received: y\r\nList-Post: b\r\n\r\nHello\r\n"},
		{"large", head + "\r\n" + strings.Repeat(strings.Repeat("Hello ", 12)+"\r\n", 20_000)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, key := range keys {
				fields, err := Sign(pieces{tt.mail, 1 << 16}, []Key{key})
				if err != nil {
					t.Fatal(err)
				}
				if len(tt.mail) < 1000 {
					if other, err := Sign(pieces{tt.mail, 1}, []Key{key}); err != nil || !sameHashes(other, fields) {
						t.Errorf("in pieces: %v\n%s%s", err, other, fields)
					}
				}
				for _, v := range verifiers {
					mail := tt.mail
					if !strings.Contains(mail, "\r\n\r\n") { // what a verifier reads as a message
						mail = strings.TrimSuffix(mail, "\r\n") + "\r\n\r\n"
					}
					if err := v.Verify(fields + mail); err != nil {
						t.Errorf("%s, %s: %v\n%s", v.Name, key.Selector, err, fields)
					}
					if tt.name == "plain" && v.Verify(fields+strings.Replace(mail, "caf", "CAF", 1)) == nil {
						t.Errorf("%s, %s accepts a changed message", v.Name, key.Selector)
					}
				}
			}
		})
	}
}

// sameHashes reports whether two signatures have the same body hash; all else has
// the time.
func sameHashes(a, b string) bool {
	hash := func(s string) string { _, s, _ = strings.Cut(s, "bh="); s, _, _ = strings.Cut(s, ";"); return s }
	return hash(a) == hash(b) && hash(a) != ""
}

// A field that is added to a signed message breaks the signature.
func TestAddedFieldBreaksSignature(t *testing.T) {
	keys, records := testKeys(t)
	verifiers, _ := smtptest.Verifiers(t, records)
	mail := head + "\r\nHello\r\n"
	fields, err := Sign(pieces{mail, 100}, keys)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		field string
		good  bool
	}{
		{"", true}, {"Received: x\r\n", true}, {"X-Spam: no\r\n", true},
		{"From: ceo@bank.example\r\n", false}, {"Subject: pay\r\n", false}, {"Cc: x@y.example\r\n", false},
		{"Content-Type: text/html\r\n", false}, {"Reply-To: x@y.example\r\n", false}, {"Date: today\r\n", false},
	} {
		if err := verifiers[0].Verify(tt.field + fields + mail); (err == nil) != tt.good {
			t.Errorf("%q: %v", tt.field, err)
		}
	}
}

type badSigner struct{ crypto.Signer }

func (badSigner) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("no entropy")
}

func TestSignErrors(t *testing.T) {
	keys, _ := testKeys(t)
	for _, tt := range []struct {
		name string
		msg  io.WriterTo
		keys []Key
		want string
	}{
		{"no key", pieces{head, 100}, nil, "no key"},
		{"long header", pieces{"From: a@example.com\r\n" + strings.Repeat("X: y\r\n", MaxHeader/6+1) + "\r\n", 1000}, keys, "more than"},
		{"long header at once", pieces{"From: a@example.com\r\n" + strings.Repeat("X: y\r\n", MaxHeader/6+1) + "\r\n", 1 << 30}, keys, "more than"},
		{"many fields", pieces{strings.Repeat("To: a@example.com\r\n", 400) + "\r\n", 1000}, keys, "too many"},
		{"signer", pieces{head + "\r\n", 1000}, []Key{keys[1], {Domain: "example.com", Selector: "x", Signer: badSigner{keys[0].Signer}}}, "x._domainkey.example.com: no entropy"},
		{"source", failing{}, keys, "disk"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fields, err := Sign(tt.msg, tt.keys)
			if err == nil || !strings.Contains(err.Error(), tt.want) || fields != "" {
				t.Errorf("%q, %v", fields, err)
			}
		})
	}
}

// failing is a message that cannot be read to its end.
type failing struct{}

func (failing) WriteTo(w io.Writer) (int64, error) {
	n, _ := io.WriteString(w, head+"\r\nHello")
	return int64(n), errors.New("disk")
}

func BenchmarkSign(b *testing.B) {
	key := Key{Domain: "example.com", Selector: "e1", Signer: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))}
	mail := pieces{head + "\r\n" + strings.Repeat(strings.Repeat("Hello ", 12)+"\r\n", 1<<20/74), 32 << 10}
	b.SetBytes(int64(len(mail.text)))
	for b.Loop() {
		if _, err := Sign(mail, []Key{key}); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzSign: whatever the message, it gets a signature that is valid, or an error.
func FuzzSign(f *testing.F) {
	for _, s := range []string{head + "\r\nHello\r\n", "From: a@example.com\n\nx", "From: \"a, (b <c@d>\r\n\r\n", "\r\n\r\n", "From: a@example.com\r\n x\r\n\r\n\r\n \r\n\t\r\n", "x\r\n\r\ny", ": x\r\n\r\n"} {
		f.Add([]byte(s), uint8(3))
	}
	key := Key{Domain: "example.com", Selector: "e1", Signer: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))}
	keys := NewKeys([]Key{key})
	f.Fuzz(func(t *testing.T, in []byte, piece uint8) {
		c := keys.Choose(in)
		if len(c.Keys) > 0 && c.Why != "" {
			t.Errorf("%+v", c)
		}
		whole, err := Sign(pieces{string(in), len(in) + 1}, []Key{key})
		again, err2 := Sign(pieces{string(in), 1 + int(piece)}, []Key{key})
		if (err == nil) != (err2 == nil) || err == nil && !sameHashes(whole, again) {
			t.Errorf("%v, %v\n%s%s", err, err2, whole, again)
		}
	})
}
