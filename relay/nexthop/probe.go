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

// ProbeResult is what one address of a route's hosts showed us.
type ProbeResult struct {
	Host        string   // host:port; of mx:name the mail exchanger
	Address     string   // "name [ip]:port", "" when it was not reached
	Greeting    string   // the text of its greeting
	Extensions  []string // its EHLO keywords with parameters, those under TLS when there is TLS
	TLSVersion  string   // "" without TLS
	TLSCipher   string
	Certificate string        // what a check of it says, also where none is asked for
	Auth        []string      // mechanisms offered
	Profile     string        // what mail on this route would be repaired for
	Took        time.Duration // until it was ready, or had failed
	Err         error         // why it cannot be used
}

// Probe connects to each address of each host of a route as a delivery would, up
// to and with the logon and MAIL from the null reverse-path, and says what it
// found. No recipient is named and no mail is sent. All are asked at the same
// time, each for as long as a host may take.
func (n *Engine) Probe(ctx context.Context, r *Route) []ProbeResult {
	targets := n.directory.targets(ctx, r.Via)
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

// takesMail says MAIL; the connection is not for a message then. Only a reply of 4xx,
// none, or 530 (it wants TLS or a logon first, RFC 3207 §4, RFC 4954 §6) says that the
// host cannot be used: a null reverse-path may be refused for good where a user's
// address would be taken.
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

// profile is the route's own setting, else what a fingerprint suggests, else
// "standard".
func (r *Route) profile(suggested string) string {
	if r.Profile != "" && r.Profile != config.ProfileAuto {
		return string(r.Profile)
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
		return envelope.CleanText([]byte("not trusted: " + err.Error()))
	}
	return fmt.Sprintf("valid for %s until %s", host, chain[0].NotAfter.UTC().Format(time.DateOnly))
}
