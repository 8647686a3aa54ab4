package relay

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/reconvene/reconvene/config"
)

// Router finds the route of a recipient. It is immutable.
type Router struct {
	routes []*Route
}

// Route is where mail for some domains goes.
type Route struct {
	Name    string   // for log and metrics: the first domain, "*" for everything else
	Via     []string // host:port, tried in order
	TLS     string   // off | opportunistic | required | verify | implicit
	Profile string   // auto or a profile
	Auth    config.RouteAuth
	Policy  string // order | share: among several in Via

	MaxConnections int // to each host; 0: as in [nexthop]

	domains []string       // as asciiDomain gives them; none matches everything
	roots   *x509.CertPool // nil: the system's
	rootsID string         // tells the roots of two configurations apart

	cert   *tls.Certificate // that we show; nil: none
	certID string           // tells the certificates of two configurations apart
}

// NewRouter makes the router of a configuration. It reads the files with
// trusted roots.
func NewRouter(cfg *config.Config) (*Router, error) {
	r := &Router{}
	for i := range cfg.Routes {
		route, err := newRoute(&cfg.Routes[i])
		if err != nil {
			return nil, fmt.Errorf("route %d: %w", i+1, err)
		}
		r.routes = append(r.routes, route)
	}
	return r, nil
}

func newRoute(c *config.Route) (*Route, error) {
	r := &Route{Name: "*", TLS: c.TLS, Profile: c.Profile, Auth: c.Auth, Policy: c.ViaPolicy, MaxConnections: c.MaxConnections}
	if r.TLS == "" {
		r.TLS = "opportunistic"
	}
	for _, d := range c.Domains {
		r.domains = append(r.domains, asciiDomain(d))
	}
	if len(r.domains) > 0 {
		r.Name = r.domains[0]
	}
	for _, via := range c.Via {
		r.Via = append(r.Via, withPort(via, r.TLS))
	}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("ca_file: %w", err)
		}
		r.roots = x509.NewCertPool()
		if !r.roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("ca_file %s: no certificate in PEM form in it", c.CAFile)
		}
		sum := sha256.Sum256(pem)
		r.rootsID = hex.EncodeToString(sum[:])
	}
	return r, r.loadCert(c.Cert, c.Key)
}

// loadCert reads the certificate that the route shows to the next hop.
func (r *Route) loadCert(cert, key string) error {
	if cert == "" {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return fmt.Errorf("cert and key: %w", err)
	}
	sum := sha256.Sum256(pair.Certificate[0])
	r.cert, r.certID = &pair, hex.EncodeToString(sum[:])
	return nil
}

// withPort adds the port that goes with the mode: 465 for implicit TLS
// (RFC 8314 §3.3), else 25.
func withPort(via, mode string) string {
	if name, ok := strings.CutPrefix(via, mxPrefix); ok {
		return mxPrefix + withPort(name, mode)
	}
	if _, _, err := net.SplitHostPort(via); err == nil {
		return via
	}
	port := "25"
	if mode == "implicit" {
		port = "465"
	}
	return net.JoinHostPort(strings.Trim(via, "[]"), port)
}

// Route returns the first route that takes the forward-path, or nil. A path
// without a domain (RFC 5321 §4.5.1, postmaster) belongs to the route for
// everything else.
func (r *Router) Route(forwardPath string) *Route {
	domain := ""
	if at := strings.LastIndexByte(forwardPath, '@'); at >= 0 {
		domain = asciiDomain(forwardPath[at+1:])
	}
	for _, route := range r.routes {
		if route.takes(domain) {
			return route
		}
	}
	return nil
}

// Routes returns all routes in order.
func (r *Router) Routes() []*Route { return r.routes }

// everything says whether the route is for all domains that no other names.
func (r *Route) everything() bool { return len(r.domains) == 0 }

func (r *Route) takes(domain string) bool {
	if r.everything() {
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
