package config

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// maxDNSServers is how many servers are asked, as by the resolvers of the systems.
const maxDNSServers = 3

// checkDNS wants addresses: a name would have to be looked up by itself.
func checkDNS(l *loader, d *DNS) {
	for i, s := range d.Servers {
		host, port, err := net.SplitHostPort(s)
		if err != nil {
			host, port = strings.Trim(s, "[]"), "53"
		}
		n, err := strconv.Atoi(port)
		if _, bad := netip.ParseAddr(host); bad != nil || err != nil || n < 1 || n > 65535 {
			l.fail(element("dns.servers", i), fmt.Sprintf("%q is not the address of a DNS server", s), `write for example "127.0.0.1" or "127.0.0.1:53"`)
		}
	}
	if len(d.Servers) > maxDNSServers {
		l.warn("dns.servers", fmt.Sprintf("only the first %d servers are asked", maxDNSServers), "remove the others")
	}
}
