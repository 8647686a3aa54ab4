//go:build linux

package main

import (
	"crypto/x509"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// Servers that take 7-bit mail only.
var sevenBit = map[string]real{
	"Postfix": func(t *testing.T, next string) string {
		p := newPostfix(t)
		p.start(next, nil, nil, "smtpd_discard_ehlo_keywords = 8bitmime, smtputf8, chunking, silent-discard")
		return p.addr
	},
	"Exim": func(t *testing.T, next string) string {
		return newExim(t).start(next, "accept_8bitmime = false\nchunking_advertise_hosts =\nsmtputf8_advertise_hosts =", "")
	},
}

// What a server cannot take is converted, and reads the same.
func TestInteropQueueSevenBit(t *testing.T) {
	forEach(t, sevenBit, func(t *testing.T, server real) {
		next := smtptest.NewPeer(t, nil)
		b := newBetween(t, server(t, next.Addr), "", soonAgain)
		submit(t, b.p.addr("exchange"), envelope{"<ann@example.com> BODY=8BITMIME", "<bob@example.net>"}, strings.Replace(eximMail(1), "Subject: 1", "Subject: m", 1))
		once(t, next, "m bob@example.net")
		b.empty()
		got := next.Took()[0].Body
		for _, c := range []byte(got) {
			if c > 127 {
				t.Fatalf("8-bit mail arrived:\n%s", got)
			}
		}
		m, err := mail.ReadMessage(strings.NewReader(got))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		_, want, _ := strings.Cut(eximMail(1), "\r\n\r\n")
		if err != nil || string(body) != want || m.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
			t.Errorf("%v: got\n%q\nwant\n%q", err, body, want)
		}
		b.p.line(1, "msg=message-converted", "8BITMIME")
	})
}

// Servers that take messages of three thousand octets.
var narrow = map[string]real{
	"Postfix": func(t *testing.T, next string) string {
		p := newPostfix(t)
		p.start(next, nil, nil, "message_size_limit = 3000")
		return p.addr
	},
	"Postfix that does not say so": func(t *testing.T, next string) string {
		p := newPostfix(t)
		p.start(next, nil, nil, "message_size_limit = 3000\nsmtpd_discard_ehlo_keywords = size, silent-discard")
		return p.addr
	},
	"Exim": func(t *testing.T, next string) string {
		return newExim(t).start(next, "message_size_limit = 3000", "")
	},
	"OpenSMTPD": func(t *testing.T, next string) string {
		return newOpenSMTPD(t).start(next, "smtp max-message-size 3000", "")
	},
}

// The sender of a message that is too large is told so, in words, and once; smaller
// messages arrive.
func TestInteropQueueSize(t *testing.T) {
	forEach(t, narrow, func(t *testing.T, server real) {
		next := smtptest.NewPeer(t, nil)
		b := newBetween(t, server(t, next.Addr), "", soonAgain)
		post(t, b.p.addr("exchange"), "ann@example.com", "bob@example.net", "Subject: large\r\n\r\n"+strings.Repeat("Too much of it.\r\n", 400))
		b.send("small", "bob@example.net")
		once(t, next, "small bob@example.net")
		b.empty()
		notes := b.near.Took()
		if len(notes) != 1 || pathOf(notes[0].From) != "" || pathOf(notes[0].To[0]) != "ann@example.com" {
			t.Fatalf("notifications: %+v", notes)
		}
		for _, want := range []string{"Subject: large\r\n", "could not be delivered", "  bob@example.net\r\n", "The message is too large", "\r\nAction: failed\r\nStatus: 5.3.4\r\n", "Too much of it."} {
			if !strings.Contains(notes[0].Body, want) {
				t.Errorf("%q is not in\n%s", want, notes[0].Body)
			}
		}
		b.p.line(1, "msg=message", "subject=large", "attempt=1", "outcome=bounced", "code=552")
	})
}

// Servers whose certificate is of another name, out of date, and of an unknown issuer.
var badCertificate = map[string]real{
	"Postfix": func(t *testing.T, next string) string {
		p := newPostfix(t)
		cert, key := expired(t, p.dir)
		p.start(next, nil, nil, fmt.Sprintf("smtpd_tls_security_level = may\nsmtpd_tls_received_header = yes\nsmtpd_tls_cert_file = %s\nsmtpd_tls_key_file = %s", cert, key))
		return p.addr
	},
	"Exim": func(t *testing.T, next string) string {
		e := newExim(t)
		cert, key := expired(t, e.dir)
		return e.start(next, fmt.Sprintf("tls_advertise_hosts = *\ntls_certificate = %s\ntls_privatekey = %s", cert, key), "")
	},
	"OpenSMTPD": func(t *testing.T, next string) string {
		o := newOpenSMTPD(t)
		cert, key := expired(t, o.dir)
		if err := os.Chmod(key, 0o600); err != nil { // it insists
			t.Fatal(err)
		}
		return o.start(next, fmt.Sprintf("pki bad cert %q\npki bad key %q", cert, key), "tls pki bad")
	},
}

// expired writes a certificate that is good for nothing.
func expired(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	c := newCertificates(t, dir)
	c.issue("bad", func(x *x509.Certificate) {
		x.DNSNames, x.NotBefore, x.NotAfter = []string{"elsewhere.test"}, time.Now().AddDate(-1, 0, 0), time.Now().AddDate(0, -1, 0)
	})
	return c.file("bad.pem"), c.file("bad.key")
}

// A route that wants a certificate to be verified keeps its mail while it is bad; one
// that takes what it gets sends it, encrypted nevertheless where the server can do that
// (OpenSMTPD 6.8 with OpenSSL 3 fails in the handshake, after it has shown its
// certificate).
func TestInteropQueueBadCertificate(t *testing.T) {
	forEach(t, badCertificate, func(t *testing.T, server real) {
		next := smtptest.NewPeer(t, nil)
		far := server(t, next.Addr)
		b := newBetween(t, far, `tls = "verify"`, soonAgain)
		b.send("m", "bob@example.net")
		b.p.line(2, "msg=nexthop-failed", "why=tls", "certificate")
		b.p.line(1, "msg=message", "subject=m", "attempt=1", "verdict=deferred", "code=451")
		if out, _ := b.run("queue", "list"); !strings.Contains(out, "certificate") {
			t.Errorf("the list does not say why:\n%s", out)
		}
		if n := len(next.Took()); n != 0 {
			t.Fatalf("%d messages arrived", n)
		}
		b.tls = `tls = "opportunistic"`
		b.reload()
		once(t, next, "m bob@example.net")
		b.empty()
		if got := next.Took()[0].Body; !strings.Contains(got, "TLS") {
			b.p.line(1, "msg=nexthop-unencrypted", "opensmtpd.test", "why=tls")
		}
	})
}

// Servers that offer STARTTLS, and cannot do it.
var noHandshake = map[string]real{
	"Postfix without a common cipher": func(t *testing.T, next string) string {
		p := newPostfix(t)
		cert, key := expired(t, p.dir)
		p.start(next, nil, nil, fmt.Sprintf("smtpd_tls_security_level = may\nsmtpd_tls_protocols = TLSv1.2\nsmtpd_tls_ciphers = null\nsmtpd_tls_cert_file = %s\nsmtpd_tls_key_file = %s", cert, key))
		return p.addr
	},
	"Exim without a key": func(t *testing.T, next string) string {
		e := newExim(t)
		cert, _ := expired(t, e.dir)
		return e.start(next, fmt.Sprintf("tls_advertise_hosts = *\ntls_certificate = %s\ntls_privatekey = /nowhere", cert), "")
	},
}

// A server with which no handshake succeeds gets its mail in plain text, unless the
// route forbids that.
func TestInteropQueueNoHandshake(t *testing.T) {
	forEach(t, noHandshake, func(t *testing.T, server real) {
		next := smtptest.NewPeer(t, nil)
		b := newBetween(t, server(t, next.Addr), `tls = "required"`, soonAgain)
		b.send("m", "bob@example.net")
		b.p.line(2, "msg=nexthop-failed", "tls")
		b.tls = `tls = "opportunistic"`
		b.reload()
		once(t, next, "m bob@example.net")
		b.p.line(1, "msg=nexthop-unencrypted")
		b.empty()
	})
}

// reload puts the settings in force, in the running program.
func (b *between) reload() {
	b.t.Helper()
	b.write()
	b.loads++
	b.p.signal(syscall.SIGHUP)
	b.p.line(b.loads+1, "msg=config-loaded")
}
