package tlspolicy

import (
	"context"
	"crypto/x509"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/reconvene/reconvene/relay/resolver"
)

const (
	// retryAfter is how long a policy that could not be fetched is not tried again
	// (RFC 8461 §3.3 recommends five minutes at least).
	retryAfter = 5 * time.Minute
	// refreshAfter is the age at which a policy is fetched again in the background, so
	// that one that is in use does not expire.
	refreshAfter = 24 * time.Hour
	// maxDomains bounds what is kept in memory.
	maxDomains = 10_000
)

// STSResolver is what an STS needs of the DNS; *resolver.Resolver implements it.
type STSResolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupAddresses(ctx context.Context, host string) (resolver.Addresses, error)
}

// STSOptions is what an STS needs. DNS is required.
type STSOptions struct {
	DNS    func() STSResolver // that is in force now
	Dial   func(ctx context.Context, network, address string) (net.Conn, error)
	Now    func() time.Time
	Roots  *x509.CertPool                 // nil: the system's
	Failed func(domain string, err error) // a policy that is announced cannot be fetched; nil ignores it
	Saved  func(folder string, err error) // a policy could not be stored; nil ignores it
}

// STS knows the MTA-STS policies of domains. It is safe for concurrent use.
type STS struct {
	opt   STSOptions
	fetch *fetcher

	mu      sync.Mutex
	folder  string // "": memory only
	domains map[string]*known
}

// known is what is known of a domain.
type known struct {
	policy *Policy       // may have expired
	id     string        // that could not be fetched last
	tried  time.Time     // when that was
	busy   chan struct{} // closed when the fetch that is under way ends; nil: none is
	failed error         // of the last fetch
}

// NewSTS returns an STS without policies.
func NewSTS(opt STSOptions) *STS {
	if opt.Dial == nil {
		opt.Dial = new(net.Dialer).DialContext
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	s := &STS{opt: opt, domains: make(map[string]*known)}
	s.fetch = &fetcher{dial: opt.Dial, roots: opt.Roots, now: opt.Now,
		addresses: func(ctx context.Context, host string) (resolver.Addresses, error) {
			return opt.DNS().LookupAddresses(ctx, host)
		}}
	return s
}

// Use sets the folder for policies, which is made if it is missing; "" for none.
func (s *STS) Use(folder string) error {
	s.mu.Lock()
	same := folder == s.folder
	s.mu.Unlock()
	if same {
		return nil
	}
	var err error
	if folder != "" {
		if err = os.MkdirAll(folder, 0o700); err == nil {
			prune(folder, s.opt.Now())
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.folder = folder
	return err
}

// Policy returns the policy of a domain that is in force, nil if there is none. A
// policy is in force until it expires, whatever the DNS says meanwhile, unless another
// one was fetched: an attacker who can suppress the record or the fetch gains nothing
// (RFC 8461 §10.2). err is why a policy that is announced is not known.
func (s *STS) Policy(ctx context.Context, domain string) (p *Policy, err error) {
	domain = strings.ToLower(strings.TrimSuffix(domain, "."))
	if !isHost(domain) {
		return nil, nil
	}
	k := s.known(domain)
	texts, err := s.opt.DNS().LookupTXT(ctx, "_mta-sts."+domain)
	id, announced := parseRecords(texts)
	if err != nil || !announced {
		return s.inForce(k), nil
	}
	busy := s.begin(domain, id, k)
	if old := s.inForce(k); busy == nil || old != nil && old.ID == id {
		return old, s.failure(k, old)
	}
	select {
	case <-busy:
	case <-ctx.Done():
	}
	p = s.inForce(k)
	return p, s.failure(k, p)
}

// known returns what is known of a domain, from the file if that is not in memory.
func (s *STS) known(domain string) *known {
	s.mu.Lock()
	k, folder := s.domains[domain], s.folder
	s.mu.Unlock()
	if k != nil {
		return k
	}
	k = new(known)
	if folder != "" {
		k.policy = load(folder, domain, s.opt.Now())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if other := s.domains[domain]; other != nil { // read at the same time
		return other
	}
	if len(s.domains) >= maxDomains {
		s.forget()
	}
	s.domains[domain] = k
	return k
}

// forget makes room; s.mu is held. A policy is forgotten only if there is a file, or
// too many domains have one.
func (s *STS) forget() {
	for _, all := range []bool{false, true} {
		for domain, k := range s.domains {
			if len(s.domains) < maxDomains*9/10 {
				return
			}
			if k.busy == nil && (all || k.policy == nil || s.folder != "") {
				delete(s.domains, domain)
			}
		}
	}
}

func (s *STS) inForce(k *known) *Policy {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k.policy == nil || s.opt.Now().After(k.policy.expires()) {
		return nil
	}
	return k.policy
}

// failure returns why a policy is not known, nil if it is.
func (s *STS) failure(k *known, p *Policy) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p != nil {
		return nil
	}
	return k.failed
}

// begin starts a fetch where one is due, and returns a channel that is closed when it
// has ended; nil if none is under way.
func (s *STS) begin(domain, id string, k *known) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opt.Now()
	old := k.policy
	fresh := old != nil && old.ID == id && now.Sub(old.Read) < min(refreshAfter, old.MaxAge/2) && now.Before(old.expires())
	switch {
	case k.busy != nil:
		return k.busy
	case fresh, k.id == id && now.Sub(k.tried) < retryAfter:
		return nil
	}
	k.busy = make(chan struct{})
	go s.run(domain, id, k)
	return k.busy
}

// run fetches a policy and stores it. It does not depend on the message that has caused
// it.
func (s *STS) run(domain, id string, k *known) {
	p, err := s.fetch.fetch(context.Background(), domain)
	if err == nil {
		p.Domain, p.ID, p.Read = domain, id, s.opt.Now()
		s.store(p)
	}
	s.mu.Lock()
	k.failed = err
	if err != nil {
		k.id, k.tried = id, s.opt.Now()
	} else {
		k.policy, k.id = p, ""
	}
	close(k.busy)
	k.busy = nil
	s.mu.Unlock()
	if err != nil && s.opt.Failed != nil {
		s.opt.Failed(domain, err)
	}
}

// store writes a policy to its file. Where that fails it is in force until the program
// ends.
func (s *STS) store(p *Policy) {
	s.mu.Lock()
	folder := s.folder
	s.mu.Unlock()
	if folder == "" {
		return
	}
	if err := save(folder, p); err != nil && s.opt.Saved != nil {
		s.opt.Saved(folder, err)
	}
}
