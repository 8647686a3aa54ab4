package config

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
)

// maxDNSServers is how many servers are asked, as by the resolvers of the systems.
const maxDNSServers = 3

// checkDNS wants addresses: a name would have to be looked up by itself.
func checkDNS(l *loader, cfg *Config) {
	d := &cfg.DNS
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
	for i, r := range cfg.Routes {
		if slices.Contains(r.TLSPolicy, PolicyDANE) {
			checkValidating(l, d, element("route", i)+".tls_policy")
		}
	}
	if len(d.Servers) > maxDNSServers {
		l.warn("dns.servers", fmt.Sprintf("only the first %d servers are asked", maxDNSServers), "remove the others")
	}
}

// checkValidating looks at who would say that TLSA records are authentic.
func checkValidating(l *loader, d *DNS, path string) {
	const hint = `install a validating resolver such as Unbound on this machine and set [dns] servers = ["127.0.0.1"], or trusted = true if yours validates and the way to it is safe`
	far := slices.IndexFunc(d.Servers, func(s string) bool {
		host, _, err := net.SplitHostPort(s)
		if err != nil {
			host = strings.Trim(s, "[]")
		}
		return !isLoopback(host) || host == "127.0.0.53" || host == "127.0.0.54" || host == "127.0.0.11"
	})
	switch {
	case d.Trusted:
	case len(d.Servers) == 0:
		l.fail(path, `"dane" needs a DNS server that validates DNSSEC, and [dns] names none`, hint)
	case far >= 0:
		l.fail(path, fmt.Sprintf(`"dane" needs a DNS server that can be believed, and %s is not on this machine or only passes on what others say`, d.Servers[far]), hint)
	}
}

// checkReports wants a folder, and something to report on.
func checkReports(l *loader, cfg *Config) {
	r := cfg.Reports
	if r.Directory == "" {
		for key, value := range map[string]string{"contact": r.Contact, "from": r.From} {
			if value != "" {
				l.fail("tls_reports."+key, "has no effect without a directory", "set directory, or remove it")
			}
		}
		return
	}
	if info, err := os.Stat(r.Directory); err != nil {
		l.fail("tls_reports.directory", fmt.Sprintf("%s cannot be used: %s", r.Directory, reason(err)), "create the folder or name another one")
	} else if !info.IsDir() {
		l.fail("tls_reports.directory", r.Directory+" is not a folder", "name a folder")
	}
	checkReportsFrom(l, cfg)
	if !slices.ContainsFunc(cfg.Routes, func(r Route) bool { return len(r.TLSPolicy) > 0 }) {
		l.warn("tls_reports.directory", "has no effect: no route has a tls_policy", `set tls_policy = ["dane", "mta-sts"] in the [[route]] with via = ["mx"]`)
	}
}

// checkReportsFrom wants an address, and a queue to send from.
func checkReportsFrom(l *loader, cfg *Config) {
	from := cfg.Reports.From
	if from == "" {
		return
	}
	if local, domain, ok := cutLast(from, "@"); !ok || local == "" || strings.ContainsAny(local, "<>\" \t") || !isDomain(domain) {
		l.fail("tls_reports.from", fmt.Sprintf("%q is not an address", from), `write for example "tls-reports@example.com"`)
	}
	if !slices.ContainsFunc(cfg.Listeners, func(ln Listener) bool { return ln.Handoff == HandoffQueue }) {
		l.fail("tls_reports.from", "needs a queue, and no listener has one", `set handoff = "queue" on a listener, or remove it`)
	}
}
