//go:build unix

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/smtp"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// exim is a real Exim that sends what it takes on at once, and keeps what it does
// not in its queue for ever: no queue runner is started.
type exim struct {
	t    *testing.T
	dir  string
	path string
	addr string // where it will listen

	routers, transports string // those before the route to the next hop
	rcptACL, dataACL    string // statements before "accept"
}

func newExim(t *testing.T) *exim {
	t.Helper()
	path := ""
	for _, name := range []string{"exim4", "exim", "/usr/sbin/exim4", "/usr/sbin/exim", os.Getenv("EXIM")} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("Exim is not installed")
	}
	if os.Getuid() != 0 {
		t.Skip("Exim must be started by root")
	}
	account, err := user.Lookup("Debian-exim")
	if err != nil {
		t.Skip("Exim's account is missing")
	}
	dir, err := os.MkdirTemp("", "exim") // others must get in
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	uid, _ := strconv.Atoi(account.Uid)
	gid, _ := strconv.Atoi(account.Gid)
	for _, name := range []string{".", "spool", "log", "mail"} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(name, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(name, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(name, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(dir, 0, 0); err != nil {
		t.Fatal(err)
	}
	return &exim{t: t, dir: dir, path: path, addr: smtptest.FreeAddr(t)}
}

// start runs it before a next hop; main and transport are further settings.
func (e *exim) start(next, main, transport string) (addr string) {
	e.t.Helper()
	_, port, _ := net.SplitHostPort(e.addr)
	_, nextPort, _ := net.SplitHostPort(next)
	conf := filepath.Join(e.dir, "exim.conf")
	write(e.t, conf, fmt.Sprintf(`exim_path = %s
spool_directory = %[2]s/spool
log_file_path = %[2]s/log/%%slog
primary_hostname = exim.test
local_interfaces = 127.0.0.1
daemon_smtp_ports = %[3]s
pid_file_path = %[2]s/exim.pid
never_users =
host_lookup =
rfc1413_query_timeout = 0s
deliver_drop_privilege = true
keep_environment =
disable_ipv6 = true
acl_smtp_rcpt = rcpt
acl_smtp_data = data
%[4]s
begin acl
rcpt:
  %[9]s
  accept
data:
  %[10]s
  accept
begin routers
%[7]s
next:
  driver = manualroute
  domains = *
  transport = smtp
  route_list = * 127.0.0.1 byname
  self = send
  no_more
begin transports
smtp:
  driver = smtp
  port = %[5]s
  allow_localhost
  %[6]s
%[8]s
begin retry
* * F,1h,1h
`, e.path, e.dir, port, main, nextPort, strings.ReplaceAll(transport, "\n", "\n  "), e.routers, e.transports, e.rcptACL, e.dataACL))
	start(e.t, e.path, "-C", conf, "-bdf")
	waitFor(e.t, e.addr)
	e.t.Cleanup(func() {
		if log, err := os.ReadFile(filepath.Join(e.dir, "log", "mainlog")); err == nil && e.t.Failed() {
			e.t.Logf("Exim's log:\n%s", log)
		}
	})
	return e.addr
}

// certificates are those of a test: files by name.
type certificates struct {
	t   *testing.T
	dir string
	key *ecdsa.PrivateKey
	ca  *x509.Certificate
}

func newCertificates(t *testing.T, dir string) *certificates {
	t.Helper()
	c := &certificates{t: t, dir: dir}
	c.issue("ca", func(template *x509.Certificate) {
		template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	})
	return c
}

// issue writes NAME.pem and NAME.key.
func (c *certificates) issue(name string, set func(*x509.Certificate)) {
	c.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		c.t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}}
	set(template)
	if c.ca == nil {
		template.ExtKeyUsage = nil
		c.ca, c.key = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, c.ca, &key.PublicKey, c.key)
	if err != nil {
		c.t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		c.t.Fatal(err)
	}
	write(c.t, c.file(name+".pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	write(c.t, c.file(name+".key"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})))
}

func (c *certificates) file(name string) string { return filepath.Join(c.dir, name) }

// serve starts a relay between two hosts that all show certificates: its one listener
// takes mail from client, and via gets it.
func (c *certificates) serve(t *testing.T, listener, client, via string) *program {
	t.Helper()
	conf := filepath.Join(t.TempDir(), "reconvene.toml")
	write(t, conf, fmt.Sprintf(`hostname = "relay.test"
[[listener]]
name = %[5]q
address = "127.0.0.1:0"
allow = []
client_ca = %[1]q
allow_names = [%[6]q]
[listener.tls]
mode = "required"
cert = %[2]q
key = %[3]q
[[route]]
via = [%[4]q]
tls = "verify"
ca_file = %[1]q
cert = %[2]q
key = %[3]q
[admin]
address = ""
`, c.file("ca.pem"), c.file("relay.pem"), c.file("relay.key"), via, listener, client))
	return startServe(t, nil, "--config", conf)
}

// bring sends one message over a connection of its own.
func bring(t *testing.T, addr, body string) {
	t.Helper()
	c, err := smtp.Dial(addr)
	if err != nil {
		t.Error(err)
		return
	}
	defer c.Close()
	if err := send(t, c, body); err != nil {
		t.Errorf("by %s: %v", addr, err)
	}
	c.Quit()
}

// untraced is a message without the Received fields on top.
func untraced(m string) string {
	for strings.HasPrefix(m, "Received:") {
		_, m = cutField(strings.ReplaceAll(m, "\r\n", "\n"))
	}
	return m
}

// eximMail has 8-bit text, dots, and long lines: what a relay may spoil.
func eximMail(n int) string {
	return fmt.Sprintf("From: Ann <ann@example.com>\r\nTo: Bob <bob@example.net>\r\nSubject: %d\r\nDate: Mon, 2 Mar 2026 08:00:00 +0000\r\n"+
		"Message-ID: <%d@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\nX-Odd:   a\r\n\t b \r\n\r\n"+
		"Grüße\r\n.\u00a0dot\r\n..two\r\n%s\r\n \t\r\n\r\nBye\r\n", n, n, strings.Repeat("x", 900))
}

// A stock Exim queues what comes after the tenth message of a connection, and would
// keep it until its next queue run: thirty clients with a message each, and one with
// thirty, also where the greeting does not say that it is an Exim.
func TestInteropExim(t *testing.T) {
	t.Parallel() // it waits for others
	for name, banner := range map[string]string{"stock": "", "another greeting": "smtp_banner = mx.test ESMTP ready"} {
		t.Run(name, func(t *testing.T) {
			next := newSink(t, nil)
			addr := newExim(t).start(next.addr, banner, "")
			relay := startServe(t, nil, "--config", serveConfig(t, "", addr, ""))
			const messages = 30
			var bodies []string
			var all sync.WaitGroup
			for i := range messages {
				bodies = append(bodies, eximMail(i))
				all.Go(func() { bring(t, relay.addr("exchange"), eximMail(i)) })
			}
			all.Go(func() { submit(t, relay.addr("exchange"), toBob, bodies...) })
			arrived := make(map[string]int)
			for range 2 * messages {
				arrived[untraced(next.mail(t))]++
			}
			all.Wait()
			for i := range messages {
				bring(t, addr, eximMail(i))
				if direct := untraced(next.mail(t)); arrived[direct] != 2 {
					t.Errorf("message %d arrived %d times as it does directly", i, arrived[direct])
				}
			}
		})
	}
}

// Exim with a certificate sends through the relay, which sends with one of its own
// to an Exim that takes mail from nobody else.
func TestInteropEximCertificates(t *testing.T) {
	t.Parallel() // it waits for others
	receiver, sender := newExim(t), newExim(t)
	certs := newCertificates(t, receiver.dir)
	for _, name := range []string{"receiver", "sender", "relay"} {
		certs.issue(name, func(c *x509.Certificate) {
			c.DNSNames, c.IPAddresses = []string{name + ".test"}, []net.IP{net.IPv4(127, 0, 0, 1)}
		})
	}
	next := newSink(t, nil)
	guarded := receiver.start(next.addr, fmt.Sprintf("tls_advertise_hosts = *\ntls_certificate = %s\ntls_privatekey = %s\ntls_verify_certificates = %s\ntls_verify_hosts = *",
		certs.file("receiver.pem"), certs.file("receiver.key"), certs.file("ca.pem")), "")

	relay := certs.serve(t, "exim", "sender.test", guarded)
	withCert := func(name string) string {
		return fmt.Sprintf("hosts_require_tls = *\ntls_certificate = %s\ntls_privatekey = %s\ntls_verify_certificates = %s", certs.file(name+".pem"), certs.file(name+".key"), certs.file("ca.pem"))
	}
	through := sender.start(relay.addr("exim"), "", withCert("sender"))
	direct := newExim(t).start(guarded, "", withCert("sender"))
	bring(t, through, eximMail(1))
	got := next.mail(t)
	if !strings.Contains(got, "by relay.test with UTF8SMTPS id") {
		t.Errorf("it did not pass us under TLS:\n%s", got)
	}
	bring(t, direct, eximMail(1))
	if want := next.mail(t); untraced(got) != untraced(want) {
		t.Errorf("got\n%q\ndirectly\n%q", untraced(got), untraced(want))
	}
	stranger, err := smtp.Dial(relay.addr("exim"))
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	if err := stranger.StartTLS(&tls.Config{InsecureSkipVerify: true}); err != nil {
		t.Fatal(err)
	}
	if err := send(t, stranger, eximMail(2)); err == nil || !strings.Contains(err.Error(), "5.7.1") {
		t.Errorf("who shows no certificate: %v", err)
	}
}

// Of a pair the first has no room in its spool: the second takes the mail, and the
// client hears nothing of it.
func TestInteropEximBackPressure(t *testing.T) {
	t.Parallel() // it waits for others
	next := newSink(t, nil)
	full := newExim(t).start(next.addr, "check_spool_space = 2000000000000K", "")
	free := newExim(t).start(next.addr, "", "")
	conf := serveConfig(t, "", full, "")
	text, err := os.ReadFile(conf)
	if err != nil {
		t.Fatal(err)
	}
	write(t, conf, strings.Replace(string(text), fmt.Sprintf("via = [%q]", full), fmt.Sprintf("via = [%q, %q]", full, free), 1))
	relay := startServe(t, nil, "--config", conf)
	for i := range 3 {
		bring(t, relay.addr("exchange"), eximMail(i))
		got := untraced(next.mail(t))
		bring(t, free, eximMail(i))
		if direct := untraced(next.mail(t)); got != direct {
			t.Errorf("got\n%q\ndirectly\n%q", got, direct)
		}
	}
	relay.line(1, "msg=nexthop-failed", "code=452")
}
