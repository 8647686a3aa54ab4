package config

import (
	"bytes"
	"fmt"
	"math"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"
)

func checkListener(l *loader, ln *Listener, path, hostname string) {
	l.hostPort(path+".address", ln.Address, "0.0.0.0:25")
	oneOf(l, path+".direction", ln.Direction, Outbound, Inbound)
	oneOf(l, path+".handoff", ln.Handoff, HandoffProxy, HandoffQueue)
	if ln.MaxSize < 64<<10 {
		// RFC 5321 §4.5.3.1.7
		l.fail(path+".max_size", fmt.Sprintf("%v is less than 64KiB, which every server must accept", ln.MaxSize), `write for example "50MB"`)
	}
	for i, keyword := range ln.Hide {
		oneOf(l, element(path+".hide_extensions", i), keyword, "8BITMIME", "CHUNKING", "DSN", "PIPELINING", "REQUIRETLS", "SMTPUTF8")
	}
	oneOf(l, path+".bare_newlines", ln.BareNewlines, RefuseNewlines, ConvertNewlines)
	checkAllow(l, ln, path)
	checkAllowNames(l, ln, path)
	checkListenerTLS(l, &ln.TLS, path+".tls", hostname)
	checkListenerAuth(l, ln, path)
}

// checkAllow names networks that make an open relay: the internet may then send
// mail to anybody through us.
func checkAllow(l *loader, ln *Listener, path string) {
	if ln.Direction != Inbound && !ln.OpenRelay && holdsInternet(ln.Allow) {
		l.fail(path+".allow", "includes the whole internet or half of it: an open relay",
			"list the addresses of your Exchange servers only; open_relay = true if this is intended")
		return
	}
	for i, p := range ln.Allow {
		wide := p.Addr().Is4() && p.Bits() < 8 || p.Addr().Is6() && p.Bits() < 16
		switch {
		case wide && ln.Direction == Inbound:
			l.warn(element(path+".allow", i), fmt.Sprintf("%v lets any server send mail to your domains, and Reconvene does not filter spam", p),
				"list the addresses of the gateway that filters spam")
		case wide:
			l.warn(element(path+".allow", i), fmt.Sprintf("%v lets other networks relay through this server: an open relay", p),
				"list the addresses of your Exchange servers only")
		}
	}
	if len(ln.Allow)+len(ln.AllowNames) == 0 && ln.Auth.UsersFile == "" {
		who := "Exchange servers"
		if ln.Direction == Inbound {
			who = "gateway from the internet"
		}
		l.warn(path+".allow", "is empty and there is no users_file: no client may send", "list the addresses of your "+who)
	}
}

// holdsInternet reports whether networks hold half of all IPv4 addresses or half of
// the IPv6 addresses in use (2000::/3), be it in one piece or in many.
func holdsInternet(networks []netip.Prefix) bool {
	four, six := 0.0, 0.0 // shares
	used := netip.MustParsePrefix("2000::/3")
	for i, p := range networks {
		covered := slices.ContainsFunc(networks, func(q netip.Prefix) bool { return q.Bits() < p.Bits() && q.Contains(p.Addr()) })
		switch {
		case covered || slices.Contains(networks[:i], p):
		case p.Addr().Is4():
			four += math.Pow(2, -float64(p.Bits()))
		case p.Bits() <= used.Bits() && p.Contains(used.Addr()):
			six = 1
		case used.Contains(p.Addr()):
			six += math.Pow(2, -float64(p.Bits()-used.Bits()))
		}
	}
	return four >= 0.5 || six >= 0.5
}

func checkListenerTLS(l *loader, t *ListenerTLS, path, hostname string) {
	if !oneOf(l, path+".mode", t.Mode, ListenerTLSOff, ListenerTLSOptional, ListenerTLSRequired, ListenerTLSImplicit) {
		return
	}
	if oneOf(l, path+".min_version", t.MinVersion, TLS10, TLS11, TLS12, TLS13) && (t.MinVersion == TLS10 || t.MinVersion == TLS11) {
		l.warn(path+".min_version", "TLS "+string(t.MinVersion)+" is weak (RFC 8996)", "keep it for Exchange 2003 and 2007 only, on a separate listener")
	}
	switch {
	case t.Mode == ListenerTLSOff && (t.Cert != "" || t.Key != "" || t.CertPasswordFile != ""):
		l.warn(path+".mode", `is "off": the certificate is not used`, `write "optional" to offer STARTTLS`)
	case t.Mode == ListenerTLSOff:
	case t.Cert == "":
		l.fail(path+".cert", fmt.Sprintf("is missing, and mode = %q needs it", t.Mode), "name the file with the certificate")
	default:
		checkCertificate(l, t, path, hostname)
	}
}

func checkCertificate(l *loader, t *ListenerTLS, path, hostname string) {
	pair := readCertificate(l, t.Certificate(), path)
	if pair == nil {
		return
	}
	// Most clients do not look, so a server goes on with it.
	if end := pair.Leaf.NotAfter; time.Now().After(end) {
		l.warn(path+".cert", "the certificate expired on "+end.Format(time.DateOnly), "renew it")
	}
	if err := OtherName(pair.Leaf, hostname); err != nil {
		l.warn(path+".cert", err.Error(), "clients that verify it will refuse it; set hostname to a name in it, or get another certificate")
	}
}

func checkListenerAuth(l *loader, ln *Listener, path string) {
	a, at := &ln.Auth, path+".auth"
	if a.UsersFile == "" {
		if a.AllowInsecure {
			l.warn(at+".allow_insecure", "has no effect without users_file", "remove it")
		}
		return
	}
	if ln.TLS.Mode == ListenerTLSOff && !a.AllowInsecure {
		l.fail(at+".users_file", `needs TLS, and tls.mode is "off": AUTH would never be offered`,
			`set tls.mode to "required", or allow_insecure = true on a network that you trust`)
	}
	if a.AllowInsecure {
		l.warn(at+".allow_insecure", "passwords may travel in plain text", `set it to false and tls.mode to "required"`)
	}
	if l.readable(at+".users_file", a.UsersFile, true) {
		checkUsers(l, at+".users_file", a.UsersFile)
	}
}

// checkUsers wants user:hash on every line that is not empty or a comment.
func checkUsers(l *loader, path, file string) {
	text, err := readFile(file)
	if err != nil {
		return // said by readable
	}
	n := 0
	for line := range bytes.Lines(PlainText(text)) {
		n++
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		user, hash, ok := bytes.Cut(line, []byte(":"))
		if _, err := bcrypt.Cost(hash); !ok || len(user) == 0 || err != nil {
			l.fail(path, fmt.Sprintf("line %d of %s is not user:hash with a bcrypt hash", n, file),
				`make the line with "reconvene check --hash USER"`)
		}
	}
}

// checkOverlap reports listeners that would fight for an address or a name.
func checkOverlap(l *loader, listeners []Listener) {
	for i, a := range listeners {
		for j, b := range listeners[:i] {
			if a.Name == b.Name {
				l.fail(element("listener", i)+".name", fmt.Sprintf("%q is also the name of %s", a.Name, element("listener", j)), "give each a different name")
			}
			ha, pa, err1 := net.SplitHostPort(a.Address)
			hb, pb, err2 := net.SplitHostPort(b.Address)
			if err1 == nil && err2 == nil && pa == pb && pa != "0" && sameHost(ha, hb) {
				l.fail(element("listener", i)+".address", fmt.Sprintf("%s is already used by %s (%s)", a.Address, element("listener", j), b.Address), "use another address or port")
			}
		}
	}
}

// sameHost reports whether two hosts of listeners share addresses.
func sameHost(a, b string) bool {
	return strings.EqualFold(a, b) || isWildcard(a) || isWildcard(b) ||
		isLoopback(a) && isLoopback(b) && (a == "localhost" || b == "localhost")
}

func isWildcard(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "" || err == nil && a.IsUnspecified()
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && a.IsLoopback()
}
