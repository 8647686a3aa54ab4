package nexthop

import (
	"cmp"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"

	"github.com/reconvene/reconvene/relay/envelope"
)

// perDomain is the entry of via that stands for the mail exchangers of the recipient's
// own domain.
const perDomain = "mx"

// maxDomains bounds how many routes of domains are kept.
const maxDomains = 4096

// byDomain has the routes of domains that were made from one route.
type byDomain struct {
	mu     sync.Mutex
	routes map[string]*Route
}

// PerDomain reports whether the hosts depend on the recipient's domain: then only the
// routes that For returns have any.
func (r *Route) PerDomain() bool { return len(r.Via) == 1 && r.Via[0] == perDomain }

// For returns the route to a domain of recipients, which may be an address literal.
// That is r itself unless its hosts depend on the domain. Two domains have two routes,
// also where their mail exchangers are the same. It is safe for concurrent use.
func (r *Route) For(domain string) *Route {
	if !r.PerDomain() {
		return r
	}
	domain = envelope.ASCIIDomain(domain)
	r.domains.mu.Lock()
	defer r.domains.mu.Unlock()
	if known := r.domains.routes[domain]; known != nil {
		return known
	}
	if r.domains.routes == nil || len(r.domains.routes) >= maxDomains {
		r.domains.routes = make(map[string]*Route)
	}
	own := r.derive(domain)
	r.domains.routes[domain] = own
	return own
}

// derive makes the route of a domain. It has no authentication: a password is not for
// whoever a domain of recipients names as its mail exchangers.
func (r *Route) derive(domain string) *Route {
	own := r.clone()
	own.domain, own.Auth.User, own.Auth.TokenFile = domain, "", ""
	switch literal, isLiteral := strings.CutPrefix(domain, "["); {
	case domain == "":
		own.Via, own.unusable = []string{"no domain"}, errNoDomain
	case isLiteral:
		ip, ok := parseLiteral(literal)
		if own.Via = []string{net.JoinHostPort(ip.String(), "25")}; !ok {
			own.Via, own.unusable = []string{domain}, errLiteral
		}
	default:
		own.Via = []string{mxPrefix + net.JoinHostPort(domain, "25")}
	}
	return own
}

// clone returns a copy without the routes of domains.
func (r *Route) clone() *Route {
	return &Route{Name: r.Name, Via: r.Via, TLS: r.TLS, Profile: r.Profile, Auth: r.Auth, Policy: r.Policy, MaxConnections: r.MaxConnections,
		Others: r.Others, Roots: r.Roots, rootsID: r.rootsID, cert: r.cert, certID: r.certID, obeys: r.obeys, fallback: r.fallback}
}

// parseLiteral parses an address literal after its first bracket (RFC 5321 §4.1.3).
func parseLiteral(s string) (netip.Addr, bool) {
	s, closed := strings.CutSuffix(s, "]")
	six, is6 := strings.CutPrefix(s, "ipv6:") // envelope.ASCIIDomain writes lower case
	ip, err := netip.ParseAddr(six)
	return ip, closed && err == nil && ip.Is6() == is6 && ip.Zone() == ""
}

// Fallback returns the route for mail that could not be delivered at the first
// attempt, nil if there is none.
func (r *Route) Fallback() *Route { return r.fallback }

var (
	errNoDomain   = errors.New("the address has no domain whose mail exchangers could be looked up")
	errLiteral    = errors.New("the address literal is malformed (RFC 5321 section 4.1.3)")
	errUnroutable = errors.New("its address is not one of the internet")
)

// admits reports whether mail may be sent to an address. Who owns a domain decides
// what its mail exchangers are: those must not be programs of this machine, or of the
// local link.
func (r *Route) admits(ip netip.Addr) bool {
	return r.domain == "" || !ip.IsLoopback() && !ip.IsUnspecified() && !ip.IsMulticast() && !ip.IsLinkLocalUnicast()
}

// undeliverable returns the permanent refusal of mail for a domain: when nothing but a
// change in the DNS could help, or no host gives the protection that the message
// requires. The code is 0 otherwise.
func (r *Route) undeliverable(failures []error) envelope.Verdict {
	if len(failures) == 0 {
		return envelope.Verdict{}
	}
	var code int
	var enhanced [3]int
	for _, err := range failures {
		if code, enhanced = r.permanent(err); code == 0 {
			return envelope.Verdict{}
		}
	}
	v := envelope.Refuse(code, enhanced, "mail for %q cannot be delivered", cmp.Or(r.domain, r.Name)).Because(errors.Join(failures...))
	for _, err := range failures {
		v.Text = append(v.Text, envelope.CleanText([]byte(err.Error())))
	}
	return v
}

// permanent returns the code for a failure to find a host, 0 if it may pass.
func (r *Route) permanent(err error) (int, [3]int) {
	if code, enhanced := r.unprotected(err); code != 0 {
		return code, enhanced
	}
	if r.domain == "" && r.unusable == nil { // the administrator has chosen the hosts
		return 0, [3]int{}
	}
	var failed *lookUpFailure
	switch {
	case errors.Is(err, errNullMX):
		return 556, [3]int{5, 1, 10} // RFC 7505 §4.2
	case errors.Is(err, errLoop):
		return 550, [3]int{5, 4, 6}
	case errors.Is(err, errNoDomain), errors.Is(err, errLiteral):
		return 550, [3]int{5, 1, 3}
	case errors.As(err, &failed) && isNotFound(err) && failed.name == r.domain:
		return 550, [3]int{5, 1, 2}
	case errors.As(err, &failed) && isNotFound(err), errors.Is(err, errUnroutable), errors.Is(err, errNoExchanger):
		return 550, [3]int{5, 4, 4}
	}
	return 0, [3]int{}
}
