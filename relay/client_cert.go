package relay

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"github.com/reconvene/reconvene/config"
)

// systemRoots in client_ca stands for the authorities that the system trusts.
const systemRoots = "system"

// clientRoots returns the authorities for certificates of a listener's clients; nil
// means the system's.
func clientRoots(l config.Listener) (*x509.CertPool, error) {
	if l.ClientCA == "" || l.ClientCA == systemRoots {
		return nil, nil
	}
	roots, _, err := config.Authorities(l.ClientCA)
	if err != nil {
		return nil, fmt.Errorf("client_ca: %w", err)
	}
	return roots, nil
}

// certified reports whether the client showed a certificate for a name in
// allow_names. A client with another certificate, or without one, is treated as if
// it had none: allow and users decide. It is checked here and not by the handshake,
// which would refuse a server in allow that shows a self-signed certificate.
func (c *client) certified(state *tls.ConnectionState) bool {
	if len(c.cfg.AllowNames) == 0 || len(state.PeerCertificates) == 0 {
		return false
	}
	leaf := state.PeerCertificates[0]
	options := x509.VerifyOptions{Roots: c.roots, CurrentTime: c.server.opt.Now(), Intermediates: x509.NewCertPool(),
		// Public authorities no longer issue certificates for clients: a mail
		// server shows the one that it has as a server.
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}}
	for _, cert := range state.PeerCertificates[1:] {
		options.Intermediates.AddCert(cert)
	}
	if _, err := leaf.Verify(options); err != nil {
		c.server.opt.Log.tlsFailed(c.event(func(e *ConnEvent) { e.Why, e.Err = "client certificate", err }))
		return false
	}
	return slices.ContainsFunc(c.cfg.AllowNames, func(name string) bool { return certifies(leaf, name) })
}

// certifies reports whether a certificate is for a name. The common name counts when
// there is no other name in the certificate; with a mail address or a URI in it the
// common name is not that of a host.
func certifies(leaf *x509.Certificate, name string) bool {
	if len(leaf.DNSNames)+len(leaf.IPAddresses)+len(leaf.EmailAddresses)+len(leaf.URIs) == 0 {
		return strings.EqualFold(leaf.Subject.CommonName, name)
	}
	return leaf.VerifyHostname(name) == nil
}
