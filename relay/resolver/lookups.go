package resolver

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// Addresses is what the DNS has of the addresses of a host.
type Addresses struct {
	Name      string       // of the host after its aliases, without the final dot
	List      []netip.Addr // IPv6 and IPv4 in turn
	Authentic bool         // each answer that there was
	Partial   error        // why one family could not be looked up, while the other has addresses
}

// LookupAddresses looks up the addresses of a host in both families at the same time.
func (r *Resolver) LookupAddresses(ctx context.Context, host string) (Addresses, error) {
	var six, four Answer
	var err6 error
	done := make(chan struct{})
	go func() {
		defer close(done)
		six, err6 = r.Lookup(ctx, host, dns.TypeAAAA)
	}()
	four, err4 := r.Lookup(ctx, host, dns.TypeA)
	<-done
	a := Addresses{Name: four.Name, Authentic: four.Authentic || six.Authentic}
	if a.Name == "" {
		a.Name = six.Name
	}
	first, second := addresses(six.Records), addresses(four.Records)
	if !r.opt.IPv6() {
		first, second = second, first
	}
	a.List = inTurn(first, second)
	for i, err := range []error{err4, err6} {
		if err != nil && !isNotFound(err) {
			a.Partial = err
		} else {
			a.Authentic = a.Authentic && []Answer{four, six}[i].Authentic
		}
	}
	switch {
	case len(a.List) > 0:
		return a, nil
	case errors.Is(a.Partial, errNoServers):
		list, err := r.opt.System.LookupNetIP(ctx, "ip", host)
		return Addresses{Name: canonical(host), List: list}, err
	case a.Partial != nil:
		return a, a.Partial
	}
	return a, err4
}

// LookupNetIP implements nexthop.HostResolver. Without configured servers, and for
// names without a dot, the resolver of the system is asked: it also knows the file of
// hosts and the names of the local network.
func (r *Resolver) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	if len(r.servers.configured) == 0 || !strings.Contains(strings.TrimSuffix(host, "."), ".") {
		return r.opt.System.LookupNetIP(ctx, network, host)
	}
	a, err := r.LookupAddresses(ctx, host)
	if err != nil {
		return nil, err
	}
	list := slices.DeleteFunc(a.List, func(ip netip.Addr) bool {
		return network == "ip4" && !ip.Is4() || network == "ip6" && ip.Is4()
	})
	if len(list) == 0 {
		return nil, notFound(host, false)
	}
	return list, nil
}

// LookupExchangers returns the MX records of a domain, and whether they, or that there
// are none, are authentic. Where the servers are not known it asks the system.
func (r *Resolver) LookupExchangers(ctx context.Context, domain string) (list []*net.MX, authentic bool, err error) {
	a, err := r.Lookup(ctx, domain, dns.TypeMX)
	if errors.Is(err, errNoServers) {
		list, err = r.opt.System.LookupMX(ctx, domain)
		return list, false, err
	}
	for _, rr := range a.Records {
		if mx, ok := rr.(*dns.MX); ok {
			list = append(list, &net.MX{Host: mx.Mx, Pref: mx.Preference})
		}
	}
	return list, a.Authentic, err
}

// LookupMX implements nexthop.HostResolver.
func (r *Resolver) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	list, _, err := r.LookupExchangers(ctx, name)
	return list, err
}

// LookupTXT implements delivery.Resolver: one string for each record.
func (r *Resolver) LookupTXT(ctx context.Context, name string) ([]string, error) {
	a, err := r.Lookup(ctx, name, dns.TypeTXT)
	if errors.Is(err, errNoServers) {
		return r.opt.System.LookupTXT(ctx, name)
	}
	var list []string
	for _, rr := range a.Records {
		if txt, ok := rr.(*dns.TXT); ok {
			list = append(list, strings.Join(txt.Txt, ""))
		}
	}
	return list, err
}

// addresses returns those of A or AAAA records that mail could be sent to.
func addresses(records []dns.RR) []netip.Addr {
	var list []netip.Addr
	for _, rr := range records {
		var ip net.IP
		switch rr := rr.(type) {
		case *dns.A:
			ip = rr.A
		case *dns.AAAA:
			ip = rr.AAAA
		}
		if a, ok := netip.AddrFromSlice(ip); ok && !a.Unmap().IsUnspecified() && !a.Unmap().IsMulticast() {
			list = append(list, a.Unmap())
		}
	}
	return list
}

// inTurn takes one address of each list in turn, so that a family that does not work
// here costs the time of one address.
func inTurn(first, second []netip.Addr) []netip.Addr {
	var list []netip.Addr
	for i := range max(len(first), len(second)) {
		if i < len(first) {
			list = append(list, first[i])
		}
		if i < len(second) {
			list = append(list, second[i])
		}
	}
	return list
}

func isNotFound(err error) bool {
	var failed *net.DNSError
	return errors.As(err, &failed) && failed.IsNotFound
}

// hasIPv6 reports whether this machine has an IPv6 address that is not only for the
// local network.
func hasIPv6() bool {
	own, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	return slices.ContainsFunc(own, func(a net.Addr) bool {
		p, err := netip.ParsePrefix(a.String())
		return err == nil && p.Addr().Is6() && !p.Addr().Is4In6() && p.Addr().IsGlobalUnicast() && !p.Addr().IsPrivate()
	})
}
