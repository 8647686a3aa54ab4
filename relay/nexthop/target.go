package nexthop

import (
	"net"
	"net/netip"
	"strings"

	"github.com/reconvene/reconvene/relay/tlspolicy"
)

// target is one address of a next hop.
type target struct {
	via  string // the entry of via that it belongs to
	host string // host:port, by name where there is one: what the log shows and a certificate must be for
	addr string // what is dialled
	err  error  // why there is no address; nothing is dialled then

	authentic bool                   // it is certain that it is a host of the route
	implicit  bool                   // the domain has no MX records, and its name is that of the host
	unfetched error                  // why the MTA-STS policy of the domain is not known
	domain    string                 // whose mail exchanger it is; "" if it was named as a host
	must      *tlspolicy.Requirement // what it must prove; nil: as the route says
	policy    *tlspolicy.Policy      // the MTA-STS policy of the domain, if it was looked at
}

// literalTarget returns the target of a host that is an IP address.
func literalTarget(via string) (target, bool) {
	host, _, err := net.SplitHostPort(via)
	if err != nil {
		return target{}, false
	}
	if _, err := netip.ParseAddr(host); err != nil {
		return target{}, false
	}
	return target{via: via, host: via, addr: via}, true
}

// mxPrefix begins an entry of via that stands for the mail exchangers of a name.
const mxPrefix = "mx:"

// cutMX returns host and port of an entry that names mail exchangers.
func cutMX(via string) (name, port string, ok bool) {
	rest, ok := strings.CutPrefix(via, mxPrefix)
	if !ok {
		return "", "", false
	}
	name, port, err := net.SplitHostPort(rest)
	return name, port, err == nil
}
