package relay

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"slices"
	"time"
)

// ProbeResult is what one host of a route showed us.
type ProbeResult struct {
	Host        string   // as in via
	Address     string   // "name [ip]:port", "" when it was not reached
	Greeting    string   // the text of its greeting
	Extensions  []string // its EHLO keywords with parameters, those under TLS when there is TLS
	TLSVersion  string   // "" without TLS
	TLSCipher   string
	Certificate string   // what a check of it says, also where none is asked for
	Auth        []string // mechanisms offered
	Profile     string   // what mail on this route would be repaired for
	Err         error    // why it cannot be used
}

// Probe connects to each host of a route as a delivery would, up to and with
// the logon, and says what it found. No mail is sent.
func (n *NextHop) Probe(ctx context.Context, r *Route) []ProbeResult {
	results := make([]ProbeResult, 0, len(r.Via))
	for _, via := range r.Via {
		c, err := n.open(ctx, r, via)
		result := ProbeResult{Host: via, Err: err, Profile: r.profile("")}
		if c != nil {
			result.fill(c, r, n.opt.Now())
		}
		if err == nil {
			n.pool.drop(c)
		}
		results = append(results, result)
	}
	return results
}

func (p *ProbeResult) fill(c *hopConn, r *Route, now time.Time) {
	p.Address = c.remote
	p.Greeting = c.seen.greeting
	p.Extensions = slices.Clone(c.seen.keywords)
	p.Auth = slices.Clone(c.ext.auth)
	p.Profile = r.profile(fingerprint(c.seen.greeting, c.seen.ehlo, c.seen.keywords))
	if state := c.seen.tls; state != nil {
		p.TLSVersion = tls.VersionName(state.Version)
		p.TLSCipher = tls.CipherSuiteName(state.CipherSuite)
		p.Certificate = certificateVerdict(state.PeerCertificates, p.Host, r.roots, now)
	}
}

// profile is the route's own setting, else what a fingerprint suggests, else
// "standard".
func (r *Route) profile(suggested string) string {
	if r.Profile != "" && r.Profile != "auto" {
		return r.Profile
	}
	return cmp.Or(suggested, "standard")
}

// certificateVerdict says in words whether tls = "verify" would do.
func certificateVerdict(chain []*x509.Certificate, via string, roots *x509.CertPool, now time.Time) string {
	if len(chain) == 0 {
		return "none"
	}
	host, _, err := net.SplitHostPort(via)
	if err != nil {
		host = via
	}
	options := x509.VerifyOptions{DNSName: host, Roots: roots, CurrentTime: now, Intermediates: x509.NewCertPool()}
	for _, c := range chain[1:] {
		options.Intermediates.AddCert(c)
	}
	if _, err := chain[0].Verify(options); err != nil {
		return cleanText([]byte("not trusted: " + err.Error()))
	}
	return fmt.Sprintf("valid for %s until %s", host, chain[0].NotAfter.UTC().Format(time.DateOnly))
}
