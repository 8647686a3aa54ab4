package resolver

import (
	"context"
	"net"
	"time"

	"github.com/miekg/dns"
)

// entry is an answer as it is cached.
type entry struct {
	answer  Answer
	missing bool // there is no such name
	err     error
	ttl     time.Duration
	until   time.Time
}

// follow asks for a name, and for the name that it is an alias of where the server
// has not done that already.
func (r *Resolver) follow(ctx context.Context, q question) (entry, error) {
	name, authentic, ttl := q.name, true, maxTTL
	for range maxAliases {
		m, believed, err := r.ask(ctx, name, q.qtype)
		if err != nil {
			return entry{}, err
		}
		p, ok := take(m, name, q.qtype)
		if !ok {
			break
		}
		authentic, ttl = authentic && believed && m.AuthenticatedData, min(ttl, p.ttl)
		if !p.more {
			return entry{answer: Answer{Name: p.name, Records: p.records, Authentic: authentic},
				missing: m.Rcode == dns.RcodeNameError, ttl: ttl}, nil
		}
		name = p.name
	}
	return entry{}, &net.DNSError{Err: "too many aliases (CNAME)", Name: q.name, IsTemporary: true}
}

// part is what one answer has for a name.
type part struct {
	name    string // after the aliases of this answer
	records []dns.RR
	ttl     time.Duration
	more    bool // name must be asked for
}

// take returns what an answer has for a name; it is false where the aliases are too
// many or go round in circles, or lead to what is no host name.
func take(m *dns.Msg, name string, qtype uint16) (part, bool) {
	p := part{name: name, ttl: maxTTL}
	for range maxAliases {
		target, ttl, ok := alias(m, p.name)
		if !ok || qtype == dns.TypeCNAME {
			return p.end(m, qtype, p.name != name), true
		}
		if !isHostname(target) {
			return part{}, false
		}
		p.name, p.ttl = target, min(p.ttl, ttl)
	}
	return part{}, false
}

// end fills in the records of the last name. A server that has followed the aliases
// to a name without records says so by an SOA record (RFC 2308 §2).
func (p part) end(m *dns.Msg, qtype uint16, moved bool) part {
	for _, rr := range m.Answer {
		h := rr.Header()
		if h.Rrtype == qtype && h.Class == dns.ClassINET && canonical(h.Name) == p.name && len(p.records) < maxRecords {
			p.records, p.ttl = append(p.records, rr), min(p.ttl, seconds(h.Ttl))
		}
	}
	if len(p.records) > 0 {
		return p
	}
	negative, said := negativeTTL(m)
	p.more = moved && !said && m.Rcode == dns.RcodeSuccess
	p.ttl = min(p.ttl, negative)
	return p
}

// alias returns what a name is an alias of.
func alias(m *dns.Msg, name string) (target string, ttl time.Duration, ok bool) {
	for _, rr := range m.Answer {
		if c, is := rr.(*dns.CNAME); is && c.Hdr.Class == dns.ClassINET && canonical(c.Hdr.Name) == name {
			return canonical(c.Target), seconds(c.Hdr.Ttl), true
		}
	}
	return "", 0, false
}

// negativeTTL returns how long the absence of records may be cached (RFC 2308 §5).
func negativeTTL(m *dns.Msg) (ttl time.Duration, said bool) {
	for _, rr := range m.Ns {
		if soa, ok := rr.(*dns.SOA); ok {
			return min(seconds(soa.Hdr.Ttl), seconds(soa.Minttl), maxNegativeTTL), true
		}
	}
	return 0, false
}

func seconds(n uint32) time.Duration {
	if n > 1<<31-1 {
		return 0 // RFC 2181 §8
	}
	return time.Duration(n) * time.Second
}
