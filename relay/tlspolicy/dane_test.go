package tlspolicy

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/reconvene/reconvene/relay/resolver"
	"github.com/reconvene/reconvene/relay/resolver/dnstest"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// leaf issues a certificate for a host, with its chain.
func leaf(t *testing.T, ca *smtptest.CA, name string, chain []*x509.Certificate, until time.Duration) []*x509.Certificate {
	t.Helper()
	c := ca.Issue(func(c *x509.Certificate) {
		c.DNSNames, c.NotAfter, c.NotBefore = []string{name}, time.Now().Add(until), time.Now().Add(-48*time.Hour)
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	})
	own, err := x509.ParseCertificate(c.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return append([]*x509.Certificate{own}, chain...)
}

// record is a TLSA record of a certificate.
func record(t *testing.T, usage, selector, matching uint8, c *x509.Certificate) string {
	t.Helper()
	data, err := dns.CertificateToDANE(selector, matching, c)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d %d %d %s", usage, selector, matching, data)
}

func parse(t *testing.T, records ...string) []dns.RR {
	t.Helper()
	var list []dns.RR
	for _, r := range records {
		rr, err := dns.NewRR("_25._tcp.mx.example. 300 IN TLSA " + r)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, rr)
	}
	return list
}

func TestDANE(t *testing.T) {
	ca, other := smtptest.NewCA(t), smtptest.NewCA(t)
	below := ca.Below()
	good := leaf(t, ca, "mx.example", []*x509.Certificate{ca.Cert}, time.Hour)
	deep := leaf(t, below, "mx.example", []*x509.Certificate{below.Cert, ca.Cert}, time.Hour)
	alone := leaf(t, ca, "mx.example", nil, time.Hour)
	expired := leaf(t, ca, "mx.example", []*x509.Certificate{ca.Cert}, -time.Hour)
	foreign := leaf(t, other, "mx.example", []*x509.Certificate{other.Cert, ca.Cert}, time.Hour)
	domain := leaf(t, ca, "rcpt.example", []*x509.Certificate{ca.Cert}, time.Hour)
	named := leaf(t, ca, "evil.example", []*x509.Certificate{ca.Cert}, time.Hour)
	for _, tt := range []struct {
		name    string
		records []string
		chain   []*x509.Certificate
		ok      bool
	}{
		{"own certificate", []string{record(t, 3, 0, 1, good[0])}, good, true},
		{"own key", []string{record(t, 3, 1, 1, good[0])}, good, true},
		{"own key, SHA-512", []string{record(t, 3, 1, 2, good[0])}, good, true},
		{"own certificate in full", []string{record(t, 3, 0, 0, good[0])}, good, true},
		{"another key", []string{record(t, 3, 1, 1, expired[0])}, good, false},
		{"one of two", []string{record(t, 3, 1, 1, expired[0]), record(t, 3, 1, 1, good[0])}, good, true},
		{"own key of an expired certificate", []string{record(t, 3, 1, 1, expired[0])}, expired, true},
		{"own key under another name", []string{record(t, 3, 1, 1, named[0])}, named, true},
		{"own key is not looked for in the chain", []string{record(t, 3, 1, 1, ca.Cert)}, good, false},
		{"authority", []string{record(t, 2, 0, 1, ca.Cert)}, good, true},
		{"authority's key", []string{record(t, 2, 1, 1, ca.Cert)}, good, true},
		{"authority above another", []string{record(t, 2, 0, 1, ca.Cert)}, deep, true},
		{"authority below another", []string{record(t, 2, 0, 1, below.Cert)}, deep, true},
		{"authority that is not shown", []string{record(t, 2, 0, 1, ca.Cert)}, alone, false},
		{"authority in the record only", []string{record(t, 2, 0, 0, ca.Cert)}, alone, true},
		{"authority shown and not used", []string{record(t, 2, 0, 1, ca.Cert)}, foreign, false},
		{"authority, expired", []string{record(t, 2, 0, 1, ca.Cert)}, expired, false},
		{"authority, another name", []string{record(t, 2, 0, 1, ca.Cert)}, named, false},
		{"authority, name of the recipient's domain", []string{record(t, 2, 0, 1, ca.Cert)}, domain, true},
		{"stronger digest decides", []string{record(t, 3, 1, 1, good[0]), record(t, 3, 1, 2, expired[0])}, good, false},
		{"no certificate", []string{record(t, 3, 1, 1, good[0])}, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := &Requirement{Kind: DANE, Host: "mx.example", names: []string{"rcpt.example"}, records: usable(parse(t, tt.records...))}
			if err := q.check(tt.chain, nil, time.Now()); (err == nil) != tt.ok {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestUnusableRecords(t *testing.T) {
	sum, long := fmt.Sprintf("%064x", 1), fmt.Sprintf("%0128x", 1)
	for _, r := range []string{"0 1 1 " + sum, "1 1 1 " + sum, "4 1 1 " + sum, "255 1 1 " + sum, "3 2 1 " + sum, "3 1 3 " + sum, "3 1 1 " + long, "3 1 2 " + sum, "3 1 1 ab"} {
		if list := usable(parse(t, r)); len(list) != 0 {
			t.Errorf("%s is used", r)
		}
	}
	if list := usable(parse(t, "0 1 1 "+sum, "3 1 1 "+sum)); len(list) != 1 {
		t.Error(list)
	}
}

func TestLookupDANE(t *testing.T) {
	s := dnstest.New(t)
	sum := fmt.Sprintf("%064x", 1)
	for _, host := range []string{"mx", "target", "alias2", "nosig", "servfail", "pkix", "half", "tlsanosig", "insecurealias", "none"} {
		s.Add(host + ".example. 300 IN A 192.0.2.1")
	}
	s.Add("alias.example. 300 IN CNAME target.example.", "alias3.example. 300 IN CNAME none.example.", "alias4.example. 300 IN CNAME nosig.example.",
		"_25._tcp.alias3.example. 300 IN TLSA 3 1 1 "+sum, "_25._tcp.alias4.example. 300 IN TLSA 3 1 1 "+sum)
	for _, host := range []string{"mx", "target", "nosig", "half"} {
		s.Add("_25._tcp." + host + ".example. 300 IN TLSA 3 1 1 " + sum)
	}
	s.Add("_25._tcp.pkix.example. 300 IN TLSA 0 1 1 "+sum, "_25._tcp.tlsanosig.example. 300 IN CNAME tlsa.unsigned.", "tlsa.unsigned. 300 IN TLSA 3 1 1 "+sum)
	s.Insecure("nosig.example", "tlsa.unsigned")
	s.Fail("_25._tcp.servfail.example", 0, dns.RcodeServerFailure)
	s.Fail("half.example", dns.TypeAAAA, dns.RcodeServerFailure)
	r := resolver.New(resolver.Options{Servers: []string{s.Addr}})
	for _, tt := range []struct {
		host, base string
		kind       Kind
		err        bool
	}{
		{"mx.example", "mx.example", DANE, false},
		{"MX.example.", "mx.example", DANE, false},
		{"alias.example", "target.example", DANE, false},
		{"alias3.example", "alias3.example", DANE, false}, // the target has none
		{"alias4.example", "alias4.example", DANE, false}, // the target is not signed, the alias is
		{"nosig.example", "", 0, false},                   // TLSA records of an unsigned zone prove nothing
		{"none.example", "", 0, false},
		{"tlsanosig.example", "", 0, false},
		{"pkix.example", "pkix.example", DANEEncryption, false},
		{"servfail.example", "", 0, true},
		{"half.example", "", 0, true},
	} {
		t.Run(tt.host, func(t *testing.T) {
			a, err := r.LookupAddresses(t.Context(), tt.host)
			if err != nil {
				t.Fatal(err)
			}
			q, err := LookupDANE(t.Context(), r, tt.host, "25", a, "rcpt.example")
			if (err != nil) != tt.err {
				t.Error(err)
			}
			if (q != nil) != (tt.kind != 0) || q != nil && (q.Kind != tt.kind || q.Host != tt.base) {
				t.Errorf("%+v", q)
			}
		})
	}
}

// The kinds of a requirement in a real handshake: mandatory ones end it, a tested one
// reports.
func TestApply(t *testing.T) {
	ca, other := smtptest.NewCA(t), smtptest.NewCA(t)
	own, err := x509.ParseCertificate(ca.Config("mx.example").Certificates[0].Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		q      *Requirement
		server *tls.Config
		ok     bool
		failed string
	}{
		{"enforced", &Requirement{Kind: Enforced, Host: "mx.example"}, ca.Config("mx.example"), true, ""},
		{"enforced, another name", &Requirement{Kind: Enforced, Host: "mx.example"}, ca.Config("evil.example"), false, HostMismatch},
		{"enforced, another authority", &Requirement{Kind: Enforced, Host: "mx.example"}, other.Config("mx.example"), false, NotTrusted},
		{"enforced, TLS 1.1", &Requirement{Kind: Enforced, Host: "mx.example"}, old(ca.Config("mx.example")), false, ValidationFailure},
		{"tested, another name", &Requirement{Kind: Tested, Host: "mx.example"}, ca.Config("evil.example"), true, HostMismatch},
		{"tested", &Requirement{Kind: Tested, Host: "mx.example"}, ca.Config("mx.example"), true, ""},
		{"any certificate", &Requirement{Kind: DANEEncryption, Host: "mx.example"}, other.Config("evil.example"), true, ""},
		{"DANE, another key", &Requirement{Kind: DANE, Host: "mx.example", records: usable(parse(t, record(t, 3, 1, 1, own)))}, ca.Config("mx.example"), false, ValidationFailure},
	} {
		t.Run(tt.name, func(t *testing.T) {
			failed := error(nil)
			cfg := &tls.Config{RootCAs: ca.Pool, MinVersion: tls.VersionTLS10}
			tt.q.Apply(cfg, time.Now, func(err error) { failed = err })
			err := handshake(t, cfg, tt.server)
			if (err == nil) != tt.ok {
				t.Fatalf("handshake: %v", err)
			}
			if err = errors.Join(err, failed); (err == nil) != (tt.failed == "") || err != nil && ResultOf(err) != tt.failed {
				t.Errorf("%v, want %s", err, tt.failed)
			}
		})
	}
}

func old(c *tls.Config) *tls.Config {
	c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	return c
}

func handshake(t *testing.T, client, server *tls.Config) error {
	t.Helper()
	n := new(smtptest.Network)
	l, err := n.Listen(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if c, err := l.Accept(); err == nil {
			tls.Server(c, server).HandshakeContext(t.Context())
			c.Close()
		}
	}()
	c, err := n.Dial(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	err = tls.Client(c, client).HandshakeContext(t.Context())
	c.Close()
	<-done
	return err
}
