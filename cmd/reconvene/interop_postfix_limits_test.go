//go:build unix

package main

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// A Postfix that takes three connections from a client at once: twenty clients of
// ours wait for these, and hear nothing of it.
func TestInteropPostfixConnectionLimit(t *testing.T) {
	t.Parallel() // it waits for others
	far := newPostfix(t)
	far.start(far.addr, []string{"bob@example.net"}, nil, "smtpd_client_connection_count_limit = 3\nsmtpd_client_event_limit_exceptions =")
	relay := startServe(t, nil, "--config", serveConfig(t, "", far.addr, ""))
	const clients = 20
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() { submit(t, relay.addr("exchange"), toBob, eximMail(i)) })
	}
	all.Wait()
	arrived := make(map[string]bool)
	for range clients {
		arrived[content(far.mail("bob@example.net"))] = true
	}
	if len(arrived) != clients {
		t.Errorf("%d different messages arrived, %d were sent", len(arrived), clients)
	}
	relay.line(1, "msg=nexthop-full", "nexthop=\""+far.name(), "too many connections")
}

// The settings of docs/exchange-online.md for a Postfix that relays for who shows the
// certificate of the smart host, and for nobody else.
func TestInteropPostfixRelayClientCerts(t *testing.T) {
	t.Parallel() // it waits for others
	far, next := newPostfix(t), newSink(t, nil)
	certs := newCertificates(t, far.dir)
	for _, name := range []string{"far", "relay"} {
		certs.issue(name, func(c *x509.Certificate) {
			c.DNSNames, c.IPAddresses = []string{name + ".test"}, []net.IP{net.IPv4(127, 0, 0, 1)}
		})
	}
	far.file("relay_clientcerts", fingerprint(t, certs.file("relay.pem"))+" relay.test\n")
	far.start(next.addr, []string{"bob@example.net"}, nil, fmt.Sprintf(`mynetworks =
smtpd_tls_security_level = may
smtpd_tls_cert_file = %s
smtpd_tls_key_file = %s
smtpd_tls_ask_ccert = yes
smtpd_tls_fingerprint_digest = sha256
relay_clientcerts = texthash:%s/etc/relay_clientcerts
smtpd_relay_restrictions = permit_tls_clientcerts, reject_unauth_destination`, certs.file("far.pem"), certs.file("far.key"), far.dir))
	for _, shown := range []bool{true, false} {
		pair := ""
		if shown {
			pair = fmt.Sprintf("cert = %q\nkey = %q\n", certs.file("relay.pem"), certs.file("relay.key"))
		}
		conf := filepath.Join(t.TempDir(), "reconvene.toml")
		write(t, conf, fmt.Sprintf("hostname = \"relay.test\"\n[[listener]]\nname = \"exchange\"\naddress = \"127.0.0.1:0\"\n"+
			"[[route]]\nvia = [%q]\ntls = \"verify\"\nca_file = %q\n%s[admin]\naddress = \"\"\n", far.addr, certs.file("ca.pem"), pair))
		c, err := smtp.Dial(startServe(t, nil, "--config", conf).addr("exchange"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		err = c.Mail("ann@example.com")
		if err == nil {
			err = c.Rcpt("someone@elsewhere.example")
		}
		if shown && err != nil || !shown && (err == nil || !strings.Contains(err.Error(), "Relay access denied")) {
			t.Errorf("certificate shown %v: %v", shown, err)
		}
	}
}

// fingerprint is the SHA-256 of a certificate, as "openssl x509 -fingerprint" writes
// it.
func fingerprint(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		t.Fatalf("%s is not PEM", file)
	}
	sum := sha256.Sum256(block.Bytes)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum[:]), " ", ":")
}
