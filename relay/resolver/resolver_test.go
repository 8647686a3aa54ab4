package resolver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/goleak"

	"github.com/reconvene/reconvene/relay/resolver/dnstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a time that the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// newRig returns a resolver with a server of its own.
func newRig(t *testing.T, servers ...string) (*Resolver, *dnstest.Server, *clock) {
	t.Helper()
	s, c := dnstest.New(t), &clock{now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	return New(Options{Servers: append(servers, s.Addr), Now: c.Now, IPv6: func() bool { return true }}), s, c
}

func TestLookups(t *testing.T) {
	r, s, _ := newRig(t)
	s.Add("example.com. 300 IN MX 20 b.example.com.", "example.com. 300 IN MX 10 A.Example.com.", "null.example. 300 IN MX 0 .",
		"a.example.com. 300 IN A 192.0.2.1", "a.example.com. 300 IN A 192.0.2.2", "a.example.com. 300 IN A 0.0.0.0", "a.example.com. 300 IN A 224.0.0.1",
		"a.example.com. 300 IN AAAA 2001:db8::1", "four.example. 300 IN A 192.0.2.4", "six.example. 300 IN AAAA 2001:db8::6",
		"alias.example. 300 IN CNAME alias2.example.", "alias2.example. 300 IN CNAME a.example.com.", "dangling.example. 300 IN CNAME gone.example.",
		`txt.example. 300 IN TXT "v=1; " "a"`, `txt.example. 300 IN TXT "v=2"`,
		"round.example. 300 IN CNAME about.example.", "about.example. 300 IN CNAME round.example.",
		`odd.example. 300 IN CNAME a\032b.example.`)
	hosts := func(host string) string {
		a, err := r.LookupAddresses(t.Context(), host)
		return fmt.Sprint(a.Name, a.List, a.Authentic, a.Partial, err)
	}
	for _, tt := range []struct{ got, want string }{
		{hosts("A.example.com."), "a.example.com[2001:db8::1 192.0.2.1 192.0.2.2] true <nil> <nil>"},
		{hosts("four.example"), "four.example[192.0.2.4] true <nil> <nil>"},
		{hosts("six.example"), "six.example[2001:db8::6] true <nil> <nil>"},
		{hosts("alias.example"), "a.example.com[2001:db8::1 192.0.2.1 192.0.2.2] true <nil> <nil>"},
		{hosts("gone.example"), "gone.example[] true <nil> lookup gone.example: no such host"},
		{hosts("dangling.example"), "gone.example[] true <nil> lookup dangling.example: no such host"},
		{hosts("txt.example"), "txt.example[] true <nil> lookup txt.example: no record of this type"},
	} {
		if tt.got != tt.want {
			t.Errorf("got  %s\nwant %s", tt.got, tt.want)
		}
	}
	for _, host := range []string{"round.example", "odd.example"} {
		if _, err := r.LookupAddresses(t.Context(), host); err == nil || isNotFound(err) || !strings.Contains(err.Error(), "aliases") {
			t.Errorf("%s: %v", host, err)
		}
	}
	list, authentic, err := r.LookupExchangers(t.Context(), "example.com")
	if len(list) != 2 || !authentic || err != nil {
		t.Error(list, authentic, err)
	}
	if list, err := r.LookupMX(t.Context(), "null.example"); len(list) != 1 || list[0].Host != "." || err != nil {
		t.Error(list, err)
	}
	if list, authentic, err := r.LookupExchangers(t.Context(), "four.example"); len(list) > 0 || !authentic || !isNotFound(err) {
		t.Error(list, authentic, err)
	}
	if list, err := r.LookupTXT(t.Context(), "txt.example"); strings.Join(list, "|") != "v=1; a|v=2" || err != nil {
		t.Error(list, err)
	}
	if ip, err := r.LookupNetIP(t.Context(), "ip4", "a.example.com"); fmt.Sprint(ip) != "[192.0.2.1 192.0.2.2]" || err != nil {
		t.Error(ip, err)
	}
	for _, name := range []string{"", ".", "a b.example", "a..example", strings.Repeat("a", 64) + ".example", strings.Repeat("a.", 130) + "example", `a\.b`, "*.example", "b\x00.example"} {
		if _, err := r.Lookup(t.Context(), name, dns.TypeA); !isNotFound(err) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// IPv4 comes first on a machine without IPv6.
func TestFamilyOrder(t *testing.T) {
	s := dnstest.New(t)
	s.Add("a.example. 300 IN A 192.0.2.1", "a.example. 300 IN AAAA 2001:db8::1")
	r := New(Options{Servers: []string{s.Addr}, IPv6: func() bool { return false }})
	if a, err := r.LookupAddresses(t.Context(), "a.example"); err != nil || fmt.Sprint(a.List) != "[192.0.2.1 2001:db8::1]" {
		t.Error(a, err)
	}
}

// A family that cannot be looked up does not hide the other.
func TestOneFamilyFails(t *testing.T) {
	r, s, _ := newRig(t)
	s.Add("a.example. 300 IN A 192.0.2.1")
	s.Fail("a.example", dns.TypeAAAA, dns.RcodeServerFailure)
	if a, err := r.LookupAddresses(t.Context(), "a.example"); err != nil || len(a.List) != 1 || a.Partial == nil || !a.Authentic {
		t.Error(a, err)
	}
	r, s, _ = newRig(t)
	s.Fail("a.example", dns.TypeAAAA, dns.RcodeServerFailure)
	if _, err := r.LookupAddresses(t.Context(), "a.example"); err == nil || isNotFound(err) {
		t.Errorf("a host whose AAAA records are not known is said not to exist: %v", err)
	}
}

// The AD bit counts only from a named server on this machine, or one that is trusted,
// and only if the whole chain of aliases has it.
func TestAuthentic(t *testing.T) {
	s := dnstest.New(t)
	s.Add("a.example. 300 IN MX 10 mx.example.", "alias.example. 300 IN CNAME a.example.", "u.example. 300 IN MX 10 mx.example.", "half.example. 300 IN CNAME u.example.")
	s.Insecure("u.example")
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, s.Addr)
	}
	for _, tt := range []struct {
		server, name  string
		trusted, want bool
	}{
		{"127.0.0.1", "a.example", false, true},
		{"[::1]:53", "alias.example", false, true},
		{"127.0.0.1", "u.example", false, false},
		{"127.0.0.1", "half.example", false, false},
		{"127.0.0.1", "none.example", false, true},
		{"127.0.0.53", "a.example", false, false}, // passes on what others say
		{"127.0.0.11:53", "a.example", false, false},
		{"127.0.0.53", "a.example", true, true},
		{"", "a.example", false, false}, // of the system, and on this machine
		{"", "a.example", true, true},
		{"192.0.2.53", "a.example", false, false},
		{"192.0.2.53", "none.example", false, false},
		{"192.0.2.53", "a.example", true, true},
		{"192.0.2.53", "u.example", true, false},
	} {
		servers := []string{tt.server}
		if tt.server == "" {
			servers = nil
		}
		r := New(Options{Servers: servers, Listed: func() []string { return []string{"127.0.0.1"} }, Trusted: tt.trusted, Dial: dial})
		if _, authentic, err := r.LookupExchangers(t.Context(), tt.name); authentic != tt.want || err != nil && !isNotFound(err) {
			t.Errorf("%+v: %v %v", tt, authentic, err)
		}
	}
}

func TestCache(t *testing.T) {
	r, s, c := newRig(t)
	s.Add("a.example. 300 IN TXT a", "zero.example. 0 IN TXT a", "long.example. 604800 IN TXT a", "odd.example. 4294967295 IN TXT a")
	look := func(name string, after time.Duration, questions int) {
		t.Helper()
		c.advance(after)
		if _, err := r.LookupTXT(t.Context(), name); err != nil && !isNotFound(err) {
			t.Error(err)
		}
		if n := s.Asked(name, dns.TypeTXT); n != questions {
			t.Errorf("%s: asked %d times, want %d", name, n, questions)
		}
	}
	look("a.example", 0, 1)
	look("A.example", 299*time.Second, 1)
	look("a.example", time.Second, 2)
	look("zero.example", 0, 1)
	look("zero.example", minTTL-1, 1)
	look("zero.example", 1, 2)
	look("odd.example", 0, 1)
	look("odd.example", minTTL, 2)
	look("long.example", 0, 1)
	look("long.example", maxTTL-1, 1)
	look("long.example", 1, 2)
	look("none.example", 0, 1)
	look("none.example", 59*time.Second, 1) // the minimum of the SOA record
	look("none.example", time.Second, 2)
	s.Fail("fails.example", 0, dns.RcodeServerFailure)
	for n, after := range []time.Duration{0, failureTTL - 1, 1} { // a failure is cached for a moment
		c.advance(after)
		if _, err := r.LookupTXT(t.Context(), "fails.example"); err == nil || isNotFound(err) || s.Asked("fails.example", dns.TypeTXT) != n/2+1 {
			t.Error(n, err, s.Asked("fails.example", dns.TypeTXT))
		}
	}
}

func TestCacheIsBounded(t *testing.T) {
	var c cache
	now := time.Now()
	for i := range 3 * maxCached {
		c.put(question{name: fmt.Sprint(i)}, entry{ttl: time.Hour}, now)
	}
	if n := len(c.entries); n > maxCached || n < maxCached/2 {
		t.Errorf("%d entries", n)
	}
}

// What a server does wrong costs its answer, and the next server is asked.
func TestServersThatFail(t *testing.T) {
	for name, change := range map[string]func(q, m *dns.Msg, network string) *dns.Msg{
		"servfail": func(q, m *dns.Msg, _ string) *dns.Msg { return new(dns.Msg).SetRcode(q, dns.RcodeServerFailure) },
		"refused":  func(q, m *dns.Msg, _ string) *dns.Msg { return new(dns.Msg).SetRcode(q, dns.RcodeRefused) },
		"another question": func(q, m *dns.Msg, _ string) *dns.Msg {
			m.Question[0].Name = "b.example."
			return m
		},
		"another type": func(q, m *dns.Msg, _ string) *dns.Msg {
			m.Question[0].Qtype = dns.TypeA
			return m
		},
		"no question": func(q, m *dns.Msg, _ string) *dns.Msg { m.Question = nil; return m },
		"a question":  func(q, m *dns.Msg, _ string) *dns.Msg { m.Response = false; return m },
		"cut off, tcp": func(q, m *dns.Msg, network string) *dns.Msg {
			m.Truncated = network == "udp"
			return tcpFails(m, network)
		},
	} {
		t.Run(name, func(t *testing.T) {
			bad, good := dnstest.New(t), dnstest.New(t)
			bad.Add("a.example. 300 IN TXT wrong")
			bad.Change(change)
			good.Add("a.example. 300 IN TXT right")
			r := New(Options{Servers: []string{bad.Addr, good.Addr}})
			if list, err := r.LookupTXT(t.Context(), "a.example"); err != nil || len(list) != 1 || list[0] != "right" {
				t.Error(list, err)
			}
			if first := r.servers.list()[0]; first != good.Addr {
				t.Errorf("the next question is put to %s", first)
			}
		})
	}
}

func tcpFails(m *dns.Msg, network string) *dns.Msg {
	if network == "tcp" {
		m.Rcode = dns.RcodeServerFailure
	}
	return m
}

func TestLargeAnswer(t *testing.T) {
	r, s, _ := newRig(t)
	for i := range 200 {
		s.Add(fmt.Sprintf("large.example. 300 IN MX %d host-with-a-long-name-%d.example.", i, i))
	}
	list, err := r.LookupMX(t.Context(), "large.example")
	if err != nil || len(list) != maxRecords {
		t.Error(len(list), err)
	}
	if n := s.Asked("large.example", dns.TypeMX); n != 2 {
		t.Errorf("asked %d times: by UDP, then by TCP", n)
	}
}

// A server that does not know EDNS is asked without it.
func TestServerWithoutEDNS(t *testing.T) {
	r, s, _ := newRig(t)
	s.Add("a.example. 300 IN TXT a")
	s.Change(func(q, m *dns.Msg, _ string) *dns.Msg {
		if q.IsEdns0() != nil {
			return new(dns.Msg).SetRcode(q, dns.RcodeFormatError)
		}
		return m
	})
	if list, err := r.LookupTXT(t.Context(), "a.example"); err != nil || len(list) != 1 {
		t.Error(list, err)
	}
}

// An alias without its target in the same answer is asked for; both answers must be
// authentic.
func TestAliasInParts(t *testing.T) {
	for _, tt := range []struct{ alias, target bool }{{true, true}, {true, false}, {false, true}} {
		r, s, _ := newRig(t)
		s.Add("a.example. 300 IN CNAME b.example.", "b.example. 300 IN TXT b")
		s.Change(func(q, m *dns.Msg, _ string) *dns.Msg {
			m.AuthenticatedData = tt.target
			if len(m.Answer) > 1 {
				m.Answer, m.AuthenticatedData = m.Answer[:1], tt.alias
			}
			return m
		})
		a, err := r.Lookup(t.Context(), "a.example", dns.TypeTXT)
		if err != nil || a.Name != "b.example" || a.Authentic != (tt.alias && tt.target) {
			t.Error(tt, a, err)
		}
	}
}

// Addresses are authentic only in both families.
func TestOneFamilyIsAuthentic(t *testing.T) {
	for _, unsigned := range []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeTXT} {
		r, s, _ := newRig(t)
		s.Add("a.example. 300 IN A 192.0.2.1", "a.example. 300 IN AAAA 2001:db8::1")
		s.Change(func(q, m *dns.Msg, _ string) *dns.Msg {
			m.AuthenticatedData = q.Question[0].Qtype != unsigned
			return m
		})
		if a, err := r.LookupAddresses(t.Context(), "a.example"); err != nil || a.Authentic != (unsigned == dns.TypeTXT) {
			t.Error(dns.TypeToString[unsigned], a, err)
		}
	}
}

// Many who ask the same at once cost one question, and one who goes does not end the
// look-up of the others.
func TestSharedLookup(t *testing.T) {
	s := dnstest.New(t)
	s.Add("a.example. 300 IN TXT a")
	asked, proceed := make(chan struct{}), make(chan struct{})
	var once sync.Once
	s.Change(func(q, m *dns.Msg, _ string) *dns.Msg {
		once.Do(func() { close(asked) })
		<-proceed
		return m
	})
	r := New(Options{Servers: []string{s.Addr}})
	first, leave := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() {
		_, err := r.LookupTXT(first, "a.example")
		gone <- err
	}()
	<-asked
	f := r.join(t.Context(), question{"a.example", dns.TypeTXT})
	leave()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(proceed)
	<-f.done
	r.leave(question{"a.example", dns.TypeTXT}, f)
	if f.err != nil || len(f.found.answer.Records) != 1 || s.Asked("a.example", dns.TypeTXT) != 1 {
		t.Error(f.err, f.found, s.Asked("a.example", dns.TypeTXT))
	}
}

// system is the resolver of an operating system.
type system struct{ asked int }

func (s *system) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	s.asked++
	return []netip.Addr{netip.MustParseAddr("192.0.2.9")}, nil
}

func (s *system) LookupMX(context.Context, string) ([]*net.MX, error) {
	s.asked++
	return []*net.MX{{Host: "mx.example.", Pref: 1}}, nil
}

func (s *system) LookupTXT(context.Context, string) ([]string, error) {
	s.asked++
	return []string{"text"}, nil
}

// Without servers of its own, or any that could be found out, the resolver asks the
// system.
func TestSystem(t *testing.T) {
	sys := new(system)
	r := New(Options{System: sys, Listed: func() []string { return nil }})
	ip, err := r.LookupNetIP(t.Context(), "ip", "a.example")
	if len(ip) != 1 || err != nil {
		t.Error(ip, err)
	}
	mx, authentic, err := r.LookupExchangers(t.Context(), "a.example")
	if len(mx) != 1 || authentic || err != nil {
		t.Error(mx, authentic, err)
	}
	if txt, err := r.LookupTXT(t.Context(), "a.example"); len(txt) != 1 || err != nil {
		t.Error(txt, err)
	}
	if a, err := r.LookupAddresses(t.Context(), "a.example"); len(a.List) != 1 || a.Authentic || err != nil {
		t.Error(a, err)
	}
	if _, err := r.Lookup(t.Context(), "a.example", dns.TypeTLSA); !errors.Is(err, errNoServers) {
		t.Error(err)
	}
	s := dnstest.New(t)
	s.Add("a.example. 300 IN A 192.0.2.1")
	before := sys.asked
	r = New(Options{System: sys, Servers: []string{s.Addr}})
	if ip, err := r.LookupNetIP(t.Context(), "ip", "a.example"); err != nil || fmt.Sprint(ip) != "[192.0.2.1]" || sys.asked != before {
		t.Error(ip, err)
	}
	if _, err := r.LookupNetIP(t.Context(), "ip", "localhost"); err != nil || sys.asked != before+1 {
		t.Error("a name without a dot was not looked up by the system", err)
	}
}

// The servers of the system are read again from time to time.
func TestServersOfTheSystem(t *testing.T) {
	now, list := time.Now(), []string{"192.0.2.1", "2001:db8::1", "192.0.2.2:5353", "192.0.2.3"}
	s := servers{listed: func() []string { return list }, now: func() time.Time { return now }}
	want := func(text string) {
		t.Helper()
		if got := fmt.Sprint(s.list()); got != text {
			t.Errorf("got %s, want %s", got, text)
		}
	}
	want("[192.0.2.1:53 [2001:db8::1]:53 192.0.2.2:5353]")
	s.worked("192.0.2.2:5353")
	want("[192.0.2.2:5353 192.0.2.1:53 [2001:db8::1]:53]")
	list = []string{"192.0.2.7"}
	want("[192.0.2.2:5353 192.0.2.1:53 [2001:db8::1]:53]")
	now = now.Add(listedAge)
	want("[192.0.2.7:53]")
}
