package relay

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"encoding/base64"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
	"golang.org/x/crypto/bcrypt"

	"github.com/reconvene/reconvene/config"
)

func TestConnectionLimits(t *testing.T) {
	tests := []struct {
		name   string
		change func(*config.Config)
		want   string
	}{
		{"total", func(c *config.Config) { c.Limits.Connections = 2 }, "421 4.7.0 relay.example: too many connections, try"},
		{"per client", func(c *config.Config) { c.Limits.ConnectionsPerClient = 2 }, "421 4.7.0 relay.example: too many connections from your address"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, tt.change)
			first, second := r.hello("plain"), r.hello("implicit")
			third := r.connect("plain")
			third.expect(tt.want)
			third.expectClosed()
			second.say("QUIT", "221")
			second.expectClosed()
			eventually(t, func() bool {
				r.srv.relayClients.mu.Lock()
				defer r.srv.relayClients.mu.Unlock()
				return r.srv.relayClients.total == 1
			})
			r.hello("plain").say("NOOP", "250")
			first.say("NOOP", "250")
		})
	}
}

func TestCensusClients(t *testing.T) {
	var c connCounter
	enter := func(s string) bool { ok, _ := c.enter(netip.MustParseAddr(s), 0, 1); return ok }
	if !enter("192.0.2.1") || enter("192.0.2.1") || enter("::ffff:192.0.2.1") || !enter("192.0.2.2") {
		t.Error("IPv4 is counted by address")
	}
	if !enter("2001:db8:1:2::1") || enter("2001:db8:1:2:ffff::9") || !enter("2001:db8:1:3::1") {
		t.Error("IPv6 is counted by /64")
	}
	for _, s := range []string{"192.0.2.1", "192.0.2.2", "2001:db8:1:2::1", "2001:db8:1:3::1"} {
		c.leave(netip.MustParseAddr(s))
	}
	if c.total != 0 || len(c.clients) != 0 {
		t.Errorf("left over: %+v", c.clients)
	}
}

// Idle clients are sent away at once; a transaction that runs is finished.
func TestShutdown(t *testing.T) {
	eachTransportInMemory(t, nil, func(t *testing.T, r *rig, busy *talker) {
		idle, open, pipelined := r.hello("plain"), r.hello("starttls"), r.hello("implicit")
		delivering, release := make(chan struct{}, 3), make(chan struct{})
		r.hop.deliver = func(context.Context) { delivering <- struct{}{}; <-release }
		busy.envelope()
		busy.say("DATA", "354")
		busy.send(message + ".\r\n")
		<-delivering
		open.envelope()
		pipelined.envelope()
		pipelined.say("DATA", "354")
		pipelined.send("pipelined\r\n.\r\nMAIL FROM:<a@sender.example>\r\nRCPT TO:<b@rcpt.example>\r\n")
		<-delivering

		address := r.srv.Addr("plain")
		done := make(chan error, 1)
		go func() { done <- r.srv.shutdown(context.Background()) }()
		idle.expect("421 4.3.2")
		idle.expectClosed()
		if conn, err := r.dial(address.String()); err == nil {
			conn.Close()
			t.Error("the listener is still open")
		}
		synctest.Wait() // until every session has been told, not only the idle one
		close(release)
		busy.expect("250 2.6.0")
		busy.expect("421 4.3.2")
		pipelined.expect("250 2.6.0")
		pipelined.expect("421 4.3.2") // not the next transaction
		open.say("DATA", "354")
		open.send("open\r\n.\r\n")
		open.expect("250 2.6.0")
		open.expect("421 4.3.2")
		if err := <-done; err != nil {
			t.Error(err)
		}
		if len(r.hop.messages) != 3 {
			t.Errorf("%d messages", len(r.hop.messages))
		}
	})
}

// What does not finish in time is cut off, and never answered with 250.
func TestShutdownDeadline(t *testing.T) {
	eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
		delivering := make(chan struct{})
		r.hop.deliver = func(ctx context.Context) { close(delivering); <-ctx.Done() }
		c.envelope()
		c.say("DATA", "354")
		c.send(message + ".\r\n")
		<-delivering
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := r.srv.shutdown(ctx); err == nil {
			t.Error("Shutdown does not say that it cut something off")
		}
		if replies := c.expectGone(); len(replies) > 0 && replies[0][:1] == "2" {
			t.Errorf("the server said %q", replies)
		}
		wantBodies(t, r)
	})
}

func TestServeEndsWithItsContext(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	defer func() { goleak.VerifyNone(t, leaks) }()
	srv, err := New(Options{Config: testConfig(t)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx) }()
	conn, err := net.Dial("tcp", srv.Addr("plain").String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := &talker{t: t, conn: conn, r: bufio.NewReader(conn)}
	c.expect("220")
	c.say("EHLO client.example", "250")
	c.say("STARTTLS", "220")
	c.startTLS(nil)
	c.say("EHLO client.example", "250")
	cancel()
	c.expectGone()
	conn.Close()
	if err := <-served; err != nil {
		t.Error(err)
	}
	if err := srv.Serve(context.Background()); err != nil {
		t.Errorf("Serve after the end: %v", err)
	}
	srv.Close()
}

// A reload changes listeners, routes and certificates, and no session notices.
func TestReload(t *testing.T) {
	r := newRig(t, nil)
	old := r.hello("plain")
	old.envelope()
	addr := r.srv.Addr("plain").String()

	next := *r.cfg
	next.Hostname = "new.example"
	next.Listeners = append([]config.Listener(nil), r.cfg.Listeners...)
	next.Listeners[0].MaxSize = 2 << 20
	next.Listeners[1].Name, next.Listeners[1].Address = "second", "127.0.0.1:0"
	next.Listeners[1].TLS.Mode = "off"
	next.Routes = next.Routes[:1]
	newName(t, &next.Listeners[0].TLS)
	if err := r.srv.Reload(&next); err != nil {
		t.Fatal(err)
	}
	r.fake()
	if got := r.srv.Addr("plain").String(); got != addr {
		t.Errorf("the socket was opened anew: %s, was %s", got, addr)
	}
	if r.srv.Addr("implicit") != nil {
		t.Error("the old name is still there")
	}
	c := r.connect("plain")
	c.expect("220 new.example")
	if lines := c.say("EHLO x", "250"); !strings.Contains(strings.Join(lines, "\n"), "SIZE 2097152") {
		t.Errorf("%q", lines)
	}
	c.say("STARTTLS", "220")
	c.startTLS(nil)
	if name := c.conn.(*tls.Conn).ConnectionState().PeerCertificates[0].Subject.CommonName; name != "new.example" {
		t.Errorf("certificate of %s", name)
	}
	c.say("EHLO x", "250")
	c.say("MAIL FROM:<a@sender.example>", "250")
	c.say("RCPT TO:<b@rcpt.example>", "550 5.4.4")

	old.say("DATA", "354") // began before: goes by the old routes
	old.send(message + ".\r\n")
	old.expect("250")
	old.say("MAIL FROM:<a@sender.example>", "250")
	old.say("RCPT TO:<b@rcpt.example>", "550 5.4.4")

	second := r.connect("second")
	second.expect("220")

	bad := next
	bad.Listeners = append([]config.Listener(nil), next.Listeners...)
	bad.Listeners[0].Address = "127.0.0.1:0"
	bad.Listeners[1].Address = "192.0.2.1:1" // not ours
	if err := r.srv.Reload(&bad); err == nil || !strings.Contains(err.Error(), `listener "second"`) {
		t.Errorf("Reload: %v", err)
	}
	bad.Listeners = []config.Listener{next.Listeners[0]}
	bad.Listeners[0].TLS.Cert = "/nowhere"
	if err := r.srv.Reload(&bad); err == nil {
		t.Error("a missing certificate was accepted")
	}
	if r.srv.Addr("plain").String() != addr {
		t.Error("a bad configuration changed the listeners")
	}
	c.say("NOOP", "250")
}

func newName(t *testing.T, l *config.ListenerTLS) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	l.Cert, l.Key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	writeCert(t, l.Cert, l.Key, private, &private.PublicKey, "new.example")
}

// min_version "1.0" lets in what Exchange 2003 and 2007 can do, and says so;
// without it they are refused.
func TestOldTLS(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	suites := map[string]uint16{"AES-128-CBC": tls.TLS_RSA_WITH_AES_128_CBC_SHA, "AES-256-CBC": tls.TLS_RSA_WITH_AES_256_CBC_SHA, "3DES": tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA}
	for _, min := range []string{"", "1.0"} {
		r := newRig(t, func(cfg *config.Config) {
			l := &cfg.Listeners[0].TLS
			writeCert(t, l.Cert, l.Key, private, &private.PublicKey, "relay.example")
			l.MinVersion = config.TLSVersion(min)
		})
		for name, suite := range suites {
			t.Run("min "+min+" "+name, func(t *testing.T) {
				c := r.connect("plain")
				c.expect("220")
				c.say("EHLO client.example", "250")
				c.say("STARTTLS", "220")
				conn := tls.Client(c.conn, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10, CipherSuites: []uint16{suite}})
				err := conn.Handshake()
				if min == "" {
					if err == nil {
						t.Error("TLS 1.0 was accepted")
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if s := conn.ConnectionState(); s.Version != tls.VersionTLS10 || s.CipherSuite != suite {
					t.Errorf("%x %x", s.Version, s.CipherSuite)
				}
				eventually(t, func() bool { return strings.Contains(r.log.String(), "tls-weak") })
			})
		}
		modern := r.hello("starttls")
		if v := modern.conn.(*tls.Conn).ConnectionState().Version; v != tls.VersionTLS13 {
			t.Errorf("a modern client got %x", v)
		}
	}
}

func withUsers(t *testing.T) func(*config.Config) {
	hash, err := bcrypt.GenerateFromPassword([]byte("secret"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(file, []byte("# users\nexchange:"+string(hash)+"\n#x:y\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return func(cfg *config.Config) {
		for i := range cfg.Listeners {
			cfg.Listeners[i].Allow = nil
			cfg.Listeners[i].Auth.UsersFile = file
		}
	}
}

func TestAuth(t *testing.T) {
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	r := newRig(t, withUsers(t))
	tests := []struct {
		name string
		talk func(c *talker)
		ok   bool
	}{
		{"plain", func(c *talker) { c.say("AUTH PLAIN "+b64("\x00exchange\x00secret"), "235") }, true},
		{"plain in two steps", func(c *talker) { c.say("AUTH PLAIN", "334"); c.say(b64("\x00exchange\x00secret"), "235") }, true},
		{"login", func(c *talker) {
			if got := c.say("AUTH LOGIN", "334"); got[0] != "334 "+b64("Username:") {
				c.t.Errorf("prompt %q", got)
			}
			c.say(b64("exchange"), "334 "+b64("Password:"))
			c.say(b64("secret"), "235")
		}, true},
		{"login with name", func(c *talker) { c.say("AUTH login "+b64("exchange"), "334"); c.say(b64("secret"), "235") }, true},
		{"wrong password", func(c *talker) { c.say("AUTH PLAIN "+b64("\x00exchange\x00wrong"), "535 5.7.8") }, false},
		{"unknown user", func(c *talker) { c.say("AUTH PLAIN "+b64("\x00nobody\x00secret"), "535 5.7.8") }, false},
		{"comment", func(c *talker) { c.say("AUTH PLAIN "+b64("\x00#x\x00y"), "535 5.7.8") }, false},
		{"empty", func(c *talker) { c.say("AUTH LOGIN", "334"); c.say("", "334"); c.say("", "535 5.7.8") }, false},
		{"given up", func(c *talker) { c.say("AUTH PLAIN", "334"); c.say("*", "501") }, false},
		{"control character", func(c *talker) { c.say("AUTH PLAIN", "334"); c.say("\x00", "501") }, false},
		{"not base64", func(c *talker) { c.say("AUTH PLAIN", "334"); c.say("MAIL FROM:<a@b>", "454") }, false},
		{"long", func(c *talker) {
			c.say("AUTH PLAIN "+b64("\x00exchange\x00"+strings.Repeat("x", 9000)), "535")
		}, false},
		{"too long", func(c *talker) { c.say("AUTH PLAIN "+strings.Repeat("A", 12288), "500 5.5.6") }, false},
		{"unknown mechanism", func(c *talker) { c.say("AUTH NTLM", "504 5.5.4") }, false},
	}
	for _, tt := range tests {
		for _, transport := range []string{"starttls", "implicit"} {
			t.Run(tt.name+" "+transport, func(t *testing.T) {
				c := r.hello(transport)
				tt.talk(c)
				if tt.name == "too long" {
					return
				}
				if !tt.ok {
					c.say("MAIL FROM:<a@sender.example>", "550 5.7.1")
					return
				}
				c.say("AUTH PLAIN =", "503")
				c.envelope()
				c.say("AUTH PLAIN =", "503")
				c.say("DATA", "354")
				c.send(".\r\n")
				c.expect("250")
				if m := r.hop.messages[len(r.hop.messages)-1]; !strings.Contains(m, "with ESMTPSA id") {
					t.Errorf("trace field %q", m)
				}
			})
		}
	}
	t.Run("not without TLS", func(t *testing.T) {
		c := r.connect("plain")
		c.expect("220")
		if lines := c.say("EHLO x", "250"); strings.Contains(strings.Join(lines, "\n"), "AUTH") {
			t.Errorf("offered: %q", lines)
		}
		c.say("AUTH PLAIN "+b64("\x00exchange\x00secret"), "523")
		c.say("MAIL FROM:<a@sender.example>", "550 5.7.1")
	})
}

func TestAuthWithoutTLSWhenAllowed(t *testing.T) {
	users := withUsers(t)
	r := newRig(t, func(cfg *config.Config) { users(cfg); cfg.Listeners[0].Auth.AllowInsecure = true })
	c := r.hello("plain")
	c.say("AUTH PLAIN "+base64.StdEncoding.EncodeToString([]byte("\x00exchange\x00secret")), "235")
	c.envelope()
	c.say("STARTTLS", "220")
	c.startTLS(nil)
	c.say("EHLO x", "250")
	c.say("MAIL FROM:<a@sender.example>", "550 5.7.1") // RFC 3207 §4.2: forgotten
}

// The hash that stands for an unknown user costs what a real one costs.
func TestNobody(t *testing.T) {
	if cost, err := bcrypt.Cost([]byte(nobody)); err != nil || cost != bcrypt.DefaultCost {
		t.Errorf("cost %d, %v", cost, err)
	}
	if err := bcrypt.CompareHashAndPassword([]byte(nobody), []byte("x")); err != bcrypt.ErrMismatchedHashAndPassword {
		t.Errorf("bcrypt does not work through the hash: %v", err)
	}
}

func TestIPv6(t *testing.T) {
	if l, err := net.Listen("tcp", "[::1]:0"); err != nil {
		t.Skip("no IPv6 here")
	} else {
		l.Close()
	}
	r := newRig(t, func(cfg *config.Config) { cfg.Listeners[0].Address = "[::1]:0" })
	c := r.hello("plain")
	c.envelope()
	c.say("DATA", "354")
	c.send(".\r\n")
	c.expect("250")
	if !strings.HasPrefix(r.hop.messages[0], "Received: from client.example ([IPv6:::1])\r\n") {
		t.Errorf("%q", r.hop.messages[0])
	}
}
