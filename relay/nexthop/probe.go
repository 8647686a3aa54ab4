package nexthop

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
)

// ProbeResult is what one address of a route's hosts offers.
type ProbeResult struct {
	Host        string   // host:port; for mx:name the mail exchanger
	Address     string   // "name [ip]:port", "" when no connection was made
	Greeting    string   // the text of its greeting
	Extensions  []string // EHLO keywords with parameters, those under TLS if there is TLS
	TLSVersion  string   // "" without TLS
	TLSCipher   string
	Certificate string        // the result of verifying it, also where the route does not require that
	Auth        []string      // mechanisms offered
	Profile     string        // the profile for which mail on this route is repaired
	Took        time.Duration // until it was ready or failed
	Err         error         // why it cannot be used
}

// Probe connects to each address of each host of a route as for a delivery, up to
// authentication and MAIL with the null reverse-path, and returns what it found. It
// names no recipient and sends no mail. All addresses are tried at the same time,
// each within the configured timeouts.
func (n *Engine) Probe(ctx context.Context, r *Route) []ProbeResult {
	if r.PerDomain() {
		dns := n.reachDNS(ctx)
		return []ProbeResult{{Host: "the mail exchangers of each recipient's domain", Profile: r.profile(""), Took: dns.Took, Err: dns.Err}}
	}
	targets := n.targets(ctx, r)
	results := make([]ProbeResult, len(targets))
	var all sync.WaitGroup
	for i, t := range targets {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, n.wait.host)
			defer cancel()
			results[i] = n.probe(ctx, r, t)
		})
	}
	all.Wait()
	return results
}

func (n *Engine) probe(ctx context.Context, r *Route, t target) ProbeResult {
	start := time.Now()
	c, e, err := n.open(ctx, r, t)
	if err != nil {
		n.failed(ctx, e)
	}
	result := ProbeResult{Host: t.host, Profile: r.profile("")}
	if c != nil {
		result.fill(c, r, n.opt.Now())
	}
	if err == nil {
		err = c.takesMail(ctx)
		defer n.pool.drop(c)
	}
	result.Took, result.Err = time.Since(start), err
	return result
}

// takesMail sends MAIL; the connection must not be used for a message after that.
// Only a reply of 4xx, none, or 530 (TLS or authentication required, RFC 3207 §4,
// RFC 4954 §6) means that the host cannot be used: a null reverse-path may be
// refused permanently where a user's address would be accepted.
func (c *conn) takesMail(ctx context.Context) error {
	stop := c.cutOffWhenDone(ctx)
	defer stop()
	rep, err := c.ask(c.wait.command, "MAIL FROM:<>")
	switch {
	case err != nil:
		c.unusable = true
		return &hostError{step: "mail", enhanced: [3]int{4, 4, 2}, err: reason(err)}
	case rep.code/100 == 4, rep.code == 530:
		return &hostError{step: "mail", enhanced: rep.enhanced, err: errors.New(rep.words())}
	}
	return nil
}

func (p *ProbeResult) fill(c *conn, r *Route, now time.Time) {
	p.Address = c.remote
	p.Greeting = c.seen.greeting
	p.Extensions = slices.Clone(c.seen.keywords)
	p.Auth = slices.Clone(c.ext.auth)
	p.Profile = r.profile(fingerprint(c.seen.greeting, c.seen.ehlo, c.seen.keywords))
	if state := c.seen.tls; state != nil {
		p.TLSVersion = tls.VersionName(state.Version)
		p.TLSCipher = tls.CipherSuiteName(state.CipherSuite)
		p.Certificate = certificateVerdict(state.PeerCertificates, p.Host, r.Roots, now)
	}
}

// profile returns the route's own setting, else the suggested profile, else
// "standard".
func (r *Route) profile(suggested string) string {
	if r.Profile != "" && r.Profile != config.ProfileAuto {
		return string(r.Profile)
	}
	return cmp.Or(suggested, "standard")
}

// certificateVerdict returns in words whether tls = "verify" would succeed.
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
		return envelope.CleanText([]byte("not trusted: " + err.Error()))
	}
	return fmt.Sprintf("valid for %s until %s", host, chain[0].NotAfter.UTC().Format(time.DateOnly))
}
