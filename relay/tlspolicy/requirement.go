package tlspolicy

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Kind is where a requirement is from, and how far it goes.
type Kind int

const (
	DANE           Kind = iota + 1 // the certificate must match a TLSA record
	DANEEncryption                 // there are TLSA records and none is usable: any certificate (RFC 7672 §2.2)
	Enforced                       // MTA-STS, mode enforce: a certificate for the host's name
	Tested                         // MTA-STS, mode testing: a failure is reported and has no effect
)

// Requirement is what a mail exchanger must prove. It is immutable; nil requires
// nothing.
type Requirement struct {
	Kind Kind
	Host string // the name for SNI, and that a certificate must be for

	names   []string // that a certificate may be for instead of Host; DANE only
	records []tlsa
	id      string
}

// Mandatory reports whether mail must not be sent unless the requirement is met.
func (q *Requirement) Mandatory() bool { return q != nil && q.Kind != Tested }

// Authenticates reports whether a host that does not show the right certificate gets no
// mail.
func (q *Requirement) Authenticates() bool {
	return q != nil && (q.Kind == DANE || q.Kind == Enforced)
}

// ID distinguishes requirements: two connections are interchangeable only if theirs are
// equal.
func (q *Requirement) ID() string {
	if q == nil {
		return ""
	}
	return q.id
}

func (q *Requirement) String() string {
	if q == nil {
		return ""
	}
	switch q.Kind {
	case DANE:
		return "dane"
	case DANEEncryption:
		return "dane-encryption"
	case Enforced:
		return "mta-sts"
	}
	return "mta-sts-testing"
}

// identify fills in the ID.
func (q *Requirement) identify() *Requirement {
	h := sha256.New()
	fmt.Fprintf(h, "%d %s %q", q.Kind, q.Host, q.names)
	for _, r := range q.records {
		fmt.Fprintf(h, " %d %d %d %x", r.usage, r.selector, r.matching, r.data)
	}
	q.id = hex.EncodeToString(h.Sum(nil)[:16])
	return q
}

// Apply makes a TLS configuration check the requirement: the handshake fails if it is
// mandatory and not met. Otherwise failed is called.
func (q *Requirement) Apply(cfg *tls.Config, now func() time.Time, failed func(error)) {
	roots := cfg.RootCAs
	cfg.ServerName, cfg.InsecureSkipVerify = q.Host, true // checked below instead
	if q.Mandatory() {
		cfg.MinVersion, cfg.CipherSuites = tls.VersionTLS12, nil
	}
	cfg.VerifyConnection = func(state tls.ConnectionState) error {
		err := q.check(state.PeerCertificates, roots, now())
		if err != nil && !q.Mandatory() {
			failed(err)
			return nil
		}
		return err
	}
}

// check judges the chain of certificates that a host has shown.
func (q *Requirement) check(chain []*x509.Certificate, roots *x509.CertPool, now time.Time) error {
	switch {
	case q.Kind == DANEEncryption:
		return nil
	case len(chain) == 0:
		return errors.New("the server shows no certificate")
	case q.Kind == DANE:
		return q.checkDANE(chain, now)
	}
	if _, err := chain[0].Verify(x509.VerifyOptions{DNSName: q.Host, Roots: roots, Intermediates: pool(chain[1:]), CurrentTime: now}); err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: chain, Err: err}
	}
	return nil
}

func pool(certs []*x509.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	for _, c := range certs {
		p.AddCert(c)
	}
	return p
}
