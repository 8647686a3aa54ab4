package config

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/remedy"
)

// check reports what can be read but cannot work, and what can work but is
// probably not meant.
func check(l *loader, cfg *Config) {
	checkHostname(l, cfg.Hostname)
	for i := range cfg.Listeners {
		checkListener(l, &cfg.Listeners[i], element("listener", i), cfg.Hostname)
	}
	checkOverlap(l, cfg.Listeners)
	for i := range cfg.Routes {
		checkRoute(l, &cfg.Routes[i], element("route", i))
	}
	checkDomains(l, cfg.Listeners, cfg.Routes)
	checkInbound(l, cfg)
	checkLoop(l, cfg)
	checkSigning(l, cfg.DKIM)
	checkRewrite(l, &cfg.Rewrite)
	checkNextHop(l, &cfg.NextHop)
	checkDNS(l, cfg)
	checkReports(l, cfg)
	checkLimits(l, &cfg.Limits)
	checkLog(l, &cfg.Log)
	checkLedger(l, cfg)
	checkQueue(l, cfg)
	checkQueueNeeded(l, cfg)
	checkCluster(l, cfg)
	checkAdmin(l, cfg)
}

// oneOf reports a word that is not one of those that are known.
func oneOf[T ~string](l *loader, path string, word T, known ...T) bool {
	if slices.Contains(known, word) {
		return true
	}
	words := make([]string, len(known))
	for i, k := range known {
		words[i] = string(k)
	}
	hint := "write one of: " + strings.Join(words, ", ")
	if near := nearest(string(word), words); near != "" {
		hint = fmt.Sprintf("did you mean %q? %s", near, hint)
	}
	l.fail(path, fmt.Sprintf("%q is not known", word), hint)
	return false
}

// checkHostname wants a domain name as in EHLO (RFC 5321 §4.1.1.1).
func checkHostname(l *loader, name string) {
	switch {
	case !isDomain(name) && !isLiteral(name):
		l.fail("hostname", fmt.Sprintf("%q is not a host name", name), `write the full name, for example "smarthost.example.com"`)
	case !strings.Contains(name, ".") && !isLiteral(name) && l.isSet("hostname"):
		l.warn("hostname", fmt.Sprintf("%q has no domain; many servers refuse such a name in EHLO", name), "write the full name")
	}
}

// isSet reports whether the file or the environment has the key.
func (l *loader) isSet(path string) bool {
	_, file := l.lines[path]
	_, env := l.variables[path]
	return file || env
}

// isDomain reports whether s is a domain name in ASCII (RFC 5321 §2.3.5, RFC 1123
// §2.1; underscores are let through, Windows host names have them).
func isDomain(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range []byte(label) {
			if c != '-' && c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
				return false
			}
		}
	}
	return true
}

// isLiteral reports whether s is an address literal (RFC 5321 §4.1.3).
func isLiteral(s string) bool {
	inner, ok := strings.CutPrefix(s, "[")
	if !ok {
		return false
	}
	if inner, ok = strings.CutSuffix(inner, "]"); !ok {
		return false
	}
	six := strings.HasPrefix(inner, "IPv6:")
	a, err := netip.ParseAddr(strings.TrimPrefix(inner, "IPv6:"))
	return err == nil && a.Is6() == six
}

// hostPort reports an address that is not host:port.
func (l *loader) hostPort(path, address, example string) (host string, port int, ok bool) {
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		text, hint := fmt.Sprintf("%q is not host:port", address), fmt.Sprintf("write for example %q", example)
		if !strings.Contains(address, ":") && address != "" {
			text = fmt.Sprintf("%q has no port", address)
		}
		l.fail(path, text, hint)
		return "", 0, false
	}
	port, err = strconv.Atoi(service)
	if err != nil || port < 0 || port > 65535 {
		l.fail(path, fmt.Sprintf("%q is not a port", service), "write a number, for example 25")
		return "", 0, false
	}
	bare, _, _ := strings.Cut(host, "%") // the zone of a link-local address
	if _, err := netip.ParseAddr(bare); err != nil && host != "" && !isDomain(host) {
		l.fail(path, fmt.Sprintf("%q is not a host name or an address", host), fmt.Sprintf("write for example %q", example))
		return "", 0, false
	}
	return host, port, true
}

func checkRewrite(l *loader, r *Rewrite) {
	oneOf(l, "rewrite.mode", r.Mode, RewriteFix, RewriteObserve, RewriteOff)
	oneOf(l, "rewrite.dkim", r.DKIM, DKIMVerify, DKIMKeep, DKIMIgnore)
	oneOf(l, "rewrite.tnef", r.TNEF, TNEFMeetings, TNEFAll, TNEFOff)
	oneOf(l, "rewrite.on_refuse", r.OnRefuse, RefuseFallback, RefuseReturn)
	checkRemedies(l, r)
	if r.Timeout < time.Second || r.Timeout > time.Minute {
		l.fail("rewrite.timeout", fmt.Sprintf("%v is out of range", r.Timeout), `write from "1s" to "1m"; "10s" is good`)
	}
	if r.Wait > 5*time.Minute {
		l.fail("rewrite.wait", fmt.Sprintf("%v is too long: the client waits for the reply meanwhile", r.Wait), `write at most "5m"; "30s" is good`)
	}
	for i, s := range r.SkipFrom {
		local, domain, isAddress := cutLast(s, "@")
		if (isAddress && local == "") || !isDomain(strings.TrimPrefix(domain, "*.")) {
			l.fail(element("rewrite.skip_from", i), fmt.Sprintf("%q is not an address or a domain", s),
				`write "user@example.com" or "example.com"`)
		}
	}
}

// checkRemedies reports IDs that no remedy has, and such that stand in a list
// where they do nothing.
func checkRemedies(l *loader, r *Rewrite) {
	for i, id := range r.Disable {
		knownRemedy(l, element("rewrite.disable", i), id)
	}
	for i, id := range r.Enable {
		path := element("rewrite.enable", i)
		switch known := knownRemedy(l, path, id); {
		case known == nil:
		case !known.OptIn:
			l.warn(path, fmt.Sprintf("%q is not opt-in: enabling it changes nothing", id), "remove it")
		case slices.Contains(r.Disable, id):
			l.warn(path, fmt.Sprintf("%q is in disable, too, and stays off", id), "remove it from one of the lists")
		}
	}
	for i, id := range r.Refuse {
		path := element("rewrite.refuse", i)
		if known := knownRemedy(l, path, id); known != nil && !known.Series {
			l.fail(path, fmt.Sprintf("%q does not report a series that cannot be stored", id), "these do: "+strings.Join(seriesIDs(), ", "))
		}
	}
}

// seriesIDs are the diagnoses for which an invitation can be refused.
func seriesIDs() []string {
	var ids []string
	for _, r := range remedy.All() {
		if r.Series {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// knownRemedy returns the remedy with that ID; without one it reports the path.
func knownRemedy(l *loader, path, id string) *remedy.Remedy {
	var ids []string
	for _, r := range remedy.All() {
		if r.ID == id {
			return r
		}
		ids = append(ids, r.ID)
	}
	hint := `"reconvene remedies" lists them`
	if near := nearest(id, ids); near != "" {
		hint = fmt.Sprintf("did you mean %q? %s", near, hint)
	}
	l.fail(path, fmt.Sprintf("there is no remedy %q", id), hint)
	return nil
}

// cutLast cuts s around the last sep; without one, after is all of s.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+len(sep):], true
}

// checkLimits wants every limit to be one: zero would stop all mail.
func checkLimits(l *loader, lim *Limits) {
	for _, n := range []struct {
		key   string
		value int
	}{
		{"connections", lim.Connections}, {"connections_per_client", lim.ConnectionsPerClient},
		{"stranger_connections", lim.Strangers}, {"stranger_connections_per_client", lim.StrangersPerClient},
		{"recipients", lim.Recipients}, {"received_fields", lim.ReceivedFields},
		{"own_received_fields", lim.OwnReceivedFields}, {"errors", lim.Errors},
	} {
		if n.value < 1 {
			l.fail("limits."+n.key, "must be at least 1", "")
		}
	}
	if lim.Recipients > 0 && lim.Recipients < 100 {
		l.warn("limits.recipients", "is less than 100, which every server must accept (RFC 5321 §4.5.3.1.8)", "raise it")
	}
	if lim.ReceivedFields > 0 && lim.ReceivedFields < 30 {
		l.warn("limits.received_fields", "is less than the number of hops through cloud services (RFC 5321 §6.3 recommends at least 100)", "raise it")
	}
	if lim.OwnReceivedFields > 0 && lim.OwnReceivedFields < 4 {
		l.warn("limits.own_received_fields", "is low: mail to a list and back passes twice, and once more when it is forwarded", "raise it")
	}
	for _, d := range []struct {
		key   string
		value time.Duration
	}{
		{"command_timeout", lim.CommandTimeout}, {"data_timeout", lim.DataTimeout},
		{"message_timeout", lim.MessageTimeout}, {"stranger_timeout", lim.StrangerTimeout},
	} {
		if d.value < time.Second {
			l.fail("limits."+d.key, fmt.Sprintf("%v is too short", d.value), "write at least 1s")
		}
	}
	if lim.Memory < 1<<10 || lim.Memory > 1<<30 {
		l.fail("limits.memory", fmt.Sprintf("%v is out of range", lim.Memory), `write a size from "1KiB" to "1GiB"; "1MiB" is good`)
	}
	if lim.MemoryTotal < minMemoryTotal {
		l.fail("limits.memory_total", fmt.Sprintf("%v is not enough to repair a meeting", lim.MemoryTotal), `write at least "32MB", or leave it out`)
	}
	if lim.Directory != "" {
		if info, err := os.Stat(lim.Directory); err != nil {
			l.fail("limits.directory", fmt.Sprintf("%s cannot be used: %s", lim.Directory, reason(err)), "create the folder or name another one")
		} else if !info.IsDir() {
			l.fail("limits.directory", lim.Directory+" is not a folder", "name a folder")
		}
	}
}

func checkAdmin(l *loader, cfg *Config) {
	if cfg.Admin.Address == "" {
		return
	}
	host, port, ok := l.hostPort("admin.address", cfg.Admin.Address, "127.0.0.1:8025")
	if !ok {
		return
	}
	if !isLoopback(host) {
		l.warn("admin.address", "is open to other machines without a password",
			"use 127.0.0.1, or restrict access with a firewall")
	}
	for i, ln := range cfg.Listeners {
		if h, p, err := net.SplitHostPort(ln.Address); err == nil && p == strconv.Itoa(port) && port != 0 && sameHost(h, host) {
			l.fail("admin.address", "is also the address of "+element("listener", i), "use another port")
		}
	}
}

// readable reports a file that is named and cannot be read, and a secret that
// every user of this machine can read.
func (l *loader) readable(path, file string, secret bool) bool {
	text, err := readFile(file)
	if err != nil {
		l.fail(path, fmt.Sprintf("%s cannot be read: %s", file, reason(err)), remedyFor(err))
		return false
	}
	if strings.TrimSpace(string(PlainText(text))) == "" {
		l.fail(path, file+" is empty", "")
		return false
	}
	if info, err := os.Stat(file); err == nil && secret && runtime.GOOS != "windows" && info.Mode().Perm()&0o004 != 0 {
		l.warn(path, file+" can be read by every user of this machine", "chmod 640 "+file)
	}
	return true
}
