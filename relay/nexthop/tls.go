package nexthop

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"github.com/reconvene/reconvene/config"
)

// tlsConfig is the TLS configuration of a route. verify and implicit check the
// certificate against the name in via. required needs TLS 1.2 with any certificate.
// opportunistic also accepts the versions of Exchange 2003 and Domino 8: weak TLS is
// better than plain text (RFC 7435).
func (r *Route) tlsConfig(via string, sessions tls.ClientSessionCache) *tls.Config {
	host, _, err := net.SplitHostPort(via)
	if err != nil {
		host = via
	}
	cfg := &tls.Config{ServerName: host, RootCAs: r.Roots, ClientSessionCache: sessions, MinVersion: tls.VersionTLS12}
	if r.cert != nil {
		// Whatever authorities the server names: it may know ours by other means.
		cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return r.cert, nil }
	}
	switch r.TLS {
	case config.RouteTLSVerify, config.RouteTLSImplicit:
	case config.RouteTLSRequired:
		cfg.InsecureSkipVerify = true
	default:
		cfg.InsecureSkipVerify = true
		cfg.MinVersion = tls.VersionTLS10
		for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
			cfg.CipherSuites = append(cfg.CipherSuites, suite.ID)
		}
	}
	return cfg
}

// handshake starts TLS on the connection.
func (n *Engine) handshake(ctx context.Context, c *conn, r *Route) error {
	ctx, cancel := context.WithTimeout(ctx, n.wait.connect)
	defer cancel()
	cfg := r.tlsConfig(c.at.host, n.sessions(c.key))
	if c.at.must != nil && (c.at.must.Authenticates() || !r.strict) { // what checks no certificate weakens nothing
		c.at.must.Apply(cfg, n.opt.Now, func(err error) { c.tested = err })
	}
	tc := c.wrapTLS(cfg)
	if err := tc.HandshakeContext(ctx); err != nil {
		c.unusable = true
		return &hostError{step: "tls", enhanced: [3]int{4, 7, 5}, err: reason(err), lasting: isLasting(err)}
	}
	state := tc.ConnectionState()
	c.setTransport(tc)
	c.br = bufio.NewReaderSize(tc, 2*maxReplyLine)
	c.seen.tls = &state
	return nil
}

// unanswered returns why there is no greeting, or no reply to EHLO. With TLS 1.3 our side
// of the handshake is complete before the server has judged our certificate, or that
// there is none: it ends the connection at the first thing after.
func (c *conn) unanswered(step string, err error) *hostError {
	if c.seen.tls == nil || c.seen.tls.Version != tls.VersionTLS13 || isTimeout(err) || errors.Is(err, errReply) {
		return &hostError{step: step, enhanced: [3]int{4, 4, 2}, err: reason(err)}
	}
	return &hostError{step: "tls", enhanced: [3]int{4, 7, 5},
		err: fmt.Errorf("%w, after the handshake: it may want a client certificate, or another one", reason(err))}
}

// tlsName returns version and cipher suite, "" in plain text.
func (c *conn) tlsName() string {
	if c.seen.tls == nil {
		return ""
	}
	return tls.VersionName(c.seen.tls.Version) + " " + tls.CipherSuiteName(c.seen.tls.CipherSuite)
}
