package tlspolicy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/reconvene/reconvene/relay/resolver"
)

// DNS is what the look-ups need; *resolver.Resolver implements it.
type DNS interface {
	Lookup(ctx context.Context, name string, qtype uint16) (resolver.Answer, error)
}

// LookupDANE returns what the TLSA records of a mail exchanger require; nil if it has
// none. addresses are those of the host, from the same resolver. domains are the names
// that a certificate may be for besides that of the host: the domain of the recipient,
// and what it is an alias of (RFC 7672 §3.2.2).
//
// It must be called only if the answer that named the host was authentic: otherwise
// the name may be that of an attacker's host, with TLSA records of its own. An error
// means that the host must not be used now.
func LookupDANE(ctx context.Context, d DNS, host, port string, addresses resolver.Addresses, domains ...string) (*Requirement, error) {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	bases, err := baseDomains(ctx, d, host, addresses)
	if err != nil {
		return nil, err
	}
	for _, base := range bases {
		name := "_" + port + "._tcp." + base
		a, err := d.Lookup(ctx, name, dns.TypeTLSA)
		switch {
		case isNotFound(err), err == nil && !a.Authentic:
			continue // the other name may have some; what is not authentic proves nothing
		case err != nil:
			return nil, fmt.Errorf("DANE: looking up the TLSA records of %s: %w", name, err)
		}
		q := &Requirement{Kind: DANE, Host: base, names: slices.DeleteFunc(append([]string{host}, domains...), func(s string) bool { return s == "" || s == base }), records: usable(a.Records)}
		if len(q.records) == 0 {
			q.Kind = DANEEncryption
		}
		return q.identify(), nil
	}
	return nil, nil
}

// baseDomains returns the names at which the TLSA records of a host may be: that of its
// last alias first (RFC 7672 §2.2.3).
func baseDomains(ctx context.Context, d DNS, host string, a resolver.Addresses) ([]string, error) {
	switch {
	case a.Authentic && a.Partial != nil:
		return nil, fmt.Errorf("DANE: the addresses of %s: %w", host, a.Partial)
	case a.Authentic && a.Name != host:
		return []string{a.Name, host}, nil
	case a.Authentic:
		return []string{host}, nil
	case a.Name == host:
		return nil, nil
	}
	// The alias may be authentic though its target is not.
	alias, err := d.Lookup(ctx, host, dns.TypeCNAME)
	switch {
	case err == nil && alias.Authentic:
		return []string{host}, nil
	case err != nil && !isNotFound(err):
		return nil, fmt.Errorf("DANE: looking up the alias %s: %w", host, err)
	}
	return nil, nil
}

func isNotFound(err error) bool {
	var failed *net.DNSError
	return errors.As(err, &failed) && failed.IsNotFound
}
