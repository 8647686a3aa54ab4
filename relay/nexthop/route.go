package nexthop

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net"
	"strings"

	"github.com/reconvene/reconvene/config"
)

// Route is how mail for some domains is sent.
type Route struct {
	Name    string   // for log and metrics
	Via     []string // host:port, tried in order
	TLS     config.RouteTLS
	Profile config.Profile
	Auth    config.RouteAuth
	Policy  config.ViaPolicy // in which order the entries of Via are tried

	MaxConnections int // to each host; 0: as in [nexthop]

	Others bool // it is for all domains that no other route names

	Roots   *x509.CertPool // nil: the system's
	rootsID string         // distinguishes the roots of two configurations

	cert   *tls.Certificate // that we show; nil: none
	certID string           // distinguishes the certificates of two configurations

	obeys policies

	fallback *Route
	variants variants
	strict   bool     // for messages with REQUIRETLS
	domains  byDomain // made from this one, see For
	domain   string   // of the recipients, if For made this one
	unusable error    // why there is no host
}

// NewRoute makes a route from its configuration. It reads the files with trusted
// roots, certificate and key, and fails when one cannot be used.
func NewRoute(name string, c *config.Route) (*Route, error) {
	r := &Route{Name: name, Others: len(c.Domains) == 0, TLS: c.TLS, Profile: c.Profile, Auth: c.Auth, Policy: c.ViaPolicy, MaxConnections: c.MaxConnections}
	if r.TLS == "" {
		r.TLS = config.RouteTLSOpportunistic
	}
	for _, p := range c.TLSPolicy {
		r.obeys.dane = r.obeys.dane || p == config.PolicyDANE
		r.obeys.sts = r.obeys.sts || p == config.PolicySTS
	}
	for _, via := range c.Via {
		r.Via = append(r.Via, withPort(via, r.TLS))
	}
	if c.CAFile != "" {
		roots, pem, err := config.Authorities(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("ca_file: %w", err)
		}
		r.Roots = roots
		sum := sha256.Sum256(pem)
		r.rootsID = hex.EncodeToString(sum[:])
	}
	if err := r.loadCert(c.Certificate()); err != nil {
		return nil, err
	}
	if len(c.Fallback) > 0 {
		r.fallback = r.clone()
		r.fallback.Via = nil
		for _, via := range c.Fallback {
			r.fallback.Via = append(r.fallback.Via, withPort(via, r.TLS))
		}
	}
	return r, nil
}

// loadCert reads the client certificate of the route.
func (r *Route) loadCert(c config.Certificate) error {
	if c.Cert == "" {
		return nil
	}
	pair, err := c.Load()
	if err != nil {
		return fmt.Errorf("cert: %w", err)
	}
	sum := sha256.Sum256(pair.Certificate[0])
	r.cert, r.certID = pair, hex.EncodeToString(sum[:])
	return nil
}

// withPort adds the default port of the mode: 465 for implicit TLS (RFC 8314 §3.3),
// else 25.
func withPort(via string, mode config.RouteTLS) string {
	if via == perDomain {
		return via
	}
	if name, ok := strings.CutPrefix(via, mxPrefix); ok {
		return mxPrefix + withPort(name, mode)
	}
	if _, _, err := net.SplitHostPort(via); err == nil {
		return via
	}
	port := "25"
	if mode == config.RouteTLSImplicit {
		port = "465"
	}
	return net.JoinHostPort(strings.Trim(via, "[]"), port)
}

// Domain returns the domain whose mail exchangers the route leads to; "" where the
// route names its hosts.
func (r *Route) Domain() string { return r.domain }
