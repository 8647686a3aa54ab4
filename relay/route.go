package relay

import (
	"fmt"
	"strings"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/nexthop"
)

// Router finds the route of a recipient. It is immutable.
type Router struct {
	rules []rule
}

// rule assigns some domains to a route.
type rule struct {
	domains []string // as envelope.ASCIIDomain returns them; none matches everything
	route   *nexthop.Route
}

// NewRouter makes the router of a configuration. It reads the files that the routes
// name, and fails when one cannot be read.
func NewRouter(cfg *config.Config) (*Router, error) {
	r := &Router{}
	for i := range cfg.Routes {
		c := &cfg.Routes[i]
		var one rule
		for _, d := range c.Domains {
			one.domains = append(one.domains, envelope.ASCIIDomain(d))
		}
		name := "*"
		if len(one.domains) > 0 {
			name = one.domains[0]
		}
		var err error
		if one.route, err = nexthop.NewRoute(name, c); err != nil {
			return nil, fmt.Errorf("route %d: %w", i+1, err)
		}
		r.rules = append(r.rules, one)
	}
	return r, nil
}

// route returns the first route for the domain of the forward-path, or nil. A path
// without a domain (RFC 5321 §4.5.1, postmaster) is sent by the route for all other
// domains.
func (r *Router) route(forwardPath string) *nexthop.Route {
	domain := domainOf(forwardPath)
	for _, rule := range r.rules {
		if rule.takes(domain) {
			return rule.route
		}
	}
	return nil
}

// routeOf returns the route of a recipient with its hosts, which may be those of the
// recipient's domain; nil if there is none.
func (r *Router) routeOf(forwardPath string) *nexthop.Route {
	route := r.route(forwardPath)
	if route == nil {
		return nil
	}
	return route.For(domainOf(forwardPath))
}

// domainOf returns the domain of a path as envelope.ASCIIDomain does, "" if it has
// none.
func domainOf(path string) string {
	at := strings.LastIndexByte(path, '@')
	if at < 0 {
		return ""
	}
	return envelope.ASCIIDomain(path[at+1:])
}

// Routes returns all routes in the order of the configuration.
func (r *Router) Routes() []*nexthop.Route {
	routes := make([]*nexthop.Route, len(r.rules))
	for i, rule := range r.rules {
		routes[i] = rule.route
	}
	return routes
}

// takes reports whether a domain, as envelope.ASCIIDomain returns it, matches the
// rule.
func (r rule) takes(domain string) bool {
	if len(r.domains) == 0 {
		return true
	}
	for _, d := range r.domains {
		switch {
		case d == "*":
			return true
		case strings.HasPrefix(d, "*."):
			if suffix := d[1:]; len(domain) > len(suffix) && strings.HasSuffix(domain, suffix) {
				return true
			}
		case d == domain && domain != "":
			return true
		}
	}
	return false
}
