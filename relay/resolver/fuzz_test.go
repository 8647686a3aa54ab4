package resolver

import (
	"testing"

	"github.com/miekg/dns"
)

// Whatever a server answers: what is taken from it is of the type that was asked for,
// of a name that is one, and bounded.
func FuzzTake(f *testing.F) {
	seed := func(rcode int, records ...string) {
		m := new(dns.Msg).SetQuestion("a.example.", dns.TypeMX)
		m.Response, m.Rcode = true, rcode
		for _, text := range records {
			rr, err := dns.NewRR(text)
			if err != nil {
				f.Fatal(err)
			}
			if rr.Header().Rrtype == dns.TypeSOA {
				m.Ns = append(m.Ns, rr)
			} else {
				m.Answer = append(m.Answer, rr)
			}
		}
		wire, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire, dns.TypeMX)
	}
	seed(0, "a.example. 300 IN MX 10 b.example.", "a.example. 300 IN MX 0 .")
	seed(0, "a.example. 300 IN CNAME b.example.", "b.example. 300 IN MX 10 c.example.")
	seed(0, "a.example. 300 IN CNAME a.example.")
	seed(0, `a.example. 300 IN CNAME a\000b.example.`)
	seed(3, "example. 300 IN SOA ns.example. root.example. 1 2 3 4 5")
	seed(0, "a.example. 300 CH MX 10 b.example.")
	f.Fuzz(func(t *testing.T, wire []byte, qtype uint16) {
		m := new(dns.Msg)
		if m.Unpack(wire) != nil {
			return
		}
		p, ok := take(m, "a.example", qtype)
		if !ok {
			return
		}
		if !isHostname(p.name) || len(p.records) > maxRecords || p.ttl < 0 || p.ttl > maxTTL {
			t.Errorf("%+v", p)
		}
		for _, rr := range p.records {
			if rr.Header().Rrtype != qtype || canonical(rr.Header().Name) != p.name {
				t.Errorf("%v", rr)
			}
		}
		addresses(p.records)
	})
}
