package relay

import (
	"crypto/tls"
	"crypto/x509"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/smtptest"
)

const partner = "mail.protection.outlook.com"

// named is a certificate for names of hosts.
func named(names ...string) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.DNSNames = names }
}

// certRig is a server that nobody may use but by a certificate.
func certRig(t *testing.T, ca *smtptest.CA, change func(*config.Config)) *rig {
	return newRig(t, func(cfg *config.Config) {
		for i := range cfg.Listeners {
			cfg.Listeners[i].Allow = nil
			cfg.Listeners[i].ClientCA, cfg.Listeners[i].AllowNames = ca.File(), []string{"other.example", partner}
		}
		if change != nil {
			change(cfg)
		}
	})
}

// by says hello with a certificate, or without one.
func (r *rig) by(listener string, cfg *tls.Config) *talker {
	r.t.Helper()
	c := r.connect(listener)
	cfg.InsecureSkipVerify = true
	if listener == "plain" {
		c.expect("220")
		c.say("EHLO client.example", "250")
		c.say("STARTTLS", "220")
	}
	c.startTLS(cfg)
	if listener != "plain" {
		c.expect("220")
	}
	c.say("EHLO client.example", "250")
	return c
}

// Only who shows a certificate for one of the names, by the authority that was
// named, may relay.
func TestAllowNames(t *testing.T) {
	ca, foreign := smtptest.NewCA(t), smtptest.NewCA(t)
	below := ca.Below()
	chain := below.Issue(named(partner))
	chain.Certificate = append(chain.Certificate, below.Cert.Raw)
	for _, tt := range []struct {
		name string
		cert []tls.Certificate
		want string
	}{
		{"the name", []tls.Certificate{ca.Issue(named("a.example", partner))}, "250"},
		{"another of allow_names", []tls.Certificate{ca.Issue(named("OTHER.example"))}, "250"},
		{"of a server", []tls.Certificate{ca.Issue(func(c *x509.Certificate) {
			c.DNSNames, c.ExtKeyUsage = []string{partner}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		})}, "250"},
		{"a wildcard", []tls.Certificate{ca.Issue(named("*.protection.outlook.com"))}, "250"},
		{"an authority below", []tls.Certificate{chain}, "250"},
		{"a common name alone", []tls.Certificate{ca.Issue(func(c *x509.Certificate) { c.Subject.CommonName = partner })}, "250"},
		{"none", nil, "550 5.7.1"},
		{"another name", []tls.Certificate{ca.Issue(named("evil.test"))}, "550 5.7.1"},
		{"a longer name", []tls.Certificate{ca.Issue(named(partner+".evil.test", "x."+partner))}, "550 5.7.1"},
		{"a wildcard of less", []tls.Certificate{ca.Issue(named("*.outlook.com"))}, "550 5.7.1"},
		{"a common name beside other names", []tls.Certificate{ca.Issue(func(c *x509.Certificate) {
			c.Subject.CommonName, c.DNSNames = partner, []string{"evil.test"}
		})}, "550 5.7.1"},
		{"a person by that name", []tls.Certificate{ca.Issue(func(c *x509.Certificate) {
			c.Subject.CommonName, c.EmailAddresses = partner, []string{"eve@evil.test"}
		})}, "550 5.7.1"},
		{"a URI by that name", []tls.Certificate{ca.Issue(func(c *x509.Certificate) {
			c.Subject.CommonName, c.URIs = partner, []*url.URL{{Scheme: "https", Host: partner}}
		})}, "550 5.7.1"},
		{"another authority", []tls.Certificate{foreign.Issue(named(partner))}, "550 5.7.1"},
		{"an authority below that is not shown", []tls.Certificate{below.Issue(named(partner))}, "550 5.7.1"},
		{"expired", []tls.Certificate{ca.Issue(func(c *x509.Certificate) {
			c.DNSNames, c.NotAfter = []string{partner}, time.Now().Add(-time.Minute)
		})}, "550 5.7.1"},
		{"not yet valid", []tls.Certificate{ca.Issue(func(c *x509.Certificate) {
			c.DNSNames, c.NotBefore = []string{partner}, time.Now().Add(time.Minute)
		})}, "550 5.7.1"},
		{"for signing code", []tls.Certificate{ca.Issue(func(c *x509.Certificate) {
			c.DNSNames, c.ExtKeyUsage = []string{partner}, []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}
		})}, "550 5.7.1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := certRig(t, ca, nil)
			for _, listener := range []string{"plain", "implicit"} {
				for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
					cfg := &tls.Config{MaxVersion: version, GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
						if len(tt.cert) == 0 {
							return new(tls.Certificate), nil
						}
						return &tt.cert[0], nil
					}}
					r.by(listener, cfg).say("MAIL FROM:<a@sender.example>", tt.want)
				}
			}
		})
	}
}

// The certificate counts where it was asked for, and takes nothing from anybody.
func TestAllowNamesElsewhere(t *testing.T) {
	ca, foreign := smtptest.NewCA(t), smtptest.NewCA(t)
	good := func() *tls.Config { return &tls.Config{Certificates: []tls.Certificate{ca.Issue(named(partner))}} }
	t.Run("before TLS", func(t *testing.T) {
		r := certRig(t, ca, nil)
		r.hello("plain").say("MAIL FROM:<a@sender.example>", "550 5.7.1")
	})
	t.Run("a listener without allow_names", func(t *testing.T) {
		r := certRig(t, ca, func(cfg *config.Config) { cfg.Listeners[0].ClientCA, cfg.Listeners[0].AllowNames = "", nil })
		r.by("plain", good()).say("MAIL FROM:<a@sender.example>", "550 5.7.1")
		r.by("implicit", good()).say("MAIL FROM:<a@sender.example>", "250")
	})
	t.Run("a client in allow by a certificate of its own", func(t *testing.T) {
		r := certRig(t, ca, func(cfg *config.Config) {
			cfg.Listeners[0].Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		})
		r.by("plain", &tls.Config{Certificates: []tls.Certificate{foreign.Issue(named("exch01.example"))}}).say("MAIL FROM:<a@sender.example>", "250")
	})
	t.Run("the system's authorities", func(t *testing.T) {
		r := certRig(t, ca, func(cfg *config.Config) { cfg.Listeners[0].ClientCA = "system" })
		r.by("plain", good()).say("MAIL FROM:<a@sender.example>", "550 5.7.1")
	})
	t.Run("a session that is resumed", func(t *testing.T) {
		r := certRig(t, ca, nil)
		cfg := good()
		cfg.ClientSessionCache, cfg.ServerName = tls.NewLRUClientSessionCache(1), "relay.example"
		for range 2 {
			c := r.by("implicit", cfg)
			c.say("MAIL FROM:<a@sender.example>", "250")
			c.say("QUIT", "221")
		}
		stranger := &tls.Config{ClientSessionCache: tls.NewLRUClientSessionCache(1), ServerName: "relay.example"}
		for range 2 {
			c := r.by("implicit", stranger)
			c.say("MAIL FROM:<a@sender.example>", "550 5.7.1")
			c.say("QUIT", "221")
		}
	})
	t.Run("an inbound listener", func(t *testing.T) {
		r := certRig(t, ca, func(cfg *config.Config) { cfg.Listeners[0].Direction = config.Inbound })
		c := r.by("plain", good())
		c.say("MAIL FROM:<a@sender.example>", "250")
		c.say("RCPT TO:<b@anywhere.example>", "550 5.7.1")
		c.say("RCPT TO:<b@other.example>", "250")
	})
}

// Who has shown a certificate is no stranger any more: neither in the limits nor
// in the time.
func TestCertifiedIsNoStranger(t *testing.T) {
	ca := smtptest.NewCA(t)
	r := certRig(t, ca, func(cfg *config.Config) {
		cfg.Limits.Strangers, cfg.Limits.StrangersPerClient, cfg.Limits.StrangerTimeout = 1, 1, time.Second
	})
	for range 3 {
		r.by("plain", &tls.Config{Certificates: []tls.Certificate{ca.Issue(named(partner))}}).say("MAIL FROM:<a@sender.example>", "250")
	}
	r.srv.strangers.mu.Lock()
	defer r.srv.strangers.mu.Unlock()
	if n := r.srv.strangers.total; n != 0 {
		t.Errorf("%d count as strangers", n)
	}
}

// One relay may send through another by its certificate.
func TestCertificateOnBothSides(t *testing.T) {
	ca := smtptest.NewCA(t)
	r := certRig(t, ca, nil)
	cert, key := ca.Pair(ca.Issue(named(partner)))
	router, err := NewRouter(&config.Config{Routes: []config.Route{{Via: []string{r.srv.Addr("plain").String()}, TLS: "required", Cert: cert, Key: key}}})
	if err != nil {
		t.Fatal(err)
	}
	next := nexthop.New(nexthop.Options{Hostname: "relay.test"})
	defer next.Close()
	tx := next.Begin(router.Routes()[0])
	defer tx.Abort()
	tx.Envelope(t.Context(), envelope.ReversePath{Path: "boss@example.com"}, []envelope.Recipient{{Path: "you@hop.test"}}, true)
	if v := tx.Deliver(t.Context(), smtptest.Text(smtptest.Note)); !v.OK() {
		t.Fatalf("not delivered: %v (%v)", v, v.Cause)
	}
	wantBodies(t, r, strings.ReplaceAll(smtptest.Note, "\r\n..", "\r\n."))
}
