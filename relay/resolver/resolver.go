package resolver

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

const (
	// lookupTimeout bounds a look-up with all its servers and aliases; askTimeout one
	// question to one server.
	lookupTimeout = 10 * time.Second
	askTimeout    = 3 * time.Second
	// maxAliases is how many CNAME records are followed, in one answer and by further
	// questions.
	maxAliases = 8
	// maxRecords is how many records of an answer are used.
	maxRecords = 100
)

// SystemResolver is the resolver of the operating system; *net.Resolver implements it.
type SystemResolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// Options is what a Resolver needs. All fields are optional.
type Options struct {
	Servers []string // host or host:port, by address; empty: those of the system
	Trusted bool     // believe the AD bit of every server, not only of those in Servers on this machine

	Dial   func(ctx context.Context, network, address string) (net.Conn, error)
	Now    func() time.Time
	System SystemResolver  // nil: net.DefaultResolver
	Listed func() []string // the servers of the system; nil: as the system has them
	IPv6   func() bool     // whether this machine has IPv6; nil: by its addresses
}

// Resolver looks names up. It is safe for concurrent use, and needs no closing.
type Resolver struct {
	opt     Options
	servers servers
	cache   cache

	mu      sync.Mutex
	flights map[question]*flight
}

// question is a name, as canonical returns it, and a type.
type question struct {
	name  string
	qtype uint16
}

// New returns a resolver.
func New(opt Options) *Resolver {
	if opt.Dial == nil {
		opt.Dial = new(net.Dialer).DialContext
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.System == nil {
		opt.System = net.DefaultResolver
	}
	if opt.Listed == nil {
		opt.Listed = systemServers
	}
	if opt.IPv6 == nil {
		opt.IPv6 = hasIPv6
	}
	return &Resolver{opt: opt, flights: make(map[question]*flight),
		servers: servers{configured: withPorts(opt.Servers), listed: opt.Listed, now: opt.Now}}
}

// Answer is what the DNS has of one type for one name.
type Answer struct {
	Name      string   // that has the records: the last of the aliases, without the final dot
	Records   []dns.RR // of the type that was asked for
	Authentic bool     // validated by DNSSEC, also where there are no records
}

// Lookup returns the records of a type. Where there are none the error is a
// *net.DNSError that says so, and the answer has whether that is authentic; any other
// error is temporary.
func (r *Resolver) Lookup(ctx context.Context, name string, qtype uint16) (Answer, error) {
	q := question{canonical(name), qtype}
	if !isHostname(q.name) {
		return Answer{}, &net.DNSError{Err: "not a name that could be looked up", Name: name, IsNotFound: true}
	}
	e, ok := r.cache.get(q, r.opt.Now())
	if !ok {
		var err error
		if e, err = r.share(ctx, q); err != nil {
			return Answer{}, err
		}
	}
	if e.err != nil {
		return Answer{}, e.err
	}
	if len(e.answer.Records) == 0 {
		return e.answer, notFound(name, e.missing)
	}
	return e.answer, nil
}

// notFound is the error where there is no such name, or no record of the type.
func notFound(name string, missing bool) error {
	text := "no record of this type"
	if missing {
		text = "no such host"
	}
	return &net.DNSError{Err: text, Name: name, IsNotFound: true}
}

// canonical returns a name in lower case without the final dot.
func canonical(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// isHostname reports whether a name consists of letters, digits, hyphens and
// underscores (RFC 1123 §2.1, RFC 8552), as all that mail is sent to. Others, which
// DNS would allow, are not looked up.
func isHostname(name string) bool {
	if name == "" || len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
		for _, c := range []byte(label) {
			if c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
				return false
			}
		}
	}
	return true
}
