package nexthop

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/resolver"
	"github.com/reconvene/reconvene/relay/resolver/dnstest"
	"github.com/reconvene/reconvene/relay/smtptest"
	"github.com/reconvene/reconvene/relay/tlspolicy"
)

// fakeSTS has policies by domain.
type fakeSTS map[string]*tlspolicy.Policy

func (f fakeSTS) Policy(_ context.Context, domain string) (*tlspolicy.Policy, error) {
	if p, ok := f[domain]; ok {
		return p, nil
	}
	return nil, nil
}

// policyRig is a sender to rcpt.example, whose mail exchanger is mx.rcpt.example, at a
// peer with a certificate of ca for that name.
type policyRig struct {
	*engineTest
	dns     *dnstest.Server
	ca      *smtptest.CA
	peers   map[string]*smtptest.Peer // by address
	sts     fakeSTS
	mu      sync.Mutex
	results []string
}

func newPolicyRig(t *testing.T, set func(r *policyRig, p *smtptest.Peer)) *policyRig {
	t.Helper()
	r := &policyRig{ca: smtptest.NewCA(t), peers: make(map[string]*smtptest.Peer), sts: make(fakeSTS)}
	var p *smtptest.Peer
	r.dns = dnstest.New(t)
	r.dns.Add("rcpt.example. 300 IN MX 10 mx.rcpt.example.", "mx.rcpt.example. 300 IN A 192.0.2.1")
	p = smtptest.NewPeer(t, func(p *smtptest.Peer) {
		p.TLSConfig = r.ca.Config("mx.rcpt.example")
		if set != nil {
			set(r, p)
		}
	})
	r.engineTest = newEngine(t, p)
	r.peers["192.0.2.1:25"] = p
	r.directory.dns = resolver.New(resolver.Options{Servers: []string{r.dns.Addr}, IPv6: func() bool { return false }})
	r.opt.STS = r.sts
	r.opt.Results = func(e tlspolicy.Result) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.results = append(r.results, strings.TrimSpace(fmt.Sprintf("%s %v %s", e.Domain, e.Must, e.Failure)))
	}
	r.opt.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if r.peers[addr] == nil {
			return nil, errors.New("connection refused")
		}
		return r.dial(ctx, network, r.peers[addr].Addr)
	}
	r.route = &Route{Name: "*", TLS: "opportunistic", Via: []string{"mx"}, Roots: r.ca.Pool, obeys: policies{dane: true, sts: true}}
	return r
}

// send delivers one message to a domain.
func (r *policyRig) send(t *testing.T, domain string) envelope.Verdict {
	t.Helper()
	tx := r.Begin(r.route.For(domain))
	defer tx.Abort()
	if v := tx.Envelope(t.Context(), envelope.ReversePath{Path: "a@sender.example"}, []envelope.Recipient{{Path: "b@" + domain}}, false)[0]; !v.OK() {
		return v
	}
	return tx.Deliver(t.Context(), smtptest.Text(smtptest.Note))
}

// tlsa adds a record that matches the certificate of a peer.
func (r *policyRig) tlsa(t *testing.T, host string, usage, selector, matching uint8, c *tls.Config) {
	t.Helper()
	cert, err := x509.ParseCertificate(c.Certificates[0].Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	if usage == 2 {
		cert = r.ca.Cert
	}
	data, err := dns.CertificateToDANE(selector, matching, cert)
	if err != nil {
		t.Fatal(err)
	}
	r.dns.Add(fmt.Sprintf("_25._tcp.%s. 300 IN TLSA %d %d %d %s", host, usage, selector, matching, data))
}

func enforced(mode tlspolicy.Mode, mx ...string) *tlspolicy.Policy {
	return &tlspolicy.Policy{Domain: "rcpt.example", Mode: mode, MX: mx}
}

// TestTLSPolicies has the attacks of RFC 7672 §8 and RFC 8461 §10: what must not get
// through does not, and what no policy protects is sent as before.
func TestTLSPolicies(t *testing.T) {
	noTLS := func(_ *policyRig, p *smtptest.Peer) { p.TLSConfig = nil }
	wrong := func(r *policyRig, p *smtptest.Peer) { p.TLSConfig = smtptest.NewCA(t).Config("mx.evil.example") }
	for _, tt := range []struct {
		name   string
		peer   func(r *policyRig, p *smtptest.Peer)
		set    func(t *testing.T, r *policyRig)
		secure bool
		refuse string // words of the verdict; "": the message arrives
		result string
	}{
		{"no policy", nil, nil, true, "", "rcpt.example"},
		{"no policy, no TLS", noTLS, nil, false, "", "rcpt.example  starttls-not-supported"},
		{"dane", nil, func(t *testing.T, r *policyRig) {
			r.tlsa(t, "mx.rcpt.example", 3, 1, 1, r.peers["192.0.2.1:25"].TLSConfig)
		}, true, "", "rcpt.example dane"},
		{"dane, STARTTLS stripped", noTLS, func(t *testing.T, r *policyRig) { r.tlsa(t, "mx.rcpt.example", 2, 0, 1, r.ca.Config("x")) },
			false, "does not offer STARTTLS, which its domain requires (dane)", "rcpt.example dane starttls-not-supported"},
		{"dane, STARTTLS refused", func(_ *policyRig, p *smtptest.Peer) { p.On = script(map[string]string{"STARTTLS": "454 4.7.0 no"}) },
			func(t *testing.T, r *policyRig) { r.tlsa(t, "mx.rcpt.example", 2, 0, 1, r.ca.Config("x")) }, false, "starttls: 454", "rcpt.example dane starttls-not-supported"},
		{"dane, another certificate", wrong, func(t *testing.T, r *policyRig) { r.tlsa(t, "mx.rcpt.example", 2, 0, 1, r.ca.Config("x")) },
			false, "matches none of the TLSA records", "rcpt.example dane validation-failure"},
		{"dane, authority", nil, func(t *testing.T, r *policyRig) { r.tlsa(t, "mx.rcpt.example", 2, 0, 0, r.ca.Config("x")) }, true, "", "rcpt.example dane"},
		{"dane, unsigned TLSA", wrong, func(t *testing.T, r *policyRig) {
			r.tlsa(t, "mx.rcpt.example", 2, 0, 1, r.ca.Config("x"))
			r.dns.Insecure("_25._tcp.mx.rcpt.example")
		}, true, "", "rcpt.example"},
		{"dane, unsigned MX that leads elsewhere", wrong, func(t *testing.T, r *policyRig) {
			r.tlsa(t, "mx.rcpt.example", 2, 0, 1, r.ca.Config("x"))
			r.dns.Insecure("rcpt.example")
		}, true, "", "rcpt.example"},
		{"dane, implicit MX", nil, func(t *testing.T, r *policyRig) {
			r.dns.Remove("rcpt.example")
			r.dns.Add("rcpt.example. 300 IN A 192.0.2.1")
			r.tlsa(t, "rcpt.example", 3, 1, 1, r.peers["192.0.2.1:25"].TLSConfig)
		}, true, "", "rcpt.example dane"},
		{"dane, TLSA cannot be looked up", nil, func(t *testing.T, r *policyRig) { r.dns.Fail("_25._tcp.mx.rcpt.example", 0, dns.RcodeServerFailure) },
			false, "TLSA records", ""},
		{"dane, bogus MX", nil, func(t *testing.T, r *policyRig) { r.dns.Fail("rcpt.example", 0, dns.RcodeServerFailure) }, false, "looking up rcpt.example", ""},
		{"dane, unusable record", wrong, func(t *testing.T, r *policyRig) { r.tlsa(t, "mx.rcpt.example", 1, 1, 1, r.ca.Config("x")) }, true, "", "rcpt.example dane-encryption"},
		{"dane, unusable record, STARTTLS stripped", noTLS, func(t *testing.T, r *policyRig) { r.tlsa(t, "mx.rcpt.example", 0, 1, 1, r.ca.Config("x")) },
			false, "does not offer STARTTLS", "rcpt.example dane-encryption starttls-not-supported"},
		{"mta-sts", nil, func(t *testing.T, r *policyRig) { r.sts["rcpt.example"] = enforced("enforce", "mx.rcpt.example") }, true, "", "rcpt.example mta-sts"},
		{"mta-sts, wildcard", nil, func(t *testing.T, r *policyRig) { r.sts["rcpt.example"] = enforced("enforce", "*.rcpt.example") }, true, "", "rcpt.example mta-sts"},
		{"mta-sts, STARTTLS stripped", noTLS, func(t *testing.T, r *policyRig) { r.sts["rcpt.example"] = enforced("enforce", "mx.rcpt.example") },
			false, "does not offer STARTTLS, which its domain requires (mta-sts)", "rcpt.example mta-sts starttls-not-supported"},
		{"mta-sts, another authority", wrong, func(t *testing.T, r *policyRig) { r.sts["rcpt.example"] = enforced("enforce", "mx.rcpt.example") },
			false, "failed to verify certificate", "rcpt.example mta-sts certificate-host-mismatch"},
		{"mta-sts, expired", func(r *policyRig, p *smtptest.Peer) { p.TLSConfig = expired(r.ca, "mx.rcpt.example") },
			func(t *testing.T, r *policyRig) { r.sts["rcpt.example"] = enforced("enforce", "mx.rcpt.example") }, false, "expired", "rcpt.example mta-sts certificate-expired"},
		{"mta-sts, MX substituted", nil, func(t *testing.T, r *policyRig) {
			r.sts["rcpt.example"] = enforced("enforce", "mail.rcpt.example", "*.mx.rcpt.example")
		},
			false, "mx.rcpt.example is not a mail exchanger of rcpt.example", "rcpt.example  validation-failure"},
		{"mta-sts, testing, another certificate", wrong, func(t *testing.T, r *policyRig) { r.sts["rcpt.example"] = enforced("testing", "mx.rcpt.example") },
			true, "", "rcpt.example mta-sts-testing certificate-host-mismatch"},
		{"mta-sts, testing, no TLS", noTLS, func(t *testing.T, r *policyRig) { r.sts["rcpt.example"] = enforced("testing", "mx.rcpt.example") },
			false, "", "rcpt.example mta-sts-testing starttls-not-supported"},
		{"mta-sts, testing, MX substituted", nil, func(t *testing.T, r *policyRig) { r.sts["rcpt.example"] = enforced("testing", "mail.rcpt.example") },
			true, "", "rcpt.example mta-sts-testing validation-failure"},
		{"mta-sts, none", wrong, func(t *testing.T, r *policyRig) { r.sts["rcpt.example"] = enforced("none") }, true, "", "rcpt.example"},
		{"dane goes before mta-sts: fails", wrong, func(t *testing.T, r *policyRig) {
			r.tlsa(t, "mx.rcpt.example", 2, 0, 1, r.ca.Config("x"))
			r.sts["rcpt.example"] = enforced("testing", "mx.rcpt.example")
		}, false, "matches none", "rcpt.example dane validation-failure"},
		{"dane goes before mta-sts: works", func(r *policyRig, p *smtptest.Peer) { p.TLSConfig = smtptest.NewCA(t).Config("mx.rcpt.example") }, func(t *testing.T, r *policyRig) {
			r.tlsa(t, "mx.rcpt.example", 3, 1, 1, r.peers["192.0.2.1:25"].TLSConfig)
			r.sts["rcpt.example"] = enforced("enforce", "mx.rcpt.example")
		}, true, "", "rcpt.example dane"},
		{"not obeyed", wrong, func(t *testing.T, r *policyRig) {
			r.tlsa(t, "mx.rcpt.example", 2, 0, 1, r.ca.Config("x"))
			r.sts["rcpt.example"] = enforced("enforce", "other.rcpt.example")
			r.route.obeys = policies{}
		}, true, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newPolicyRig(t, tt.peer)
			if tt.set != nil {
				tt.set(t, r)
			}
			v := r.send(t, "rcpt.example")
			took := r.peers["192.0.2.1:25"].Took()
			if tt.refuse != "" {
				if v.Code != 451 || !strings.Contains(v.Error(), tt.refuse) || len(took) > 0 {
					t.Errorf("verdict %v, %d messages", v, len(took))
				}
			} else if !v.OK() || len(took) != 1 || took[0].TLS != tt.secure {
				t.Errorf("verdict %v, took %+v, want TLS %t", v, took, tt.secure)
			}
			want := []string{tt.result}
			if tt.result == "" {
				want = nil
			}
			if got := strings.Join(r.results, ", "); got != strings.Join(want, ", ") {
				t.Errorf("result %q, want %q", got, want)
			}
		})
	}
}

func expired(ca *smtptest.CA, name string) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{ca.Issue(func(c *x509.Certificate) {
		c.DNSNames, c.NotAfter = []string{name}, time.Now().Add(-time.Minute)
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	})}}
}

// A connection, or a TLS session, that was opened without a check is not used for a
// domain that requires one.
func TestPoliciesShareNoConnections(t *testing.T) {
	r := newPolicyRig(t, func(r *policyRig, p *smtptest.Peer) { p.TLSConfig = smtptest.NewCA(t).Config("mx.rcpt.example") })
	r.dns.Add("open.example. 300 IN MX 10 mx.rcpt.example.")
	r.sts["rcpt.example"] = enforced("enforce", "mx.rcpt.example")
	for range 2 {
		if v := r.send(t, "open.example"); !v.OK() {
			t.Fatal(v)
		}
		if v := r.send(t, "rcpt.example"); v.Code != 451 || v.Enhanced != [3]int{4, 7, 5} {
			t.Errorf("verdict %v", v)
		}
	}
	p := r.peers["192.0.2.1:25"]
	if took := p.Took(); len(took) != 2 {
		t.Errorf("took %d messages", len(took))
	}
}

// A mail exchanger that fails its requirement costs no mail while another one meets it.
func TestNextExchangerMeetsThePolicy(t *testing.T) {
	r := newPolicyRig(t, func(_ *policyRig, p *smtptest.Peer) { p.TLSConfig = nil })
	good := smtptest.NewPeer(t, func(p *smtptest.Peer) { p.TLSConfig = r.ca.Config("mx2.rcpt.example") })
	r.peers["192.0.2.2:25"] = good
	r.dns.Add("rcpt.example. 300 IN MX 20 mx2.rcpt.example.", "mx2.rcpt.example. 300 IN A 192.0.2.2")
	r.sts["rcpt.example"] = enforced("enforce", "*.rcpt.example")
	if v := r.send(t, "rcpt.example"); !v.OK() || len(good.Took()) != 1 {
		t.Errorf("verdict %v", v)
	}
	r.Close()
	good.Stop()
}

// A host that via names is held to its TLSA records, too.
func TestDANEForNamedHosts(t *testing.T) {
	for _, match := range []bool{true, false} {
		r := newPolicyRig(t, nil)
		p := r.peers["192.0.2.1:25"]
		c := p.TLSConfig
		if !match {
			c = r.ca.Config("mx.rcpt.example")
		}
		r.tlsa(t, "mx.rcpt.example", 3, 1, 1, c)
		r.route = r.route.clone()
		r.route.Via = []string{"mx.rcpt.example:25"}
		if v := r.send(t, "any.example"); v.OK() != match {
			t.Errorf("%v: %v", match, v)
		}
	}
}

// Addresses that were looked up long ago are used while the DNS does not answer, but not
// where a host may have got TLSA records meanwhile.
func TestNoOldAddressesWithDANE(t *testing.T) {
	for _, dane := range []bool{true, false} {
		r := newPolicyRig(t, nil)
		r.route.obeys = policies{dane: dane}
		now := time.Now()
		r.clock(func() time.Time { return now })
		if v := r.send(t, "rcpt.example"); !v.OK() {
			t.Fatal(v)
		}
		r.dns.Fail("rcpt.example", 0, dns.RcodeServerFailure)
		r.directory.dns = resolver.New(resolver.Options{Servers: []string{r.dns.Addr}})
		now = now.Add(directoryAge)
		if v := r.send(t, "rcpt.example"); v.OK() == dane {
			t.Errorf("dane %v: %v", dane, v)
		}
	}
}
