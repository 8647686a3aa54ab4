package config

import (
	"bytes"
	"crypto"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

// Certificate names a certificate with its key: two files in PEM, one in PKCS #12
// (PFX) with a password, or one in the Windows certificate store of the machine.
type Certificate struct {
	Cert         string // a file, "store:thumbprint:…" or "store:subject:…"
	Key          string // with a file in PEM
	PasswordFile string // of a PFX file; its first line is the password
}

// Certificate is the listener's certificate.
func (t *ListenerTLS) Certificate() Certificate {
	return Certificate{t.Cert, t.Key, t.CertPasswordFile}
}

// Certificate returns the client certificate for the next hop.
func (r *Route) Certificate() Certificate { return Certificate{r.Cert, r.Key, r.CertPasswordFile} }

// CertificateUse is a certificate and the key of the configuration that names it.
type CertificateUse struct {
	Path     string // "listener[0].tls.cert"
	Hostname string // that the certificate must be valid for; "" for that of a route
	Certificate
}

// Certificates returns all certificates of the configuration.
func (c *Config) Certificates() []CertificateUse {
	var list []CertificateUse
	for i := range c.Listeners {
		if t := &c.Listeners[i].TLS; t.Mode != ListenerTLSOff && t.Cert != "" {
			list = append(list, CertificateUse{element("listener", i) + ".tls.cert", c.Hostname, t.Certificate()})
		}
	}
	for i := range c.Routes {
		if r := &c.Routes[i]; r.Cert != "" {
			list = append(list, CertificateUse{element("route", i) + ".cert", "", r.Certificate()})
		}
	}
	return list
}

const storePrefix = "store:"

// InStore reports whether the certificate is in the Windows certificate store.
func (c Certificate) InStore() bool { return strings.HasPrefix(c.Cert, storePrefix) }

// files are those that are read for it.
func (c Certificate) files() []string {
	if c.InStore() {
		return nil
	}
	return []string{c.Cert, c.Key, c.PasswordFile}
}

// Load reads the certificate. Its Leaf is set.
func (c Certificate) Load() (*tls.Certificate, error) {
	if c.InStore() {
		return c.fromStore()
	}
	if c.Key != "" {
		return fromPEM(c.Cert, c.Key)
	}
	return c.fromPFX()
}

var (
	errPassword    = errors.New("the password is wrong")
	errKeyNotNamed = errors.New("it is PEM, and the key is not named")
	errNoKey       = errors.New("it is a certificate without its key")
)

// fromPFX reads a file as Windows exports it.
func (c Certificate) fromPFX() (*tls.Certificate, error) {
	octets, err := os.ReadFile(c.Cert)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(bytes.TrimSpace(octets), []byte("-----BEGIN")) {
		return nil, errKeyNotNamed
	}
	password := ""
	if c.PasswordFile != "" {
		text, err := os.ReadFile(c.PasswordFile)
		if err != nil {
			return nil, err
		}
		password, _, _ = strings.Cut(string(PlainText(text)), "\n")
		password = strings.TrimSuffix(password, "\r")
	}
	key, leaf, chain, err := pkcs12.DecodeChain(octets, password)
	if errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return nil, errPassword
	}
	if err != nil {
		if _, not := x509.ParseCertificate(octets); not == nil {
			return nil, errNoKey
		}
		return nil, fmt.Errorf("it is no whole PFX file: %w", err)
	}
	return certificateOf(key, leaf, chain)
}

func certificateOf(key crypto.PrivateKey, leaf *x509.Certificate, chain []*x509.Certificate) (*tls.Certificate, error) {
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("its key cannot sign")
	}
	if public, ok := leaf.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); !ok || !public.Equal(signer.Public()) {
		return nil, errors.New("its key belongs to another certificate")
	}
	cert := &tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: signer, Leaf: leaf}
	for _, c := range chain {
		if !c.Equal(leaf) {
			cert.Certificate = append(cert.Certificate, c.Raw)
		}
	}
	return cert, nil
}

// matches reports whether a certificate of the store is the one that is named.
func (c Certificate) matches(cert *x509.Certificate) bool {
	kind, value, _ := strings.Cut(strings.TrimPrefix(c.Cert, storePrefix), ":")
	if kind == "thumbprint" {
		sum := sha1.Sum(cert.Raw)
		return thumbprint(value) == hex.EncodeToString(sum[:])
	}
	return strings.EqualFold(cert.Subject.CommonName, value) ||
		slices.ContainsFunc(cert.DNSNames, func(name string) bool { return strings.EqualFold(name, value) })
}

// thumbprint is what an administrator copied from the certificate's window: with
// blanks, in capitals, and with an invisible mark in front.
func thumbprint(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if strings.ContainsRune("0123456789abcdefABCDEF", r) {
			return r
		}
		return -1
	}, s))
}

// OtherName returns an error with the names in the certificate when the host name is
// not one of them.
func OtherName(leaf *x509.Certificate, hostname string) error {
	if err := leaf.VerifyHostname(hostname); err != nil {
		return errors.New("the certificate is for another name: " + strings.TrimPrefix(err.Error(), "x509: "))
	}
	return nil
}

// DaysLeft returns how many whole days a certificate is still valid; negative when
// it has expired.
func DaysLeft(leaf *x509.Certificate, now time.Time) int {
	left := leaf.NotAfter.Sub(now)
	if left < 0 {
		return -1
	}
	return int(left / (24 * time.Hour))
}
