//go:build unix

package main

import (
	"crypto/x509"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

var toBob = envelope{"<ann@example.com>", "<bob@example.net>"}

// betweenPostfix puts the relay between a Postfix of example.com and one of
// example.net, in both directions. What the first one sends to direct@example.net
// goes to the second one directly.
func betweenPostfix(t *testing.T, farSettings string) (near, far *postfix, relay *program) {
	t.Helper()
	near, far = newPostfix(t), newPostfix(t)
	relay = relayBetween(t, "postfix", near.addr, far.addr)
	through := relay.addr("postfix")
	far.start(through, []string{"bob@example.net", "direct@example.net", "böb@example.net"}, nil, farSettings)
	near.start(through, []string{"ann@example.com"}, map[string]string{"direct@example.net": far.addr}, "")
	return near, far, relay
}

// Thirty messages over one connection, over thirty of a client, and from the queue
// of a Postfix, by BDAT and by DATA: each arrives once, as it does directly.
func TestInteropPostfix(t *testing.T) {
	t.Parallel() // it waits for others
	for name, settings := range map[string]string{"BDAT": "", "DATA": "smtpd_discard_ehlo_keywords = chunking, silent-discard"} {
		t.Run(name, func(t *testing.T) {
			near, far, relay := betweenPostfix(t, settings)
			const messages = 30
			var bodies []string
			for i := range messages {
				bodies = append(bodies, eximMail(i))
			}
			submit(t, near.addr, envelope{toBob.from, "<direct@example.net>"}, bodies...)
			direct := make(map[string]bool)
			for range messages {
				direct[content(far.mail("direct@example.net"))] = true
			}
			for _, way := range []struct {
				name string
				send func()
			}{
				{"one connection", func() { submit(t, relay.addr("postfix"), toBob, bodies...) }},
				{"thirty connections", func() {
					var all sync.WaitGroup
					for _, body := range bodies {
						all.Go(func() { submit(t, relay.addr("postfix"), toBob, body) })
					}
					all.Wait()
				}},
				{"a queue", func() { submit(t, near.addr, toBob, bodies...) }},
			} {
				way.send()
				arrived := make(map[string]int)
				for range messages {
					arrived[content(far.mail("bob@example.net"))]++
				}
				for body, n := range arrived {
					if n != 1 || !direct[body] {
						t.Errorf("by %s arrived %d times, and not so directly: %q", way.name, n, body)
					}
				}
			}
		})
	}
}

// A recipient in UTF-8, whose original address a Postfix writes as
// ORCPT=rfc822;b+C3+B6b@example.net, and what the sender wants to hear of it: the
// Postfix behind us says it, and its notices come back through us.
func TestInteropPostfixDSN(t *testing.T) {
	t.Parallel() // it waits for others
	near, far, _ := betweenPostfix(t, "")
	for _, c := range []struct {
		from, to string
		words    []string // of the notice; nil: there is none
	}{
		{"<ann@example.com> SMTPUTF8 ENVID=QQ314159 RET=HDRS", "<böb@example.net> NOTIFY=SUCCESS,FAILURE", []string{
			"Original-Envelope-Id: QQ314159\n", "Original-Recipient: rfc822;böb@example.net\n", "Action: delivered\n", "Content-Type: message/global-headers\n"}},
		{"<ann@example.com>", "<nobody@example.net> NOTIFY=NEVER", nil},
		{"<ann@example.com> ENVID=full+2B1 RET=FULL", "<nobody@example.net> NOTIFY=FAILURE ORCPT=x400;a+3Db", []string{
			"Original-Envelope-Id: full+1\n", "Original-Recipient: x400;a=b\n", "Action: failed\n", "Content-Type: message/rfc822\n", "\n..two\n"}},
		{"<ann@example.com>", "<bob@example.net> NOTIFY=SUCCESS ORCPT=rfc822;list@example.com", []string{
			"Original-Recipient: rfc822;list@example.com\n", "Action: delivered\n"}},
	} {
		submit(t, near.addr, envelope{c.from, c.to}, eximMail(1))
		if c.words == nil {
			continue // a notice would be taken for the next one
		}
		notice := near.mail("ann@example.com")
		for _, w := range append(c.words, "by relay.test", "Reporting-MTA: dns; "+far.name()) {
			if !strings.Contains(notice, w) {
				t.Errorf("the notice on %s lacks %q:\n%s", c.to, w, notice)
			}
		}
	}
}

// Of a pair the first one is under back pressure (452 to MAIL): the second one
// takes the mail, and the client hears nothing of it.
func TestInteropPostfixBackPressure(t *testing.T) {
	t.Parallel() // it waits for others
	full, free := newPostfix(t), newPostfix(t)
	full.start(free.addr, []string{"bob@example.net"}, nil, "queue_minfree = 9000000000000000000")
	free.start(full.addr, []string{"bob@example.net"}, nil, "")
	conf := filepath.Join(t.TempDir(), "reconvene.toml")
	write(t, conf, fmt.Sprintf(`hostname = "relay.test"
[[listener]]
name = "postfix"
address = "127.0.0.1:0"
[[route]]
via = [%q, %q]
[admin]
address = ""
`, full.addr, free.addr))
	relay := startServe(t, nil, "--config", conf)
	for i := range 3 {
		submit(t, relay.addr("postfix"), toBob, eximMail(i))
		got := content(free.mail("bob@example.net"))
		submit(t, free.addr, toBob, eximMail(i))
		if direct := content(free.mail("bob@example.net")); got != direct {
			t.Errorf("got\n%q\ndirectly\n%q", got, direct)
		}
	}
	relay.line(1, "msg=nexthop-failed", "nexthop=\""+full.name(), "code=452")
}

// A Postfix with a certificate sends through the relay, which sends with one of its
// own to a Postfix that takes mail from nobody else.
func TestInteropPostfixCertificates(t *testing.T) {
	t.Parallel() // it waits for others
	near, far := newPostfix(t), newPostfix(t)
	certs := newCertificates(t, near.dir)
	for _, name := range []string{"near", "far", "relay"} {
		certs.issue(name, func(c *x509.Certificate) {
			c.DNSNames, c.IPAddresses = []string{name + ".test"}, []net.IP{net.IPv4(127, 0, 0, 1)}
		})
	}
	relay := certs.serve(t, "postfix", "near.test", far.addr)
	far.start(relay.addr("postfix"), []string{"bob@example.net", "direct@example.net"}, nil, fmt.Sprintf(`smtpd_tls_security_level = encrypt
smtpd_tls_req_ccert = yes
smtpd_tls_received_header = yes
smtpd_tls_CAfile = %s
smtpd_tls_cert_file = %s
smtpd_tls_key_file = %s`, certs.file("ca.pem"), certs.file("far.pem"), certs.file("far.key")))
	near.start(relay.addr("postfix"), []string{"ann@example.com"}, map[string]string{"direct@example.net": far.addr}, fmt.Sprintf(`smtp_tls_security_level = verify
smtp_tls_CAfile = %s
smtp_tls_cert_file = %s
smtp_tls_key_file = %s`, certs.file("ca.pem"), certs.file("near.pem"), certs.file("near.key")))

	submit(t, near.addr, toBob, eximMail(1))
	got := far.mail("bob@example.net")
	for _, w := range []string{"by relay.test with ESMTPS id", `(Client CN "relay", Issuer "ca" (verified OK))`} {
		if !strings.Contains(got, w) {
			t.Errorf("no %q in\n%s", w, got)
		}
	}
	submit(t, near.addr, envelope{toBob.from, "<direct@example.net>"}, eximMail(1))
	if want := far.mail("direct@example.net"); content(got) != content(want) {
		t.Errorf("got\n%q\ndirectly\n%q", content(got), content(want))
	}
}
