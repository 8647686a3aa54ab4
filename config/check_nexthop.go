package config

import (
	"fmt"
	"time"
)

// checkNextHop wants times between a second and what RFC 5321 §4.5.3.2 asks
// clients to wait: who waits longer than that waits for a client that has gone.
func checkNextHop(l *loader, n *NextHop) {
	for _, d := range []struct {
		key   string
		value time.Duration
		most  time.Duration
	}{
		{"connect_timeout", n.ConnectTimeout, 5 * time.Minute},
		{"greeting_timeout", n.GreetingTimeout, 5 * time.Minute},
		{"command_timeout", n.CommandTimeout, 5 * time.Minute},
		{"data_timeout", n.DataTimeout, 2 * time.Minute},
		{"block_timeout", n.BlockTimeout, 3 * time.Minute},
		{"final_timeout", n.FinalTimeout, 10 * time.Minute},
		{"host_timeout", n.HostTimeout, 5 * time.Minute},
		{"total_timeout", n.TotalTimeout, 10 * time.Minute},
	} {
		switch {
		case d.value < time.Second:
			l.fail("nexthop."+d.key, fmt.Sprintf("%v is too short", d.value), "write at least 1s")
		case d.value > d.most:
			l.fail("nexthop."+d.key, fmt.Sprintf("%v is longer than clients wait (RFC 5321 §4.5.3.2)", d.value),
				"write at most "+shortDuration(d.most))
		}
	}
	oneOf(l, "nexthop.pool_reuse", n.PoolReuse, ReuseClient, ReuseAny)
}

// checkClientCert wants a certificate and the key that belongs to it, on a route
// that has TLS.
func checkClientCert(l *loader, r *Route, path string) {
	switch {
	case r.Cert == "" && r.Key == "" && r.CertPasswordFile == "":
		return
	case r.Cert == "":
		l.fail(path+".cert", "is missing, and key or cert_password_file needs it", "name the file with the certificate")
		return
	}
	pair := readCertificate(l, r.Certificate(), path)
	if pair == nil {
		return
	}
	if end := pair.Leaf.NotAfter; time.Now().After(end) {
		l.fail(path+".cert", "the certificate expired on "+end.Format(time.DateOnly)+": the next hop would not accept it", "renew it")
	}
	switch r.TLS {
	case RouteTLSOff:
		l.fail(path+".cert", `has no effect with tls = "off"`, `set tls = "verify"`)
	case RouteTLSOpportunistic:
		l.warn(path+".cert", `with tls = "opportunistic" mail may go without TLS, and so without the certificate`, `set tls = "verify" or "required"`)
	}
}
