package config

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/reconvene/reconvene/rewrite/remedy"
)

func checkRoute(l *loader, r *Route, path string) {
	checkVia(l, r, path)
	tls := oneOf(l, path+".tls", r.TLS, RouteTLSOff, RouteTLSOpportunistic, RouteTLSRequired, RouteTLSVerify, RouteTLSImplicit)
	checkProfile(l, path+".profile", r.Profile)
	for i, d := range r.Domains {
		switch {
		case d == "*":
			l.fail(element(path+".domains", i), `"*" is not a domain`, "leave domains out: a route without domains matches everything else")
		case strings.Contains(d, "@"):
			l.fail(element(path+".domains", i), fmt.Sprintf("%q is an address", d), "write only what follows the @")
		case !isUnicodeDomain(strings.TrimPrefix(d, "*.")):
			l.fail(element(path+".domains", i), fmt.Sprintf("%q is not a domain", d), `write "partner.example" or "*.partner.example"`)
		}
	}
	if r.CAFile != "" && tls { // else it is not known what it would be for
		checkRoots(l, r, path)
	}
	checkTLSPolicy(l, r, path)
	oneOf(l, path+".via_policy", r.ViaPolicy, ViaOrder, ViaShare)
	checkClientCert(l, r, path)
	checkRouteAuth(l, r, path)
}

// checkTLSPolicy looks at what a policy could not be applied to.
func checkTLSPolicy(l *loader, r *Route, path string) {
	if len(r.TLSPolicy) == 0 {
		return
	}
	at := path + ".tls_policy"
	if r.TLS != RouteTLSOpportunistic && r.TLS != RouteTLSRequired {
		l.fail(at, fmt.Sprintf("has no effect with tls = %q", r.TLS), `set tls = "opportunistic" or "required"`)
	}
	mx := slices.ContainsFunc(r.Via, func(v string) bool { return v == ViaMX || strings.HasPrefix(v, ViaMX+":") })
	for i, p := range r.TLSPolicy {
		if oneOf(l, element(at, i), p, PolicyDANE, PolicySTS) && p == PolicySTS && !mx {
			l.fail(element(at, i), "is for mail exchangers, and via names none", `remove it, or set via = ["mx"]`)
		}
	}
}

// checkProfile knows the versions of Exchange that share one profile: the name that
// is spelled most like "exchange2016" is "exchange2003", which repairs other things.
func checkProfile(l *loader, path string, p Profile) {
	version, isExchange := strings.CutPrefix(strings.ToLower(string(p)), string(remedy.Exchange))
	if isExchange {
		switch strings.Trim(version, "-_ ") {
		case "2010", "2013", "2016", "2019", "se", "online", "365":
			l.fail(path, fmt.Sprintf("%q is not known", p), `write "exchange", the profile of Exchange 2010 and all later versions`)
			return
		}
	}
	oneOf(l, path, p, profiles()...)
}

// isUnicodeDomain also takes U-labels (RFC 5890 §2.3.2.1).
func isUnicodeDomain(s string) bool {
	return isDomain(strings.Map(func(r rune) rune {
		if r >= 0x80 {
			return 'x'
		}
		return r
	}, s))
}

func checkVia(l *loader, r *Route, path string) {
	if len(r.Via) == 0 {
		l.fail(path+".via", "is missing", `name the next hop, for example via = ["gateway.example.net:25"]`)
	}
	for i, via := range r.Via {
		at := element(path+".via", i)
		if via == ViaMX {
			checkPerDomain(l, r, at)
			continue
		}
		if name, ok := strings.CutPrefix(via, "mx:"); ok {
			checkMX(l, at, via, name)
			continue
		}
		checkHost(l, at, via)
	}
	for i, via := range r.Fallback {
		at := element(path+".fallback", i)
		if via == ViaMX || strings.HasPrefix(via, ViaMX+":") {
			l.fail(at, "mail exchangers are for via", `write for example "gateway.example.net:25"`)
			continue
		}
		checkHost(l, at, via)
	}
}

// checkHost wants host:port, or a host: then the port follows from tls.
func checkHost(l *loader, at, via string) {
	if _, _, err := net.SplitHostPort(via); err != nil && (isDomain(via) || isAddress(via)) {
		return
	}
	host, port, ok := l.hostPort(at, via, "gateway.example.net:25")
	if ok && (host == "" || port == 0) {
		l.fail(at, fmt.Sprintf("%q names no host to connect to", via), `write for example "gateway.example.net:25"`)
	}
}

// checkPerDomain looks at what does not fit to hosts that the recipients' domains name.
func checkPerDomain(l *loader, r *Route, at string) {
	switch {
	case len(r.Via) > 1:
		l.fail(at, `"mx" must be the only entry`, `name further hosts in fallback = ["host:port"]`)
	case r.TLS == RouteTLSImplicit:
		l.fail(at, `"mx" cannot have tls = "implicit": mail exchangers use port 25`, `set tls = "opportunistic"`)
	case (r.Auth.User != "" || r.Auth.TokenFile != "") && len(r.Fallback) == 0:
		l.fail(at, `"mx" cannot have [route.auth]: no password is sent to the mail exchangers of recipients`, "remove it, or name the host that it is for")
	}
}

// checkMX wants a domain after "mx:", with or without a port.
func checkMX(l *loader, at, via, name string) {
	const example = `write for example "mx:example.net"`
	if !strings.Contains(name, ":") {
		if !isDomain(name) || isAddress(name) {
			l.fail(at, fmt.Sprintf("%q names no domain whose MX records could be looked up", via), example)
		}
		return
	}
	host, port, ok := l.hostPort(at, name, "example.net:25")
	if ok && (!isDomain(host) || isAddress(host) || port == 0) {
		l.fail(at, fmt.Sprintf("%q names no domain whose MX records could be looked up", via), example)
	}
}

func isAddress(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

func checkRoots(l *loader, r *Route, path string) {
	if r.TLS != RouteTLSVerify && r.TLS != RouteTLSImplicit {
		l.fail(path+".ca_file", fmt.Sprintf("has no effect with tls = %q: no certificate is checked", r.TLS), `set tls = "verify" or remove it`)
		return
	}
	if !l.readable(path+".ca_file", r.CAFile, false) {
		return
	}
	if _, _, err := Authorities(r.CAFile); err != nil {
		l.fail(path+".ca_file", err.Error(), "it must be PEM: -----BEGIN CERTIFICATE-----")
	}
}

func checkRouteAuth(l *loader, r *Route, path string) {
	a, at := &r.Auth, path+".auth"
	if !oneOf(l, at+".mechanism", a.Mechanism, MechanismAuto, MechanismPlain, MechanismLogin, MechanismCRAMMD5, MechanismXOAUTH2) {
		return
	}
	named := a.User != "" || a.PasswordFile != "" || a.TokenFile != ""
	if !named {
		if a.Mechanism != MechanismAuto {
			l.fail(at+".user", fmt.Sprintf("is missing, and mechanism = %q needs it", a.Mechanism), "name the user")
		}
		return
	}
	if a.User == "" {
		l.fail(at+".user", "is missing", "name the user whose secret is in the file")
	}
	checkSecrets(l, a, at)
	if !slices.ContainsFunc(r.Via, viaNetwork) {
		return // a logon to this machine crosses no network
	}
	switch r.TLS {
	case RouteTLSOff:
		l.warn(at+".user", `with tls = "off" the secret is sent in plain text`, `set tls = "verify"`)
	case RouteTLSOpportunistic, RouteTLSRequired:
		l.warn(at+".user", fmt.Sprintf("with tls = %q the next hop is not verified, and another server could get the secret", r.TLS), `set tls = "verify"`)
	}
}

// checkSecrets wants the file that the mechanism needs, and no other.
func checkSecrets(l *loader, a *RouteAuth, at string) {
	wantToken := a.Mechanism == MechanismXOAUTH2
	switch {
	case wantToken && a.TokenFile == "":
		l.fail(at+".token_file", "is missing, and xoauth2 needs it", "name the file with the access token")
	case wantToken && a.PasswordFile != "":
		l.fail(at+".password_file", "has no effect with xoauth2", "remove it")
	case !wantToken && a.Mechanism != MechanismAuto && a.TokenFile != "":
		l.fail(at+".token_file", fmt.Sprintf("has no effect with %s", a.Mechanism), `remove it, or set mechanism = "xoauth2"`)
	case !wantToken && a.PasswordFile == "" && (a.Mechanism != MechanismAuto || a.TokenFile == ""):
		l.fail(at+".password_file", "is missing", "name the file with the password")
	}
	if a.PasswordFile != "" {
		checkSecret(l, at+".password_file", a.PasswordFile)
	}
	if a.TokenFile != "" {
		checkSecret(l, at+".token_file", a.TokenFile)
	}
}

// checkSecret wants one line, and tells what else is in the file.
func checkSecret(l *loader, path, file string) {
	if !l.readable(path, file, true) {
		return
	}
	octets, err := readFile(file)
	if err != nil {
		return // said by readable
	}
	text := PlainText(octets)
	if _, err := Secret(octets); err != nil {
		l.fail(path, fmt.Sprintf("%s cannot be used: %v", file, err), "write the secret into the first line and nothing else")
		return
	}
	if _, rest, _ := strings.Cut(string(text), "\n"); strings.TrimSpace(rest) != "" {
		l.warn(path, file+" has more than one line: only the first is the secret", "remove the others")
	}
	if len(text) != len(octets) {
		l.warn(path, file+" has a byte order mark or is UTF-16: the secret is sent as UTF-8 without the mark", "save it as UTF-8 without a byte order mark")
	}
}

// viaNetwork reports whether a next hop is on another machine.
func viaNetwork(via string) bool {
	host, _, err := net.SplitHostPort(strings.TrimPrefix(via, "mx:"))
	if err != nil {
		host = via
	}
	return !isLoopback(host)
}

// checkDomains looks at the order of the routes: the first match wins.
func checkDomains(l *loader, listeners []Listener, routes []Route) {
	taken := make(map[string]int)
	rest := -1
	for i := range routes {
		path := element("route", i)
		if rest >= 0 {
			l.fail(path, fmt.Sprintf("is never used: %s has no domains and matches everything", element("route", rest)), "put the route without domains last")
			continue
		}
		if len(routes[i].Domains) == 0 {
			rest = i
		}
		for j, d := range routes[i].Domains {
			d = strings.ToLower(d)
			if first, ok := taken[d]; ok {
				l.warn(element(path+".domains", j), fmt.Sprintf("%q is already in %s", d, element("route", first)), "remove one of them")
				continue
			}
			taken[d] = i
		}
	}
	switch {
	case len(routes) == 0:
		l.warn("route", "there is none: all mail will be refused", `add a [[route]] with via = ["host:port"]`)
	case rest < 0 && !allInbound(listeners):
		l.warn("route", "none matches the remaining domains: mail to them will be refused", "add a last [[route]] without domains")
	}
}

// checkLoop reports a next hop that is one of our own listeners.
func checkLoop(l *loader, cfg *Config) {
	for i, r := range cfg.Routes {
		for key, hosts := range map[string][]string{".via": r.Via, ".fallback": r.Fallback} {
			for j, via := range hosts {
				if via == ViaMX {
					continue // found out when mail is sent
				}
				host, port := splitVia(via, r.TLS)
				if k := ownListener(l, cfg, host, port); k >= 0 {
					noteLoop(l.fail, element(element("route", i)+key, j), k, via, cfg)
				}
			}
		}
	}
}

// noteLoop reports that a next hop leads to a listener.
func noteLoop(note func(path, text, hint string), path string, listener int, name string, cfg *Config) {
	note(path, fmt.Sprintf("%s is this server's own %s: mail would loop", name, element("listener", listener)),
		"name another host or port than "+strconv.Quote(cfg.Listeners[listener].Address))
}

// splitVia returns host and port of a next hop; the port follows from tls when there
// is none.
func splitVia(via string, mode RouteTLS) (host, port string) {
	host, port, err := net.SplitHostPort(via)
	if err == nil {
		return host, port
	}
	if mode == RouteTLSImplicit {
		return strings.Trim(via, "[]"), "465"
	}
	return strings.Trim(via, "[]"), "25"
}

// ownListener returns the listener that a next hop leads to, or -1.
func ownListener(l *loader, cfg *Config, host, port string) int {
	for k, ln := range cfg.Listeners {
		if h, p, err := net.SplitHostPort(ln.Address); err == nil && p == port && isSelf(host, h, cfg.Hostname) {
			return k
		}
	}
	return -1
}

// isSelf reports whether a next hop's host leads to a listener's host.
func isSelf(host, listener, hostname string) bool {
	host = strings.TrimSuffix(host, ".")
	if strings.EqualFold(host, listener) || isWildcard(host) {
		return true
	}
	if isLoopback(host) {
		return isWildcard(listener) || isLoopback(listener)
	}
	return isWildcard(listener) && (ownName(host, hostname) || ownAddress(host))
}

// ownName reports whether a host is a name of this machine.
func ownName(host, hostname string) bool {
	system, _ := os.Hostname()
	return strings.EqualFold(host, hostname) || strings.EqualFold(host, system)
}

// ownAddress reports whether a host is the address of an interface of this machine.
func ownAddress(host string) bool {
	a, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	networks, _ := net.InterfaceAddrs()
	for _, n := range networks {
		if ip, ok := n.(*net.IPNet); ok {
			if own, ok := netip.AddrFromSlice(ip.IP); ok && own.Unmap() == a.Unmap().WithZone("") {
				return true
			}
		}
	}
	return false
}
