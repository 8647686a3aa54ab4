package config_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/reconvene/reconvene/config"
)

// pfx writes a certificate that ends at a time, with the authority that issued it.
func pfx(t *testing.T, encoder *pkcs12.Encoder, file, password string, end time.Time) {
	t.Helper()
	issue := func(name string, template, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		template.SerialNumber, template.Subject = big.NewInt(1), pkix.Name{CommonName: name}
		template.NotBefore, template.NotAfter, template.DNSNames = time.Now().Add(-time.Hour), end, []string{name}
		if parent == nil {
			parent, parentKey = template, key
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), parentKey)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return cert, key
	}
	ca, caKey := issue("ca.example.com", &x509.Certificate{IsCA: true, BasicConstraintsValid: true}, nil, nil)
	leaf, key := issue("smarthost.example.com", &x509.Certificate{}, ca, caKey)
	octets, err := encoder.Encode(key, leaf, []*x509.Certificate{ca}, password)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, octets, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A PFX file of each kind that Windows writes, with the chain that is in it.
func TestPFX(t *testing.T) {
	for name, encoder := range map[string]*pkcs12.Encoder{"AES256": pkcs12.Modern2023, "3DES": pkcs12.LegacyDES, "RC2": pkcs12.LegacyRC2} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			c := config.Certificate{Cert: filepath.Join(dir, "cert.pfx"), PasswordFile: filepath.Join(dir, "secret")}
			pfx(t, encoder, c.Cert, "pässword", time.Now().Add(time.Hour))
			for text, want := range map[string]string{"pässword\r\n": "", "pässword": "", "\ufeffpässword\nmore": "", "other\n": "the password is wrong"} {
				if err := os.WriteFile(c.PasswordFile, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				pair, err := c.Load()
				switch {
				case want != "" && (err == nil || err.Error() != want):
					t.Errorf("%q: %v, want %s", text, err, want)
				case want == "" && err != nil:
					t.Errorf("%q: %v", text, err)
				case want == "" && (len(pair.Certificate) != 2 || pair.Leaf.Subject.CommonName != "smarthost.example.com"):
					t.Errorf("%d certificates for %s", len(pair.Certificate), pair.Leaf.Subject)
				}
			}
		})
	}
}

// What check says of certificates: warnings 30 days before the end, errors that say
// what to write.
func TestCheckCertificates(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	day := 24 * time.Hour
	for name, end := range map[string]time.Duration{"far.pfx": 90 * day, "soon.pfx": 29*day + time.Hour, "gone.pfx": -time.Minute} {
		pfx(t, pkcs12.Modern2023, filepath.Join(dir, name), "x", time.Now().Add(end))
	}
	pair, err := config.Certificate{Cert: filepath.Join(dir, "far.pfx"), PasswordFile: secret}.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "leaf.cer"), pair.Leaf.Raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "cert.pem"), []byte("-----BEGIN CERTIFICATE-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		tls, says string
		good      bool
	}{
		{`cert = "far.pfx"`, "", true},
		{`cert = "soon.pfx"`, "in 29 days", true},
		{`cert = "gone.pfx"`, "expired on", true},
		{`cert = "cert.pem"`, "the key is not named", false},
		{`cert = "leaf.cer"`, "it is a certificate without its key; export it as PFX (PKCS #12) with its private key", false},
		{`cert = "none.pfx"`, "cannot be read", false},
		{`cert = "store:thumbprint:12 34"`, "is not a thumbprint of 40", false},
		{`cert = "store:name:x"`, "names no certificate of the store", false},
		{`cert = "store:subject:"`, "names no certificate of the store", false},
	} {
		t.Run(c.tls, func(t *testing.T) {
			file := filepath.Join(dir, "reconvene.toml")
			text := fmt.Sprintf("hostname = \"smarthost.example.com\"\n[[listener]]\naddress = \"127.0.0.1:0\"\n[listener.tls]\nmode = \"optional\"\n"+
				"%s\ncert_password_file = \"secret\"\n[[route]]\nvia = [\"192.0.2.1:25\"]\n[admin]\naddress = \"\"\n", c.tls)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			cfg, problems := config.Check(file, nil)
			said := fmt.Sprint(problems)
			if (cfg != nil) != c.good || !strings.Contains(said, c.says) || c.says == "" && len(problems) > 0 {
				t.Errorf("good %v, want %v; %q is not in %s", cfg != nil, c.good, c.says, said)
			}
		})
	}
}
