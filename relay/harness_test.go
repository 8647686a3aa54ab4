package relay

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// fakeHop stands for the next hop: it notes what it gets and answers as told.
type fakeHop struct {
	mu       sync.Mutex
	batches  [][]string // paths of each Envelope call
	early    []bool     // the data argument of each
	from     envelope.ReversePath
	rcpts    []envelope.Recipient
	messages []string
	aborted  int

	rcpt    func(path string) envelope.Verdict // nil: 250
	final   func(msg string) envelope.Verdict  // nil: 250
	deliver func(ctx context.Context)          // called before the message is taken
	profile string
}

var hopSays250 = envelope.Verdict{Code: 250, Enhanced: [3]int{2, 6, 0}, Text: []string{"<queue-17> taken"}, Remote: "next [192.0.2.9]:25"}

func (f *fakeHop) Envelope(_ context.Context, from envelope.ReversePath, rcpts []envelope.Recipient, data bool) []envelope.Verdict {
	f.mu.Lock()
	defer f.mu.Unlock()
	var paths []string
	var out []envelope.Verdict
	for _, r := range rcpts {
		paths = append(paths, r.Path)
		v := envelope.Verdict{Code: 250, Enhanced: [3]int{2, 1, 5}, Text: []string{"next hop takes " + r.Path}, Remote: hopSays250.Remote}
		if f.rcpt != nil {
			v = f.rcpt(r.Path)
		}
		out = append(out, v)
	}
	f.from, f.rcpts = from, append(f.rcpts, rcpts...)
	f.batches, f.early = append(f.batches, paths), append(f.early, data)
	return out
}

func (f *fakeHop) Deliver(ctx context.Context, msg envelope.Body) envelope.Verdict {
	if f.deliver != nil {
		f.deliver(ctx)
	}
	if ctx.Err() != nil {
		return envelope.Refuse(451, [3]int{4, 4, 2}, "gone")
	}
	var b bytes.Buffer
	n, err := msg.WriteTo(&b)
	if err != nil || n != msg.Size() || int64(b.Len()) != n {
		return envelope.Refuse(451, [3]int{4, 3, 0}, "bad outgoing: %d of %d octets, %v", n, msg.Size(), err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.messages = append(f.messages, b.String())
	if f.final != nil {
		return f.final(b.String())
	}
	return hopSays250
}

func (f *fakeHop) Profile() string {
	if f.profile != "" {
		return f.profile
	}
	return "standard"
}

func (f *fakeHop) Greeting() (string, string) { return "", "" }

func (f *fakeHop) LacksDSN() bool { return false }

func (f *fakeHop) Abort() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.aborted++
}

// bodies are the messages that arrived, without our Received field.
func (f *fakeHop) bodies() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, m := range f.messages {
		out = append(out, withoutReceived(m))
	}
	return out
}

// withoutReceived takes the topmost field away.
func withoutReceived(m string) string {
	lines := strings.SplitAfter(m, "\r\n")
	i := 1
	for i < len(lines) && strings.HasPrefix(lines[i], "\t") {
		i++
	}
	return strings.Join(lines[i:], "")
}

// rig is a running server before a fakeHop.
type rig struct {
	t   *testing.T
	srv *Server
	hop *fakeHop
	cfg *config.Config
	log *smtptest.Buffer

	network *smtptest.Network // nil: the real one
}

func testConfig(t testing.TB) *config.Config {
	cert, key := certFiles(t)
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	l := config.Listener{Address: "127.0.0.1:0", Direction: config.Outbound, Handoff: "proxy", Allow: loopback, MaxSize: 1 << 20}
	plain, implicit := l, l
	plain.Name, plain.TLS = "plain", config.ListenerTLS{Mode: "optional", Cert: cert, Key: key}
	implicit.Name, implicit.TLS = "implicit", config.ListenerTLS{Mode: "implicit", Cert: cert, Key: key}
	return &config.Config{
		Hostname:  "relay.example",
		Listeners: []config.Listener{plain, implicit},
		Routes:    []config.Route{{Domains: []string{"other.example"}, Via: []string{"192.0.2.1:25"}}, {Via: []string{"192.0.2.2:25"}}},
		Rewrite:   config.Rewrite{Mode: "fix"},
		Log:       config.Log{Subject: true},
		Limits: config.Limits{Memory: 64 << 10, Directory: t.TempDir(), Connections: 50, ConnectionsPerClient: 40, Recipients: 10, Errors: 8,
			CommandTimeout: 10 * time.Second, DataTimeout: 10 * time.Second, MessageTimeout: time.Minute,
			ShutdownTimeout: 10 * time.Second, PoolSize: 2, PoolIdle: time.Minute, PoolAge: time.Minute, PoolUses: 10},
		NextHop: config.NextHop{ConnectTimeout: 10 * time.Second},
	}
}

// newRig starts a server; change may alter its configuration, and options what
// else it is made of.
func newRig(t *testing.T, change func(*config.Config), options ...func(*Options)) *rig {
	t.Helper()
	return newRigAt(t, nil, change, options)
}

// newRigAt is newRig on a network; nil is the real one.
func newRigAt(t *testing.T, network *smtptest.Network, change func(*config.Config), options []func(*Options)) *rig {
	t.Helper()
	r := &rig{t: t, hop: &fakeHop{}, cfg: testConfig(t), log: &smtptest.Buffer{}, network: network}
	if change != nil {
		change(r.cfg)
	}
	r.build(options)
	r.fake()
	r.serve()
	return r
}

// build makes the server. What it is made of has to be known by then: a client
// may be accepted at any time afterwards.
func (r *rig) build(options []func(*Options)) {
	r.t.Helper()
	opt := Options{Config: r.cfg, Log: NewMailLog(NewLogHandler(r.log, "text", nil), nil), delays: delays{watch: 1, greeting: 20 * time.Millisecond, failure: 1}}
	if r.network != nil {
		opt.Listen, opt.Dial = r.network.Listen, r.network.Dial
	}
	for _, alter := range options {
		alter(&opt)
	}
	srv, err := New(opt)
	if err != nil {
		r.t.Fatal(err)
	}
	r.srv = srv
}

// serve runs the server until the test is over.
func (r *rig) serve() {
	served := make(chan error, 1)
	go func() { served <- r.srv.Serve(context.Background()) }()
	r.t.Cleanup(func() {
		r.srv.Close()
		if err := <-served; err != nil {
			r.t.Errorf("Serve: %v", err)
		}
	})
}

// fake puts the fakeHop in place of the engine.
func (r *rig) fake() {
	setup := *r.srv.setup.Load()
	setup.begin = func(*nexthop.Session, *nexthop.Route) hop { return r.hop }
	r.srv.setup.Store(&setup)
}

// hangBound ends a test that hangs; a busy machine under the race detector needs
// much of it.
const hangBound = 3 * time.Minute

// talker is a client that sends what it is told to.
type talker struct {
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
}

func (r *rig) dial(address string) (net.Conn, error) {
	if r.network != nil {
		return r.network.Dial(r.t.Context(), "tcp", address)
	}
	return net.Dial("tcp", address)
}

func (r *rig) connect(listener string) *talker {
	r.t.Helper()
	conn, err := r.dial(r.srv.Addr(listener).String())
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(hangBound))
	return &talker{t: r.t, conn: conn, r: bufio.NewReader(conn)}
}

func (c *talker) startTLS(cfg *tls.Config) {
	c.t.Helper()
	if cfg == nil {
		cfg = &tls.Config{InsecureSkipVerify: true}
	}
	conn := tls.Client(c.conn, cfg)
	if err := conn.Handshake(); err != nil {
		c.t.Fatalf("handshake: %v", err)
	}
	c.conn, c.r = conn, bufio.NewReader(conn)
}

// transports are the ways to reach the server; each gives a client after EHLO.
func eachTransport(t *testing.T, change func(*config.Config), test func(t *testing.T, r *rig, c *talker), options ...func(*Options)) {
	for _, name := range []string{"plain", "starttls", "implicit"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // most of them wait
			r := newRig(t, change, options...)
			test(t, r, r.hello(name))
		})
	}
}

// eachTransportInMemory is eachTransport for tests that wait: they run in a bubble
// (testing/synctest), where the time of a wait is exact and costs nothing.
func eachTransportInMemory(t *testing.T, change func(*config.Config), test func(t *testing.T, r *rig, c *talker)) {
	for _, name := range []string{"plain", "starttls", "implicit"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRigAt(t, &smtptest.Network{}, change, nil)
				test(t, r, r.hello(name))
			})
		})
	}
}

func (r *rig) hello(transport string) *talker {
	r.t.Helper()
	var c *talker
	switch transport {
	case "implicit":
		c = r.connect("implicit")
		c.startTLS(nil)
		c.expect("220")
	default:
		c = r.connect("plain")
		c.expect("220")
		if transport == "starttls" {
			c.say("EHLO client.example", "250")
			c.say("STARTTLS", "220")
			c.startTLS(nil)
		}
	}
	c.say("EHLO client.example", "250")
	return c
}

func (c *talker) send(s string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, s); err != nil {
		c.t.Fatalf("sending %.40q: %v", s, err)
	}
}

// reply reads one reply; the lines without their ends.
func (c *talker) reply() ([]string, error) {
	var lines []string
	for {
		line, err := c.r.ReadString('\n')
		if err != nil {
			return lines, err
		}
		line = strings.TrimSuffix(line, "\r\n")
		lines = append(lines, line)
		if len(line) < 4 || line[3] != '-' {
			return lines, nil
		}
	}
}

// expect reads one reply that begins with want.
func (c *talker) expect(want string) []string {
	c.t.Helper()
	lines, err := c.reply()
	if err != nil {
		c.t.Fatalf("want %s, got %q and %v", want, lines, err)
	}
	if !strings.HasPrefix(lines[len(lines)-1], want) {
		c.t.Fatalf("want %s, got %q", want, lines)
	}
	return lines
}

// say sends a line and expects a reply.
func (c *talker) say(line, want string) []string {
	c.t.Helper()
	c.send(line + "\r\n")
	return c.expect(want)
}

// expectClosed reads until the server closes and returns the replies before.
func (c *talker) expectClosed() []string {
	c.t.Helper()
	var all []string
	for {
		lines, err := c.reply()
		all = append(all, lines...)
		if err != nil {
			if ne, ok := err.(net.Error); ok && ne.Timeout() {
				c.t.Fatalf("the server did not close the connection; it said %q", all)
			}
			return all
		}
	}
}

// envelope starts a transaction.
func (c *talker) envelope() {
	c.t.Helper()
	c.say("MAIL FROM:<a@sender.example>", "250")
	c.say("RCPT TO:<b@rcpt.example>", "250")
}

const message = "From: a@sender.example\r\nSubject: hello\r\n\r\nbody\r\n"

// testCert is a certificate for all tests and its key, in PEM.
var testCert = sync.OnceValues(func() (cert, key []byte) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return certPEM(private, &private.PublicKey, "relay.example")
})

// certFiles writes the certificate to files of the test.
func certFiles(t testing.TB) (cert, key string) {
	t.Helper()
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certPEM, keyPEM := testCert()
	writePair(t, cert, key, certPEM, keyPEM)
	return cert, key
}

// writeCert makes a certificate and writes it to files.
func writeCert(t testing.TB, cert, key string, private, public any, name string) {
	t.Helper()
	certPEM, keyPEM := certPEM(private, public, name)
	writePair(t, cert, key, certPEM, keyPEM)
}

// certPEM makes a certificate that is valid also for tests in a bubble, which begins in
// the year 2000, when it was made there.
func certPEM(private, public any, name string) (cert, key []byte) {
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(50, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		panic(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}

func writePair(t testing.TB, cert, key string, certPEM, keyPEM []byte) {
	t.Helper()
	for path, text := range map[string][]byte{cert: certPEM, key: keyPEM} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func wantBodies(t *testing.T, r *rig, want ...string) {
	t.Helper()
	if got := r.hop.bodies(); !slices.Equal(got, want) {
		t.Errorf("the next hop got %s\nwant %s", brief(got), brief(want))
	}
}

func brief(list []string) string {
	s := fmt.Sprintf("%d:", len(list))
	for _, m := range list {
		s += fmt.Sprintf(" %.200q", m)
	}
	return s
}

// eventually waits until something is so; the bound is only there against hangs.
func eventually(t testing.TB, so func() bool) {
	t.Helper()
	for end := time.Now().Add(hangBound); !so(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not happen")
		}
	}
}
