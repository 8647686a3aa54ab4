package relay

import (
	"context"
	"slices"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/dkim"
	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/resolver"
)

// setup is what is made from one configuration. A transaction keeps the setup that
// was in force when it began.
type setup struct {
	cfg        *config.Config
	router     *Router
	keys       *dkim.Keys
	newSession func() *nexthop.Session // one for each client
	begin      func(*nexthop.Session, *nexthop.Route) hop
	endSession func(*nexthop.Session)
	next       *nexthop.Engine
	dns        *resolver.Resolver
	close      func()
}

// newSetup makes the part of a configuration that needs no socket.
func (s *Server) newSetup(cfg *config.Config) (*setup, error) {
	router, err := NewRouter(cfg)
	if err != nil {
		return nil, err
	}
	keys, err := signingKeys(cfg)
	if err != nil {
		return nil, err
	}
	dns, hosts := s.resolver(cfg.DNS), s.opt.Hosts
	if hosts == nil {
		hosts = dns
	}
	next := nexthop.New(nexthop.Options{Hostname: cfg.Hostname, Limits: cfg.Limits, Bounds: cfg.NextHop, Dial: s.opt.Dial,
		DNS: hosts, STS: s.sts, Results: s.opt.TLSResults, Self: selfOf(cfg), Now: s.opt.Now, Observer: hopLog{s.opt.Log, s.opt.Metrics, &s.offers}})
	return &setup{cfg: cfg, router: router, keys: keys, dns: dns, newSession: next.NewSession, endSession: next.EndSession, next: next, close: next.Close,
		begin: func(v *nexthop.Session, r *nexthop.Route) hop {
			if v == nil { // the queue, which is no client
				return next.Begin(r)
			}
			return next.Mail(v, r)
		}}, nil
}

// resolver returns the resolver of a configuration: the one in force where [dns] has
// not changed, which has cached answers.
func (s *Server) resolver(c config.DNS) *resolver.Resolver {
	if old := s.setup.Load(); old != nil && old.cfg.DNS.Trusted == c.Trusted && slices.Equal(old.cfg.DNS.Servers, c.Servers) {
		return old.dns
	}
	return resolver.New(resolver.Options{Servers: c.Servers, Trusted: c.Trusted, Now: s.opt.Now})
}

// currentDNS looks up TXT records by the configuration that is in force.
type currentDNS struct{ *Server }

// LookupTXT implements delivery.Resolver.
func (s currentDNS) LookupTXT(ctx context.Context, name string) ([]string, error) {
	return s.Server.LookupTXT(ctx, name)
}
