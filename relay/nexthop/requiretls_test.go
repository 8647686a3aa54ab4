package nexthop

import (
	"strings"
	"testing"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/smtptest"
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
		}, nil, "451 4.7.5"},
		{"another authority, MTA-STS tested", func(r *policyRig, p *smtptest.Peer) {
			offers(r, p)
			p.TLSConfig = smtptest.NewCA(t).Config("mx.rcpt.example")
		}, func(t *testing.T, r *policyRig) { r.sts["rcpt.example"] = enforced("testing", "mx.rcpt.example") }, "451 4.7.5"},
		{"another authority, DANE", func(r *policyRig, p *smtptest.Peer) {
			offers(r, p)
			p.TLSConfig = smtptest.NewCA(t).Config("x.example")
		}, func(t *testing.T, r *policyRig) {
			r.tlsa(t, "mx.rcpt.example", 3, 1, 1, r.peers["192.0.2.1:25"].TLSConfig)
		}, "250"},
		{"no TLS", func(r *policyRig, p *smtptest.Peer) {
			offers(r, p)
			p.TLSConfig = nil
		}, nil, "451 4.7.5"},
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
