package relay

import (
	"bufio"
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// peer is a scripted next hop on a real socket. It behaves well unless told
// otherwise; what it does is decided by its fields, which are set before start,
// and by on, which sees each command first. What it saw can be asked afterwards.
type peer struct {
	greeting   string   // whole reply without line end; default "220 hop.test ESMTP scripted"
	keywords   []string // EHLO keywords as they are sent; default PIPELINING 8BITMIME SIZE DSN SMTPUTF8 ENHANCEDSTATUSCODES
	tls        *tls.Config
	implicit   bool // TLS from the first octet; else STARTTLS is offered when tls is set
	users      map[string]string
	mechanisms string // of AUTH; default PLAIN LOGIN XOAUTH2
	refuses    bool   // connections, in a bubble

	// on may answer a command line in the place of the peer. An empty reply means
	// that the peer answers itself; cut, reset and stall are what they say; hush
	// means that on has written what it wants. "." stands for the end of a DATA body and
	// "body" for its beginning, when nothing of it has been read.
	on func(s *peerSession, line string) string

	addr string
	t    testing.TB
	ln   net.Listener
	done sync.WaitGroup

	mu       sync.Mutex
	conns    []net.Conn
	sessions int
	most     int          // connections at once, of within
	open     map[int]bool // those of within
	carried  []int        // messages, by connection
	commands []string
	messages []peerMessage
	stop     chan struct{}
}

// What on can answer instead of a reply.
const (
	cut   = "\x00cut"   // FIN
	reset = "\x00reset" // RST
	stall = "\x00stall" // no answer until the connection or the test ends
	hush  = "\x00hush"  // no answer, go on reading
)

// peerMessage is a message as the peer took it.
type peerMessage struct {
	From  string   // the argument of MAIL FROM with parameters
	To    []string // the arguments of RCPT TO
	Body  string   // without dot-stuffing
	Chunk bool     // by BDAT
	TLS   bool
	User  string
}

// peerSession is one connection of a peer.
type peerSession struct {
	*peer
	number int // 1 for the first connection
	nc     net.Conn
	br     *bufio.Reader
	secure bool
	user   string
	msg    peerMessage

	excess   bool   // it is one too many
	finished int    // messages that were taken
	after    string // a reply too many behind the next message, after which it closes
}

// newPeer makes a peer and starts it. set changes it before that.
func newPeer(t testing.TB, set func(*peer)) *peer {
	t.Helper()
	p := makePeer(t, set)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.ln, p.addr = ln, ln.Addr().String()
	p.done.Add(1)
	go p.serve()
	t.Cleanup(p.close)
	return p
}

// makePeer makes a peer that listens nowhere: its connections are pipes.
func makePeer(t testing.TB, set func(*peer)) *peer {
	p := &peer{
		t:        t,
		greeting: "220 hop.test ESMTP scripted",
		keywords: []string{"PIPELINING", "8BITMIME", "SIZE 100000000", "DSN", "SMTPUTF8", "ENHANCEDSTATUSCODES"},
		stop:     make(chan struct{}),
		open:     make(map[int]bool),
	}
	if set != nil {
		set(p)
	}
	return p
}

func (p *peer) serve() {
	defer p.done.Done()
	for {
		nc, err := p.ln.Accept()
		if err != nil {
			return
		}
		p.begin(nc)
	}
}

// begin serves a connection.
func (p *peer) begin(nc net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sessions++
	p.conns = append(p.conns, nc)
	p.carried = append(p.carried, 0)
	s := &peerSession{peer: p, number: p.sessions}
	p.done.Go(func() {
		defer s.leave()
		defer nc.Close()
		s.use(nc)
		s.run()
	})
}

func (s *peerSession) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, s.number)
}

// close ends the peer; it can be called more than once.
func (p *peer) close() {
	p.mu.Lock()
	select {
	case <-p.stop:
	default:
		close(p.stop)
	}
	if p.ln != nil {
		p.ln.Close()
	}
	for _, nc := range p.conns {
		nc.Close()
	}
	p.mu.Unlock()
	p.done.Wait()
}

// hangUp closes the connections that are open now.
func (p *peer) hangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, nc := range p.conns {
		nc.Close()
	}
	p.conns = nil
}

// took returns the messages so far.
func (p *peer) took() []peerMessage {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.messages)
}

// heard returns the command lines so far, of all connections.
func (p *peer) heard() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.commands)
}

// count returns how many connections were accepted so far.
func (p *peer) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sessions
}

// loads returns how many messages each connection carried so far.
func (p *peer) loads() []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.carried)
}

func (s *peerSession) use(nc net.Conn) { s.nc, s.br = nc, bufio.NewReaderSize(nc, 64<<10) }

// say writes lines with their ends.
func (s *peerSession) say(lines ...string) bool {
	_, err := io.WriteString(s.nc, strings.Join(lines, "\r\n")+"\r\n")
	return err == nil
}

func (s *peerSession) run() {
	if s.implicit && !s.handshake() {
		return
	}
	if !s.answer(s.ask("", s.greeting)) {
		return
	}
	for {
		line, err := s.br.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		s.mu.Lock()
		s.commands = append(s.commands, line)
		s.mu.Unlock()
		if reply := s.ask(line, ""); reply != "" {
			verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
			if !s.answer(reply) || verb == "DATA" && reply[0] == '3' && !s.data() {
				return
			}
			continue
		}
		if !s.command(line) {
			return
		}
	}
}

// ask lets the script speak first.
func (s *peerSession) ask(line, otherwise string) string {
	if s.on != nil {
		if reply := s.on(s, line); reply != "" {
			return reply
		}
	}
	return otherwise
}

// answer does what a script or the peer says; false ends the connection.
func (s *peerSession) answer(reply string) bool {
	switch reply {
	case cut:
		return false
	case reset:
		if tc, ok := s.nc.(*net.TCPConn); ok {
			tc.SetLinger(0)
		}
		return false
	case stall:
		gone := make(chan struct{})
		go func() { io.Copy(io.Discard, s.nc); close(gone) }()
		select {
		case <-s.stop:
			s.nc.Close()
			<-gone
		case <-gone:
		}
		return false
	case hush:
		return true
	}
	return s.say(reply)
}

// command is how the peer behaves by itself.
func (s *peerSession) command(line string) bool {
	verb, arg, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO":
		return s.ehlo()
	case "HELO":
		return s.say("250 hop.test")
	case "STARTTLS":
		if s.tls == nil || s.secure {
			return s.say("502 5.5.1 not here")
		}
		return s.say("220 2.0.0 go ahead") && s.handshake()
	case "AUTH":
		return s.auth(arg)
	case "MAIL":
		if s.msg.From != "" {
			return s.say("503 5.5.1 nested MAIL")
		}
		s.msg = peerMessage{From: arg, TLS: s.secure, User: s.user}
		return s.say("250 2.1.0 sender ok")
	case "RCPT":
		if s.msg.From == "" {
			return s.say("503 5.5.1 MAIL first")
		}
		s.msg.To = append(s.msg.To, arg)
		return s.say("250 2.1.5 recipient ok")
	case "DATA":
		if len(s.msg.To) == 0 {
			return s.say("503 5.5.1 RCPT first")
		}
		return s.say("354 go ahead") && s.data()
	case "BDAT":
		return s.bdat(arg)
	case "RSET":
		s.msg = peerMessage{}
		return s.say("250 2.0.0 reset")
	case "NOOP":
		return s.say("250 2.0.0 ok")
	case "QUIT":
		s.say("221 2.0.0 bye")
		return false
	}
	return s.say("500 5.5.2 what?")
}

func (s *peerSession) ehlo() bool {
	lines := append([]string{"hop.test greets you"}, s.keywords...)
	if s.tls != nil && !s.secure {
		lines = append(lines, "STARTTLS")
	}
	if len(s.users) > 0 {
		lines = append(lines, "AUTH "+cmp.Or(s.mechanisms, "PLAIN LOGIN XOAUTH2"))
	}
	for i, l := range lines {
		sep := "-"
		if i == len(lines)-1 {
			sep = " "
		}
		lines[i] = "250" + sep + l
	}
	return s.say(lines...)
}

func (s *peerSession) handshake() bool {
	tc := tls.Server(s.nc, s.tls)
	if tc.Handshake() != nil {
		return false
	}
	s.secure = true
	s.use(tc)
	return true
}

func (s *peerSession) data() bool {
	if reply := s.ask("body", ""); reply != "" && !s.answer(reply) {
		return false
	}
	var body strings.Builder
	for {
		line, err := s.br.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		body.WriteString(strings.TrimPrefix(line, "."))
	}
	return s.finish(body.String(), false)
}

func (s *peerSession) bdat(arg string) bool {
	fields := strings.Fields(arg)
	if len(fields) == 0 {
		return s.say("501 5.5.4 how much?")
	}
	n, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return s.say("501 5.5.4 how much?")
	}
	chunk := make([]byte, n)
	if _, err := io.ReadFull(s.br, chunk); err != nil {
		return false
	}
	if len(s.msg.To) == 0 {
		return s.say("503 5.5.1 RCPT first")
	}
	s.msg.Body += string(chunk)
	if len(fields) < 2 {
		return s.say("250 2.0.0 more")
	}
	return s.finish(s.msg.Body, true)
}

// finish answers the end of a message; it is taken when the answer is 2xx.
func (s *peerSession) finish(body string, chunk bool) bool {
	reply := s.ask(".", "250 2.6.0 <id@hop.test> queued")
	s.msg.Body, s.msg.Chunk = body, chunk
	if reply[0] == '2' {
		s.mu.Lock()
		s.messages = append(s.messages, s.msg)
		s.finished++
		s.carried[s.number-1] = s.finished
		s.mu.Unlock()
	}
	s.msg = peerMessage{}
	if s.after != "" {
		s.say(reply, s.after)
		return false
	}
	return s.answer(reply)
}

// testCA is a certificate authority of the test's own.
type testCA struct {
	t    testing.TB
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pool *x509.CertPool
}

func newTestCA(t testing.TB) *testCA {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	ca := &testCA{t: t, key: key, pool: x509.NewCertPool()}
	if ca.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	ca.pool.AddCert(ca.cert)
	return ca
}

// config is a server's TLS configuration with a certificate for names, which may
// be IP addresses.
func (ca *testCA) config(names ...string) *tls.Config {
	ca.t.Helper()
	return &tls.Config{Certificates: []tls.Certificate{ca.issue(func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		for _, name := range names {
			if ip := net.ParseIP(name); ip != nil {
				c.IPAddresses = append(c.IPAddresses, ip)
			} else {
				c.DNSNames = append(c.DNSNames, name)
			}
		}
	})}}
}

// issue makes a certificate; set changes what it says.
func (ca *testCA) issue(set func(*x509.Certificate)) tls.Certificate {
	ca.t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "nobody.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	set(template)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		ca.t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, &key.PublicKey, ca.key)
	if err != nil {
		ca.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
