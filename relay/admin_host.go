package relay

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
)

// AdminHosts passes on only requests that name this machine in their Host field, and
// answers 404 to all others. A page in a browser can make a name of its own resolve
// to a loopback address and then read the admin page (DNS rebinding); the browser
// still sends that name.
//
// Accepted are the loopback names, the address that the connection came to, and the
// names given to Use. A request without a Host field (HTTP/1.0, as some load
// balancers send) is passed on: no browser sends one.
type AdminHosts struct {
	Handler http.Handler

	names atomic.Pointer[[]string]
}

// Use sets the additional names: host names or host:port. It may be called at any
// time.
func (a *AdminHosts) Use(names ...string) {
	own := make([]string, 0, len(names))
	for _, name := range names {
		if name = hostOf(name); name != "" {
			own = append(own, name)
		}
	}
	a.names.Store(&own)
}

// ServeHTTP implements http.Handler.
func (a *AdminHosts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !a.ours(r) {
		answer(w, http.StatusNotFound, "this page is only for localhost and the addresses of this machine, not for "+r.Host)
		return
	}
	a.Handler.ServeHTTP(w, r)
}

func (a *AdminHosts) ours(r *http.Request) bool {
	if r.Host == "" {
		return true
	}
	host := hostOf(r.Host)
	if address, err := netip.ParseAddr(host); err == nil {
		return address.Unmap().IsLoopback() || address.Unmap() == localAddress(r)
	}
	if host == "localhost" {
		return true
	}
	if names := a.names.Load(); names != nil {
		for _, name := range *names {
			if name == host {
				return true
			}
		}
	}
	return false
}

// hostOf is the host of host:port, or of a host alone, in the form in which two
// are compared; "" when there is none.
func hostOf(s string) string {
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	s = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	return strings.ToLower(strings.TrimSuffix(s, "."))
}

// localAddress is the address of this machine that a request came to.
func localAddress(r *http.Request) netip.Addr {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if local == nil {
		return netip.Addr{}
	}
	return local.AddrPort().Addr().Unmap().WithZone("")
}
