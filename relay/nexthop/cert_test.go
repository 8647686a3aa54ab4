package nexthop

import (
	"crypto/tls"
	"crypto/x509"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// A route's certificate is shown to a next hop that wants one, and only by that
// route.
func TestCertificateToNextHop(t *testing.T) {
	ca := smtptest.NewCA(t)
	cert, key := ca.Pair(ca.Issue(func(c *x509.Certificate) { c.DNSNames = []string{"smarthost.example.com"} }))
	for _, mode := range []string{"required", "opportunistic", "verify", "implicit"} {
		t.Run(mode, func(t *testing.T) {
			p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
				p.TLSConfig, p.Implicit = ca.Config("127.0.0.1"), mode == "implicit"
				p.TLSConfig.ClientAuth, p.TLSConfig.ClientCAs = tls.RequireAndVerifyClientCert, ca.Pool
			})
			h := newEngine(t, p)
			with := config.Route{Via: []string{p.Addr}, TLS: config.RouteTLS(mode), Cert: cert, Key: key}
			without := with
			without.Cert, without.Key = "", ""
			for i, c := range []config.Route{with, without} {
				r, err := NewRoute("*", &c)
				if err != nil {
					t.Fatal(err)
				}
				r.Roots = ca.Pool
				h.route = r
				v := h.mail(smtptest.Note)
				switch {
				case i == 0 && !v.OK():
					t.Errorf("%v (%v)", v, v.Cause)
				case i == 1 && mode != "opportunistic" && (v.OK() || v.Enhanced != [3]int{4, 7, 5} || !strings.Contains(v.Error(), "certificate")):
					t.Errorf("without a certificate: %v", v)
				}
			}
			for i, m := range p.Took() {
				if m.TLS != (i == 0) {
					t.Errorf("message %d: TLS %v", i, m.TLS)
				}
			}
		})
	}
}
