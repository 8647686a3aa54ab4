package tlspolicy

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/miekg/dns"
)

// Certificate usages of TLSA records (RFC 7218). Those that also want a public
// authority, 0 and 1, are not used for SMTP (RFC 7672 §3.1.3).
const (
	usageAnchor = 2 // DANE-TA
	usageHost   = 3 // DANE-EE
)

// maxTLSA bounds the records of a host that are compared.
const maxTLSA = 30

// tlsa is a usable TLSA record.
type tlsa struct {
	usage, selector, matching uint8
	data                      []byte
}

// usable returns the records that can be used: of usage, selector and matching type
// that SMTP has, and of each usage and selector only those with the stronger digest
// (RFC 7671 §9).
func usable(records []dns.RR) []tlsa {
	var list []tlsa
	for _, rr := range records {
		if r, ok := rr.(*dns.TLSA); ok && len(list) < maxTLSA {
			if t, ok := parseTLSA(r); ok {
				list = append(list, t)
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(list), func(t tlsa) bool {
		return t.matching == 1 && slices.ContainsFunc(list, func(o tlsa) bool {
			return o.usage == t.usage && o.selector == t.selector && o.matching == 2
		})
	})
}

func parseTLSA(r *dns.TLSA) (tlsa, bool) {
	data, err := hex.DecodeString(r.Certificate)
	if err != nil || len(data) == 0 || r.Usage != usageAnchor && r.Usage != usageHost || r.Selector > 1 {
		return tlsa{}, false
	}
	switch {
	case r.MatchingType == 0,
		r.MatchingType == 1 && len(data) == sha256.Size,
		r.MatchingType == 2 && len(data) == sha512.Size:
		return tlsa{r.Usage, r.Selector, r.MatchingType, data}, true
	}
	return tlsa{}, false
}

// matches reports whether a record is that of a certificate.
func (t tlsa) matches(c *x509.Certificate) bool {
	data := c.Raw
	if t.selector == 1 {
		data = c.RawSubjectPublicKeyInfo
	}
	switch t.matching {
	case 1:
		sum := sha256.Sum256(data)
		data = sum[:]
	case 2:
		sum := sha512.Sum512(data)
		data = sum[:]
	}
	return bytes.Equal(data, t.data)
}

// errNoMatch is the error of a certificate that the domain has not announced.
var errNoMatch = errors.New("the certificate matches none of the TLSA records (DANE)")

// checkDANE compares a chain with the records. For a host's own certificate neither
// names nor dates count (RFC 7672 §3.1.1); below an announced authority they do.
func (q *Requirement) checkDANE(chain []*x509.Certificate, now time.Time) error {
	err := errNoMatch
	anchors := x509.NewCertPool()
	found := false
	for _, r := range q.records {
		if r.usage == usageHost {
			if r.matches(chain[0]) {
				return nil
			}
			continue
		}
		for _, c := range chain {
			if r.matches(c) {
				anchors.AddCert(c)
				found = true
			}
		}
		// The authority itself may be in the record and not in the chain.
		if c, parsed := x509.ParseCertificate(r.data); parsed == nil && r.selector == 0 && r.matching == 0 {
			anchors.AddCert(c)
			found = true
		}
	}
	if !found {
		return err
	}
	for _, name := range append([]string{q.Host}, q.names...) {
		if _, err = chain[0].Verify(x509.VerifyOptions{DNSName: name, Roots: anchors, Intermediates: pool(chain[1:]), CurrentTime: now}); err == nil {
			return nil
		}
	}
	return err
}
