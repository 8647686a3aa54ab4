package nexthop

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/reconvene/reconvene/relay/resolver"
)

// HostResolver looks up the hosts of a route; *net.Resolver implements it.
type HostResolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
}

// mailResolver is a HostResolver that also reports what was validated by DNSSEC;
// *resolver.Resolver implements it.
type mailResolver interface {
	LookupExchangers(ctx context.Context, domain string) (list []*net.MX, authentic bool, err error)
	LookupAddresses(ctx context.Context, host string) (resolver.Addresses, error)
}

const (
	// directoryAge is how long an answer of the DNS is used without asking again.
	directoryAge = 30 * time.Second
	// directoryStale is how long one is used when the DNS does not answer.
	directoryStale = time.Hour
	// directoryTimeout bounds a look-up.
	directoryTimeout = 10 * time.Second
	// maxAddresses is how many addresses of a host are tried (RFC 5321 §5.1 asks
	// for two at least), and how many mail exchangers.
	maxAddresses = 5
)

// directory looks up and caches the addresses of next hops.
type directory struct {
	dns  HostResolver
	now  func() time.Time
	self func(host string, addr netip.AddrPort) bool // whether it is this server

	mu    sync.Mutex
	known map[listingKey]listing
}

// listingKey is what the addresses of an entry depend on.
type listingKey struct {
	via    string
	domain bool // the route is that of a domain
	dane   bool // TLSA records were looked up, too
}

type listing struct {
	targets []target
	at      time.Time
}

// targets returns the addresses of all entries of via, in their order. An entry
// without an address is returned with the reason. Entries are looked up at the same
// time, so that a slow name server delays only once.
func (d *directory) targets(ctx context.Context, r *Route) []target {
	if r.unusable != nil {
		return []target{{via: r.Via[0], host: r.Via[0], addr: r.Via[0], err: r.unusable}}
	}
	lists := make([][]target, len(r.Via))
	var asking sync.WaitGroup
	for i, v := range r.Via {
		if t, ok := literalTarget(v); ok && r.domain == "" {
			lists[i] = []target{t}
		} else if l, ok := d.recall(r.listingKey(v), directoryAge); ok {
			lists[i] = l
		} else {
			asking.Go(func() { lists[i] = d.ask(ctx, r, v) })
		}
	}
	asking.Wait()
	return slices.Concat(lists...)
}

func (r *Route) listingKey(via string) listingKey {
	return listingKey{via, r.domain != "", r.obeys.dane}
}

func (d *directory) recall(key listingKey, age time.Duration) ([]target, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l, ok := d.known[key]
	return l.targets, ok && d.now().Sub(l.at) < age
}

// ask looks an entry up. After a temporary failure of the DNS the previous addresses
// are used.
func (d *directory) ask(ctx context.Context, r *Route, via string) []target {
	ctx, cancel := context.WithTimeout(ctx, directoryTimeout)
	defer cancel()
	list, err := d.lookUp(ctx, r, via)
	if err != nil {
		if old, ok := d.recall(r.listingKey(via), directoryStale); ok && !isNotFound(err) && !r.obeys.dane {
			return old // but not what may have to be protected by now
		}
		return []target{{via: via, host: via, addr: via, err: err}}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known == nil || len(d.known) >= maxRemembered {
		d.known = make(map[listingKey]listing)
	}
	d.known[r.listingKey(via)] = listing{list, d.now()}
	return list
}

func (d *directory) lookUp(ctx context.Context, r *Route, via string) ([]target, error) {
	if name, port, ok := cutMX(via); ok {
		return d.exchangers(ctx, hostLookup{route: r, via: via, port: port, domain: name})
	}
	host, port, err := net.SplitHostPort(via)
	if err != nil {
		return nil, err
	}
	return d.addresses(ctx, hostLookup{route: r, via: via, host: host, port: port, authentic: true})
}

// hostLookup is a host of an entry of via.
type hostLookup struct {
	route      *Route
	via        string
	host, port string
	domain     string // whose mail exchanger it is; "" if it was named as a host
	authentic  bool   // it is certain that it is the one
}

// addresses returns those of one host, in the order of the resolver.
func (d *directory) addresses(ctx context.Context, q hostLookup) ([]target, error) {
	a, err := d.hostAddresses(ctx, q)
	if err != nil {
		return nil, lookUpError(q.host, err)
	}
	var list []target
	own, refused := false, false
	for _, ip := range a.List {
		t := target{via: q.via, host: net.JoinHostPort(q.host, q.port), addr: net.JoinHostPort(ip.Unmap().String(), q.port), domain: q.domain, authentic: q.authentic}
		if at, err := netip.ParseAddrPort(t.addr); err == nil && d.self != nil && d.self("", at) {
			own = true
			continue
		}
		if !q.route.admits(ip.Unmap()) {
			refused = true
			continue
		}
		list = append(list, t)
	}
	switch {
	case len(list) > 0:
		list = list[:min(len(list), maxAddresses)]
		return list, d.lookUpDANE(ctx, q, a, list)
	case own:
		return nil, errLoop
	case refused:
		return nil, errUnroutable
	}
	return nil, fmt.Errorf("%s has no address", q.host)
}

// hostAddresses is the addresses of a host; those of a literal are not from the DNS.
type hostAddresses struct {
	resolver.Addresses
	literal bool
}

// hostAddresses looks up a host: in the DNS a mail exchanger, and where it matters what
// DNSSEC says; any other as the resolver wants it.
func (d *directory) hostAddresses(ctx context.Context, q hostLookup) (a hostAddresses, err error) {
	if ip, err := netip.ParseAddr(q.host); err == nil {
		a.List, a.literal = []netip.Addr{ip}, true
		return a, nil
	}
	if mail, ok := d.dns.(mailResolver); ok && (q.domain != "" || q.route.obeys.dane) {
		a.Addresses, err = mail.LookupAddresses(ctx, q.host)
		return a, err
	}
	a.List, err = d.dns.LookupNetIP(ctx, "ip", q.host)
	return a, err
}

var (
	errLoop        = errors.New("it leads back to this server: mail would loop")
	errNullMX      = errors.New("it accepts no mail (null MX, RFC 7505)")
	errNoExchanger = errors.New("it has no usable mail exchanger")
)

// exchangers returns the mail exchangers of a name: by preference, equal ones in
// random order (RFC 5321 §5.1). Without an MX record it is the name itself. When we
// are among them, only those with a better preference are used.
func (d *directory) exchangers(ctx context.Context, q hostLookup) ([]target, error) {
	records, authentic, err := d.lookUpMX(ctx, q.domain)
	q.authentic = authentic
	if isNotFound(err) || err == nil && len(records) == 0 {
		q.host = q.domain
		list, err := d.addresses(ctx, q)
		for i := range list {
			list[i].implicit = true
		}
		return list, err
	}
	if err != nil && len(records) == 0 { // with records, some of them were malformed
		return nil, lookUpError(q.domain, err)
	}
	if len(records) == 1 && strings.Trim(records[0].Host, ".") == "" {
		return nil, errNullMX
	}
	records, loop := d.beforeUs(records)
	rand.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
	slices.SortStableFunc(records, func(a, b *net.MX) int { return cmp.Compare(a.Pref, b.Pref) })
	var list []target
	for _, mx := range records[:min(len(records), maxAddresses)] {
		if q.host = strings.TrimSuffix(mx.Host, "."); q.host == "" {
			continue
		}
		at, err := d.addresses(ctx, q)
		if errors.Is(err, errLoop) {
			loop = true
			break // this one is us: the following are no better
		}
		if err != nil {
			name := net.JoinHostPort(q.host, q.port)
			at = []target{{via: q.via, host: name, addr: name, err: err}}
		}
		list = append(list, at...)
	}
	switch {
	case len(list) > 0:
		return list, nil
	case loop:
		return nil, errLoop
	}
	return nil, fmt.Errorf("%s: %w", q.domain, errNoExchanger)
}

// lookUpMX returns the MX records of a domain, and whether they are authentic.
func (d *directory) lookUpMX(ctx context.Context, domain string) ([]*net.MX, bool, error) {
	if mail, ok := d.dns.(mailResolver); ok {
		return mail.LookupExchangers(ctx, domain)
	}
	list, err := d.dns.LookupMX(ctx, domain)
	return list, false, err
}

// beforeUs removes the exchangers whose preference is not better than ours, when our
// name is among them.
func (d *directory) beforeUs(records []*net.MX) (before []*net.MX, loop bool) {
	limit := 1 << 16
	for _, mx := range records {
		if d.self != nil && d.self(strings.TrimSuffix(mx.Host, "."), netip.AddrPort{}) {
			limit, loop = min(limit, int(mx.Pref)), true
		}
	}
	for _, mx := range records {
		if int(mx.Pref) < limit {
			before = append(before, mx)
		}
	}
	return before, loop
}

func isNotFound(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// lookUpFailure is a DNS error without the address of the name server.
type lookUpFailure struct {
	name string
	err  error
}

func lookUpError(name string, err error) error { return &lookUpFailure{name, err} }

func (e *lookUpFailure) Error() string {
	var dns *net.DNSError
	if errors.As(e.err, &dns) {
		return fmt.Sprintf("looking up %s: %s", e.name, dns.Err)
	}
	return fmt.Sprintf("looking up %s: %v", e.name, e.err)
}

func (e *lookUpFailure) Unwrap() error { return e.err }
