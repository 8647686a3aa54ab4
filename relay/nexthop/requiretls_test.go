package nexthop

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/smtptest"
	"github.com/reconvene/reconvene/relay/tlspolicy"
)

// TestRequireTLS has the conditions of RFC 8689 §4.2.1: who the host is must be proven,
// its certificate be valid, and the host offer REQUIRETLS.
func TestRequireTLS(t *testing.T) {
	offers := func(_ *policyRig, p *smtptest.Peer) { p.Keywords = append(p.Keywords, "REQUIRETLS") }
	unproven := func(t *testing.T, r *policyRig) { r.dns.Insecure("rcpt.example") }
	for _, tt := range []struct {
		name string
		peer func(r *policyRig, p *smtptest.Peer)
		set  func(t *testing.T, r *policyRig)
		want string // code and enhanced code
	}{
		{"proven by DNSSEC", offers, nil, "250"},
		{"not offered", nil, nil, "550 5.7.30"},
		{"MX not proven", offers, unproven, "550 5.7.30"},
		{"proven by MTA-STS", offers, func(t *testing.T, r *policyRig) {
			unproven(t, r)
			r.sts["rcpt.example"] = enforced("enforce", "mx.rcpt.example")
		}, "250"},
		{"MTA-STS that is only tested proves nothing", offers, func(t *testing.T, r *policyRig) {
			unproven(t, r)
			r.sts["rcpt.example"] = enforced("testing", "mx.rcpt.example")
		}, "550 5.7.30"},
		{"another authority", func(r *policyRig, p *smtptest.Peer) {
			offers(r, p)
			p.TLSConfig = smtptest.NewCA(t).Config("mx.rcpt.example")
		}, nil, "550 5.7.10"},
		{"another authority, MTA-STS tested", func(r *policyRig, p *smtptest.Peer) {
			offers(r, p)
			p.TLSConfig = smtptest.NewCA(t).Config("mx.rcpt.example")
		}, func(t *testing.T, r *policyRig) { r.sts["rcpt.example"] = enforced("testing", "mx.rcpt.example") }, "550 5.7.10"},
		{"another authority, unusable DANE", func(r *policyRig, p *smtptest.Peer) {
			offers(r, p)
			p.TLSConfig = smtptest.NewCA(t).Config("mx.rcpt.example")
		}, func(t *testing.T, r *policyRig) {
			r.dns.Add("_25._tcp.mx.rcpt.example. 300 IN TLSA 1 1 1 " + strings.Repeat("00", 32))
		}, "550 5.7.10"},
		{"another authority, DANE", func(r *policyRig, p *smtptest.Peer) {
			offers(r, p)
			p.TLSConfig = smtptest.NewCA(t).Config("x.example")
		}, func(t *testing.T, r *policyRig) {
			r.tlsa(t, "mx.rcpt.example", 3, 1, 1, r.peers["192.0.2.1:25"].TLSConfig)
		}, "250"},
		{"no TLS", func(r *policyRig, p *smtptest.Peer) {
			offers(r, p)
			p.TLSConfig = nil
		}, nil, "550 5.7.10"},
		{"TLS fails for now", func(r *policyRig, p *smtptest.Peer) {
			offers(r, p)
			p.On = func(_ *smtptest.Session, line string) string {
				if line == "STARTTLS" {
					return "454 4.7.0 no TLS at present"
				}
				return ""
			}
		}, nil, "451 4.7.5"},
		{"policy not fetched", offers, func(t *testing.T, r *policyRig) {
			unproven(t, r)
			r.opt.STS = unfetched{}
		}, "451 4.4.3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newPolicyRig(t, tt.peer)
			r.route.obeys = policies{} // what the sender asks for does not depend on that
			if tt.set != nil {
				tt.set(t, r)
			}
			tx := r.Begin(r.route.For("rcpt.example"))
			defer tx.Abort()
			v := tx.Envelope(t.Context(), envelope.ReversePath{Path: "a@sender.example", RequireTLS: true}, to("b@rcpt.example"), false)[0]
			if !strings.HasPrefix(v.Error(), tt.want) {
				t.Errorf("verdict %v", v)
			}
			heard := strings.Join(r.peers["192.0.2.1:25"].Heard(), "\n")
			if strings.Contains(heard, "MAIL FROM:<a@sender.example> REQUIRETLS") != v.OK() || !v.OK() && strings.Contains(heard, "MAIL") {
				t.Errorf("the host heard %s", heard)
			}
		})
	}
}

// unfetched knows no policy.
type unfetched struct{}

func (unfetched) Policy(context.Context, string) (*tlspolicy.Policy, error) {
	return nil, errors.New("no reply in time")
}

// Each host of a domain is tried until one meets the conditions (RFC 8689 §4.2.1), and
// what one lacks is not held against it for other mail.
func TestRequireTLSTriesEachHost(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  func(r *policyRig, first, second *smtptest.Peer)
		want string
	}{
		{"second offers it", func(_ *policyRig, _, second *smtptest.Peer) { second.Keywords = append(second.Keywords, "REQUIRETLS") }, "250"},
		{"none offers it", func(*policyRig, *smtptest.Peer, *smtptest.Peer) {}, "550 5.7.30"},
		{"second cannot be reached", func(r *policyRig, _, _ *smtptest.Peer) { delete(r.peers, "192.0.2.2:25") }, "451"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newPolicyRig(t, nil)
			r.route.TLS = config.RouteTLSVerify
			r.dns.Add("rcpt.example. 300 IN MX 20 mx2.rcpt.example.", "mx2.rcpt.example. 300 IN A 192.0.2.2")
			first, second := r.peers["192.0.2.1:25"], smtptest.NewPeer(t, func(p *smtptest.Peer) { p.TLSConfig = r.ca.Config("mx2.rcpt.example") })
			r.peers["192.0.2.2:25"] = second
			tt.set(r, first, second)
			for range 2 { // for the second one there is a connection of other mail
				tx := r.Begin(r.route.For("rcpt.example"))
				v := tx.Envelope(t.Context(), envelope.ReversePath{Path: "a@sender.example", RequireTLS: true}, to("b@rcpt.example"), false)[0]
				tx.Abort()
				if !strings.HasPrefix(v.Error(), tt.want) {
					t.Errorf("verdict %v", v)
				}
				if v := r.send(t, "rcpt.example"); !v.OK() {
					t.Error(v)
				}
			}
			if got := len(first.Took()); got != 2 {
				t.Errorf("the first host got %d messages of the others", got)
			}
			if heard := strings.Join(first.Heard(), "\n"); strings.Contains(heard, "REQUIRETLS") || !strings.Contains(heard, "QUIT") {
				t.Errorf("the first host heard %s", heard)
			}
		})
	}
}

// Without MX records the domain is the host, and its certificate proves that, whatever
// DNSSEC says.
func TestRequireTLSWithoutMX(t *testing.T) {
	for name, want := range map[string]string{"direct.example": "250", "mx.rcpt.example": "550 5.7.10"} {
		r := newPolicyRig(t, func(r *policyRig, p *smtptest.Peer) {
			p.Keywords = append(p.Keywords, "REQUIRETLS")
			p.TLSConfig = r.ca.Config(name)
		})
		r.dns.Add("direct.example. 300 IN A 192.0.2.1")
		r.dns.Insecure("direct.example")
		tx := r.Begin(r.route.For("direct.example"))
		v := tx.Envelope(t.Context(), envelope.ReversePath{Path: "a@sender.example", RequireTLS: true}, to("b@direct.example"), false)[0]
		tx.Abort()
		if !strings.HasPrefix(v.Error(), want) {
			t.Errorf("a certificate for %s: %v", name, v)
		}
	}
}

// A connection of a message without REQUIRETLS is not used for one with it.
func TestRequireTLSSharesNoConnections(t *testing.T) {
	r := newPolicyRig(t, func(r *policyRig, p *smtptest.Peer) {
		p.Keywords = append(p.Keywords, "REQUIRETLS")
		p.TLSConfig = smtptest.NewCA(t).Config("mx.rcpt.example")
	})
	if v := r.send(t, "rcpt.example"); !v.OK() {
		t.Fatal(v)
	}
	tx := r.Begin(r.route.For("rcpt.example"))
	defer tx.Abort()
	if v := tx.Envelope(t.Context(), envelope.ReversePath{Path: "a@sender.example", RequireTLS: true}, to("b@rcpt.example"), false)[0]; v.OK() {
		t.Error("sent over a connection without a check")
	}
}

// A notification is sent in any case, with REQUIRETLS where that is offered.
func TestNotificationOfRequireTLS(t *testing.T) {
	for _, offered := range []bool{true, false} {
		r := newPolicyRig(t, func(r *policyRig, p *smtptest.Peer) {
			p.TLSConfig = smtptest.NewCA(t).Config("x.example")
			if offered {
				p.Keywords = append(p.Keywords, "REQUIRETLS")
			}
		})
		tx := r.Begin(r.route.For("rcpt.example"))
		v := tx.Envelope(t.Context(), envelope.ReversePath{RequireTLS: true}, to("b@rcpt.example"), false)[0]
		tx.Abort()
		if heard := strings.Join(r.peers["192.0.2.1:25"].Heard(), "\n"); !v.OK() || strings.Contains(heard, "MAIL FROM:<> REQUIRETLS") != offered {
			t.Errorf("%v: verdict %v, the host heard %s", offered, v, heard)
		}
	}
}

// "TLS-Required: No" makes a message arrive where a policy would not let it, and
// changes nothing for others.
func TestOptionalTLS(t *testing.T) {
	r := newPolicyRig(t, func(_ *policyRig, p *smtptest.Peer) { p.TLSConfig = nil })
	r.sts["rcpt.example"] = enforced("enforce", "mx.rcpt.example")
	for _, tt := range []struct {
		from envelope.ReversePath
		ok   bool
	}{{envelope.ReversePath{Path: "a@x.example"}, false}, {envelope.ReversePath{Path: "a@x.example", OptionalTLS: true}, true},
		{envelope.ReversePath{Path: "a@x.example", OptionalTLS: true, RequireTLS: true}, false}, {envelope.ReversePath{Path: "a@x.example"}, false}} {
		tx := r.Begin(r.route.For("rcpt.example"))
		v := tx.Envelope(t.Context(), tt.from, to("b@rcpt.example"), false)[0]
		tx.Abort()
		if v.OK() != tt.ok {
			t.Errorf("%+v: %v", tt.from, v)
		}
	}
}
