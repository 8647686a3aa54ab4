package nexthop

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// fakeHosts answers from tables.
type fakeHosts struct {
	hosts map[string][]string
	mx    map[string][]*net.MX
	fail  error
	asked *int
}

func (f fakeHosts) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	if f.asked != nil {
		*f.asked++
	}
	if f.fail != nil {
		return nil, f.fail
	}
	var list []netip.Addr
	for _, a := range f.hosts[strings.TrimSuffix(host, ".")] {
		list = append(list, netip.MustParseAddr(a))
	}
	if len(list) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return list, nil
}

func (f fakeHosts) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	if f.fail != nil {
		return nil, f.fail
	}
	if list := f.mx[name]; len(list) > 0 {
		return slices.Clone(list), nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func mx(pref uint16, host string) *net.MX { return &net.MX{Host: host, Pref: pref} }

func TestDirectory(t *testing.T) {
	dns := fakeHosts{
		hosts: map[string][]string{
			"gw.example": {"192.0.2.1", "::ffff:192.0.2.2", "2001:db8::1"}, "many.example": {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6"},
			"a.example": {"192.0.2.11"}, "b.example": {"192.0.2.12"}, "c.example": {"192.0.2.13", "192.0.2.14"}, "us.example": {"192.0.2.99"},
			"alias.example": {"192.0.2.99"}, "apex.example": {"192.0.2.20"}, "relay.example": {"192.0.2.99"},
		},
		mx: map[string][]*net.MX{
			"gw.example":      {mx(10, "elsewhere.example.")},
			"two.example":     {mx(20, "c.example."), mx(10, "a.example.")},
			"null.example":    {mx(0, ".")},
			"some.example":    {mx(10, "missing.example."), mx(20, "a.example.")},
			"backup.example":  {mx(30, "c.example."), mx(20, "relay.example."), mx(20, "b.example."), mx(10, "a.example.")},
			"backup2.example": {mx(30, "c.example."), mx(20, "alias.example."), mx(10, "a.example.")},
			"loop.example":    {mx(10, "RELAY.example."), mx(20, "c.example.")},
			"loop2.example":   {mx(10, "alias.example.")},
		},
	}
	self := func(host string, addr netip.AddrPort) bool {
		return strings.EqualFold(host, "relay.example") || addr == netip.MustParseAddrPort("192.0.2.99:25")
	}
	for _, tt := range []struct{ via, want string }{
		{"192.0.2.7:25", "192.0.2.7:25=192.0.2.7:25"},
		{"[2001:db8::7]:25", "[2001:db8::7]:25=[2001:db8::7]:25"},
		{"gw.example:2525", "gw.example:2525=192.0.2.1:2525 gw.example:2525=192.0.2.2:2525 gw.example:2525=[2001:db8::1]:2525"}, // never by MX
		{"many.example:25", strings.TrimSpace(strings.Join([]string{"many.example:25=192.0.2.1:25", "many.example:25=192.0.2.2:25", "many.example:25=192.0.2.3:25", "many.example:25=192.0.2.4:25", "many.example:25=192.0.2.5:25"}, " "))},
		{"missing.example:25", "looking up missing.example: no such host"},
		{"us.example:25", errLoop.Error()},
		{"mx:two.example:25", "a.example:25=192.0.2.11:25 c.example:25=192.0.2.13:25 c.example:25=192.0.2.14:25"},
		{"mx:apex.example:25", "apex.example:25=192.0.2.20:25"}, // implicit MX, RFC 5321 §5.1
		{"mx:missing.example:25", "looking up missing.example: no such host"},
		{"mx:null.example:25", errNullMX.Error()},
		{"mx:some.example:25", "looking up missing.example: no such host a.example:25=192.0.2.11:25"},
		{"mx:backup.example:25", "a.example:25=192.0.2.11:25"},
		{"mx:backup2.example:25", "a.example:25=192.0.2.11:25"},
		{"mx:loop.example:25", errLoop.Error()},
		{"mx:loop2.example:25", errLoop.Error()},
	} {
		t.Run(tt.via, func(t *testing.T) {
			d := &directory{dns: dns, now: time.Now, self: self}
			var got []string
			for _, target := range d.targets(t.Context(), &Route{Via: []string{tt.via}}) {
				if target.via != tt.via {
					t.Errorf("via %q", target.via)
				}
				if target.err != nil {
					got = append(got, target.err.Error())
				} else {
					got = append(got, target.host+"="+target.addr)
				}
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("got %s\nwant %s", strings.Join(got, " "), tt.want)
			}
		})
	}
}

// Exchangers of the same preference come in random order.
func TestExchangersAreShuffled(t *testing.T) {
	d := &directory{now: time.Now, dns: fakeHosts{
		hosts: map[string][]string{"a.example": {"192.0.2.1"}, "b.example": {"192.0.2.2"}, "c.example": {"192.0.2.3"}},
		mx:    map[string][]*net.MX{"x.example": {mx(10, "a.example."), mx(10, "b.example."), mx(20, "c.example.")}},
	}}
	first := make(map[string]bool)
	for range 100 {
		list, err := d.lookUp(t.Context(), new(Route), "mx:x.example:25")
		if err != nil || len(list) != 3 || list[2].host != "c.example:25" {
			t.Fatal(list, err)
		}
		first[list[0].host] = true
	}
	if len(first) != 2 {
		t.Errorf("first were %v", first)
	}
}

// Answers are kept for a while, and for longer when the DNS does not answer.
func TestDirectoryRemembers(t *testing.T) {
	now, asked := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), 0
	dns := fakeHosts{hosts: map[string][]string{"gw.example": {"192.0.2.1"}}, asked: &asked}
	d := &directory{dns: dns, now: func() time.Time { return now }}
	look := func(after time.Duration, ok bool, questions int) {
		t.Helper()
		now = now.Add(after)
		got := d.targets(t.Context(), &Route{Via: []string{"gw.example:25"}})
		if len(got) != 1 || (got[0].err == nil) != ok || asked != questions {
			t.Errorf("after %v: %v, asked %d times", after, got, asked)
		}
	}
	look(0, true, 1)
	look(directoryAge-1, true, 1)
	look(1, true, 2)
	dns.fail = &net.DNSError{Err: "server misbehaving", IsTemporary: true}
	d.dns = dns
	look(directoryAge, true, 3)
	look(directoryStale, false, 4)
	dns.fail = nil
	d.dns = dns
	look(0, true, 5)
	dns.fail = &net.DNSError{Err: "no such host", IsNotFound: true}
	d.dns = dns
	look(directoryAge, false, 6)
}

// All addresses of a name are tried, and a name that cannot be looked up costs no
// message when there is another host.
func TestAddressesOfAName(t *testing.T) {
	good := smtptest.NewPeer(t, nil)
	h := newEngine(t, good)
	dns := fakeHosts{hosts: map[string][]string{"gw.example": {"192.0.2.1", "192.0.2.2"}}}
	h.directory.dns = dns
	h.opt.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if addr != "192.0.2.2:25" {
			return nil, errors.New("refused")
		}
		return h.dial(ctx, network, good.Addr)
	}
	h.route.Via = []string{"missing.example:25", "gw.example:25"}
	h.mustMail(smtptest.Note)
	h.mustMail(smtptest.Note)
	if len(good.Took()) != 2 || good.Count() != 1 {
		t.Errorf("%d messages, %d connections", len(good.Took()), good.Count())
	}
}
