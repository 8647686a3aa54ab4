package nexthop

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/resolver"
	"github.com/reconvene/reconvene/relay/resolver/dnstest"
	"github.com/reconvene/reconvene/relay/smtptest"
)

func TestRouteForDomain(t *testing.T) {
	fixed := &Route{Via: []string{"gw.example:25"}}
	if fixed.For("a.example") != fixed || fixed.PerDomain() {
		t.Error("a route with hosts of its own depends on the domain")
	}
	r, err := NewRoute("*", &config.Route{Via: []string{"mx"}, Fallback: []string{"spare.example", "192.0.2.1:587"}, Profile: "domino", MaxConnections: 7,
		Auth: config.RouteAuth{User: "relay", PasswordFile: "secret"}})
	if err != nil {
		t.Fatal(err)
	}
	a := r.For("A.example.")
	if a == r || r.For("a.example") != a || r.For("b.example") == a || a.For("c.example") != a {
		t.Error("one domain, one route")
	}
	if a.Name != "*" || a.Profile != "domino" || a.MaxConnections != 7 || a.Auth.User != "" || !r.PerDomain() || a.PerDomain() {
		t.Errorf("%+v", a)
	}
	if f := a.Fallback(); f == nil || strings.Join(f.Via, " ") != "spare.example:25 192.0.2.1:587" || f.Auth.User != "relay" || f.Fallback() != nil {
		t.Errorf("fallback %+v", f)
	}
	for domain, want := range map[string]string{
		"a.example": "mx:a.example:25", "Bücher.example": "mx:xn--bcher-kva.example:25", "[192.0.2.1]": "192.0.2.1:25",
		"[IPv6:2001:db8::1]": "[2001:db8::1]:25", "": "no domain",
	} {
		if got := r.For(domain); got.Via[0] != want || (got.unusable != nil) != (domain == "") {
			t.Errorf("%s: %s %v", domain, got.Via[0], got.unusable)
		}
	}
	for _, literal := range []string{"[2001:db8::1]", "[IPv6:192.0.2.1]", "[192.0.2.1", "[a.example]", "[]", "[IPv6:fe80::1%eth0]", "[192.0.2.01]", "[Tag:x]"} {
		if got := r.For(literal); got.unusable == nil {
			t.Errorf("%s: %v", literal, got.Via)
		}
	}
	for i := range 2 * maxDomains {
		r.For(fmt.Sprintf("d%d.example", i))
	}
	if n := len(r.domains.routes); n > maxDomains {
		t.Errorf("%d routes are kept", n)
	}
}

// perDomainRig is an engine whose route depends on the domain, with a DNS server of the
// test. Whatever address is dialled, the peer answers; dialled has them.
func perDomainRig(t *testing.T, peer *smtptest.Peer) (h *engineTest, s *dnstest.Server, dialled *[]string) {
	t.Helper()
	h, s, dialled = newEngine(t, peer), dnstest.New(t), new([]string)
	h.directory.dns = resolver.New(resolver.Options{Servers: []string{s.Addr}, IPv6: func() bool { return true }})
	h.directory.self = func(host string, addr netip.AddrPort) bool {
		return strings.EqualFold(host, "relay.test") || addr.Addr() == netip.MustParseAddr("192.0.2.99")
	}
	h.opt.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		*dialled = append(*dialled, addr)
		if strings.HasPrefix(addr, "[") {
			return nil, errors.New("network is unreachable")
		}
		return h.dial(ctx, network, peer.Addr)
	}
	h.route.Via = []string{"mx"}
	return h, s, dialled
}

// rcpt sends one envelope to a domain and returns the verdict.
func (h *engineTest) rcpt(t *testing.T, domain string) envelope.Verdict {
	t.Helper()
	tx := h.Begin(h.route.For(domain))
	defer tx.Abort()
	return tx.Envelope(t.Context(), envelope.ReversePath{Path: "a@sender.example"}, []envelope.Recipient{{Path: "b@" + domain}}, false)[0]
}

func TestMailByMX(t *testing.T) {
	h, s, dialled := perDomainRig(t, smtptest.NewPeer(t, nil))
	s.Add("two.example. 300 IN MX 20 c.example.", "two.example. 300 IN MX 10 a.example.", "a.example. 300 IN A 192.0.2.1", "a.example. 300 IN AAAA 2001:db8::1",
		"a.example. 300 IN AAAA 2001:db8::2", "c.example. 300 IN A 192.0.2.3", "apex.example. 300 IN A 192.0.2.4",
		"alias.example. 300 IN CNAME two.example.", "mxalias.example. 300 IN MX 10 www.example.", "www.example. 300 IN CNAME c.example.",
		"null.example. 300 IN MX 0 .", "gone.example. 300 IN MX 10 missing.example.", "gone.example. 300 IN MX 20 missing2.example.",
		"some.example. 300 IN MX 10 missing.example.", "some.example. 300 IN MX 20 c.example.", "text.example. 300 IN TXT x",
		"local.example. 300 IN MX 10 localhost.example.", "localhost.example. 300 IN A 127.0.0.1", "localhost.example. 300 IN AAAA ::1",
		"link.example. 300 IN A 169.254.1.1", "map.example. 300 IN AAAA ::ffff:127.0.0.1",
		"us.example. 300 IN MX 10 relay.test.", "us2.example. 300 IN A 192.0.2.99", "us3.example. 300 IN MX 10 a.example.", "us3.example. 300 IN MX 5 us2.example.",
		"backup.example. 300 IN MX 10 c.example.", "backup.example. 300 IN MX 20 relay.test.", "backup.example. 300 IN MX 30 a.example.",
		"broken.example. 300 IN MX 10 fails.example.", "half.example. 300 IN MX 10 fails.example.", "half.example. 300 IN MX 20 missing.example.",
		`odd.example. 300 IN MX 10 a\032b.example.`)
	s.Fail("servfail.example", 0, 2)
	s.Fail("fails.example", 0, 2)
	for _, tt := range []struct{ domain, dialled, verdict string }{
		{"two.example", "[2001:db8::1]:25 192.0.2.1:25", "250"},
		{"apex.example", "192.0.2.4:25", "250"}, // implicit MX, RFC 5321 §5.1
		{"alias.example", "192.0.2.1:25", "250"},
		{"mxalias.example", "192.0.2.3:25", "250"}, // against RFC 5321 §5.1, and usual
		{"some.example", "192.0.2.3:25", "250"},
		{"backup.example", "192.0.2.3:25", "250"},
		{"[192.0.2.7]", "192.0.2.7:25", "250"},
		{"[IPv6:2001:db8::7]", "[2001:db8::7]:25", "451 4.4.1"},
		{"null.example", "", "556 5.1.10"},
		{"missing.example", "", "550 5.1.2"},
		{"text.example", "", "550 5.1.2"},
		{"-", "", "550 5.1.2"},
		{"gone.example", "", "550 5.4.4"},
		{"odd.example", "", "550 5.4.4"},
		{"local.example", "", "550 5.4.4"},
		{"link.example", "", "550 5.4.4"},
		{"map.example", "", "550 5.4.4"},
		{"[127.0.0.1]", "", "550 5.4.4"},
		{"[192.0.2.99]", "", "550 5.4.6"},
		{"us.example", "", "550 5.4.6"},
		{"us2.example", "", "550 5.4.6"},
		{"us3.example", "", "550 5.4.6"},
		{"", "", "550 5.1.3"},
		{"[x]", "", "550 5.1.3"},
		{"servfail.example", "", "451 4.4.3"},
		{"broken.example", "", "451 4.4.3"},
		{"half.example", "", "451 4.4.3"},
	} {
		t.Run(tt.domain, func(t *testing.T) {
			*dialled = nil
			h.pool.close()
			v := h.rcpt(t, tt.domain)
			got := fmt.Sprintf("%d %d.%d.%d", v.Code, v.Enhanced[0], v.Enhanced[1], v.Enhanced[2])
			if !strings.HasPrefix(got, tt.verdict) {
				t.Errorf("verdict %v", v)
			}
			if d := strings.Join(*dialled, " "); d != tt.dialled && !(tt.domain == "alias.example" && strings.HasSuffix(d, tt.dialled)) {
				t.Errorf("dialled %s", d)
			}
		})
	}
}

// A host that the administrator has named is never a reason for a permanent refusal,
// and may be on this machine.
func TestFixedHostsStayTemporary(t *testing.T) {
	h, s, _ := perDomainRig(t, smtptest.NewPeer(t, nil))
	s.Add("null.example. 300 IN MX 0 .", "local.example. 300 IN A 127.0.0.1")
	for via, code := range map[string]int{"mx:null.example:25": 451, "mx:missing.example:25": 451, "missing.example:25": 451, "mx:local.example:25": 250, "127.0.0.1:25": 250} {
		h.route = h.route.clone()
		h.route.Via = []string{via}
		if v := h.rcpt(t, "b.example"); v.Code != code {
			t.Errorf("%s: %v", via, v)
		}
	}
}

// A host that greets by our own name is this server, reached by an address that we do
// not know as ours.
func TestOwnNameInEHLO(t *testing.T) {
	h, s, _ := perDomainRig(t, smtptest.NewPeer(t, func(p *smtptest.Peer) {
		p.On = func(_ *smtptest.Session, line string) string {
			if strings.HasPrefix(line, "EHLO") {
				return "250-Relay.test greets you\r\n250 PIPELINING"
			}
			return ""
		}
	}))
	s.Add("nat.example. 300 IN A 192.0.2.50")
	if v := h.rcpt(t, "nat.example"); v.Code != 550 || v.Enhanced != [3]int{5, 4, 6} {
		t.Errorf("verdict %v", v)
	}
}

// Two domains with the same mail exchanger: one connection at a time is enough.
func TestConnectionsAreSharedAmongDomains(t *testing.T) {
	p := smtptest.NewPeer(t, nil)
	h, s, dialled := perDomainRig(t, p)
	s.Add("one.example. 300 IN MX 10 mx.example.", "two.example. 300 IN MX 10 mx.example.", "mx.example. 300 IN A 192.0.2.1")
	for range 2 {
		for _, domain := range []string{"one.example", "two.example"} {
			if v := h.rcpt(t, domain); !v.OK() {
				t.Fatal(v)
			}
		}
	}
	if len(*dialled) != 1 {
		t.Errorf("dialled %v", *dialled)
	}
}

// Whether mail could be sent by MX is whether the DNS answers.
func TestReachByMX(t *testing.T) {
	h, s, _ := perDomainRig(t, smtptest.NewPeer(t, nil))
	h.opt.Hostname = "relay.example"
	for _, works := range []bool{true, false} {
		s.Fail("relay.example", 0, 2) // the server works nevertheless
		if !works {
			h.directory.dns = resolver.New(resolver.Options{Servers: []string{s.Addr}, Dial: func(context.Context, string, string) (net.Conn, error) {
				return nil, errors.New("network is unreachable")
			}})
		}
		if got := h.Reach(t.Context(), h.route); len(got) != 1 || (got[0].Err == nil) != works {
			t.Errorf("%v: %v", works, got)
		}
		if got := h.Probe(t.Context(), h.route); len(got) != 1 || (got[0].Err == nil) != works {
			t.Errorf("%v: %v", works, got)
		}
	}
}
