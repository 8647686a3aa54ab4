package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// checkCluster reports what cannot be meant in [cluster].
func checkCluster(l *loader, cfg *Config) {
	c := cfg.Cluster
	if c.Embedded {
		checkEmbedded(l, cfg)
	}
	if !c.InUse() {
		return
	}
	if strings.EqualFold(cfg.State.Directory, "none") && cfg.Queue.Engine != QueueNATS {
		l.fail("cluster.nats", "has no effect without a ledger or a queue", `set [state] directory, or nats = []`)
	}
	for i, s := range c.NATS {
		u, err := url.Parse(s)
		if err != nil || u.Scheme != "nats" && u.Scheme != "tls" || u.Hostname() == "" || u.Path != "" {
			l.fail(element("cluster.nats", i), fmt.Sprintf("%q is not the address of a NATS server", s), `write for example "nats://nats1.example.com:4222", or tls://`)
		}
	}
	if c.Stream == "" || strings.ContainsAny(c.Stream, " \t.*>/\\") {
		l.fail("cluster.stream", fmt.Sprintf("%q is not a name of a stream", c.Stream), `write for example "RECONVENE_LEDGER"`)
	}
	if c.Replicas < 1 || c.Replicas > 5 {
		l.fail("cluster.replicas", fmt.Sprintf("%d is out of range", c.Replicas), "write from 1 to 5; 3 survives the loss of one NATS server")
	}
	for _, f := range []struct {
		key, file string
		secret    bool
	}{{"credentials", c.Credentials, true}, {"ca", c.CA, false}, {"cert", c.Cert, false}, {"key", c.Key, true}} {
		if f.file != "" {
			l.readable("cluster."+f.key, f.file, f.secret)
		}
	}
	if (c.Cert == "") != (c.Key == "") {
		l.fail("cluster.cert", "certificate and key belong together", "name both, in PEM")
	}
	if cfg.Ledger.Addresses == HashedAddresses {
		l.warn("ledger.addresses", `"hashed" in a cluster needs the same ledger.key on every relay`, "copy ledger.key from the first relay to the state folder of the others before they start")
	}
}

// checkEmbedded reports what the NATS server in this process lacks.
func checkEmbedded(l *loader, cfg *Config) {
	c := cfg.Cluster
	if len(c.NATS) > 0 {
		l.fail("cluster.embedded", "and nats exclude each other", "use the servers in nats, or set nats = []")
	}
	if cfg.StateDirectory() == "" {
		l.fail("cluster.embedded", "needs a [state] directory, for what the NATS server stores", "set [state] directory, on a local disk")
	}
	l.hostPort("cluster.listen", c.Listen, "0.0.0.0:6222")
	local := true
	for i, p := range c.Peers {
		host, _, ok := l.hostPort(element("cluster.peers", i), p, "relay1.example.com:6222")
		if ok && host == "" {
			l.fail(element("cluster.peers", i), fmt.Sprintf("%q has no name", p), `write for example "relay1.example.com:6222"`)
		}
		ip, err := netip.ParseAddr(host)
		local = local && err == nil && ip.IsLoopback()
	}
	if n := len(c.Peers); n < 3 || n%2 == 0 {
		l.fail("cluster.peers", fmt.Sprintf("has %d relays: with fewer than three, or an even number, it survives less than it costs", n), "name three or five, this one among them")
	}
	if c.Replicas > len(c.Peers) {
		l.fail("cluster.replicas", fmt.Sprintf("%d is more than there are relays (%d)", c.Replicas, len(c.Peers)), "write 3")
	}
	if !local && (c.CA == "" || c.Cert == "" || c.Key == "") {
		l.fail("cluster.ca", "ca, cert and key are needed between relays on different machines: who can connect reads and writes mail", "make an authority for the relays alone, and a certificate for each")
	}
}
