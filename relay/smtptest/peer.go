package smtptest

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"slices"
	"sync"
	"testing"
)

// Peer is a scripted next hop on a real socket. Its fields, which are set before the
// start, and On, which is called for each command first, define what it does;
// without them it is a correct server. It records what it receives.
type Peer struct {
	Greeting   string   // whole reply without line end; default "220 hop.test ESMTP scripted"
	Keywords   []string // EHLO keywords as they are sent; default PIPELINING 8BITMIME SIZE DSN SMTPUTF8 ENHANCEDSTATUSCODES
	TLSConfig  *tls.Config
	Implicit   bool // TLS from the first octet; else STARTTLS is offered when tls is set
	Users      map[string]string
	Mechanisms string   // of AUTH; default PLAIN LOGIN XOAUTH2
	Refuses    bool     // connections, in a bubble
	Network    *Network // where it listens; nil: on a real socket

	// On may answer a command line instead of the peer. An empty reply means that
	// the peer answers itself; for Cut, Reset and Stall see there; Hush means that
	// On has written the reply. "." stands for the end of a DATA body, and "body"
	// for its beginning, when nothing of it has been read.
	On func(s *Session, line string) string

	Addr string
	t    testing.TB
	ln   net.Listener
	done sync.WaitGroup

	Mu       sync.Mutex
	conns    []net.Conn
	sessions int
	Most     int          // connections at once, of within
	open     map[int]bool // those of within
	carried  []int        // messages, by connection
	Commands []string
	Messages []Message
	Quit     chan struct{}
}

// What On can answer instead of a reply.
const (
	Cut   = "\x00cut"   // FIN
	Reset = "\x00reset" // RST
	Stall = "\x00stall" // no answer until the connection or the test ends
	Hush  = "\x00hush"  // no answer, go on reading
)

// Message is a message that the peer received.
type Message struct {
	From  string   // the argument of MAIL FROM with parameters
	To    []string // the arguments of RCPT TO
	Body  string   // without dot-stuffing
	Chunk bool     // by BDAT
	TLS   bool
	User  string
}

// Session is one connection of a peer.
type Session struct {
	*Peer
	Number int // 1 for the first connection
	Conn   net.Conn
	Reader *bufio.Reader
	Secure bool
	user   string
	Msg    Message

	Excess   bool   // it is one too many
	Finished int    // messages that were taken
	After    string // a reply too many after the next message, after which it closes
}

// NewPeer makes a peer, calls set, and starts the peer.
func NewPeer(t testing.TB, set func(*Peer)) *Peer {
	t.Helper()
	p := MakePeer(t, set)
	listen := p.Network.Listen
	if p.Network == nil {
		listen = func(ctx context.Context, address string) (net.Listener, error) {
			return new(net.ListenConfig).Listen(ctx, "tcp", address)
		}
	}
	ln, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.ln, p.Addr = ln, ln.Addr().String()
	p.done.Add(1)
	go p.serve()
	t.Cleanup(p.Stop)
	return p
}

// MakePeer returns a peer that does not listen: its connections are pipes.
func MakePeer(t testing.TB, set func(*Peer)) *Peer {
	p := &Peer{
		t:        t,
		Greeting: "220 hop.test ESMTP scripted",
		Keywords: []string{"PIPELINING", "8BITMIME", "SIZE 100000000", "DSN", "SMTPUTF8", "ENHANCEDSTATUSCODES"},
		Quit:     make(chan struct{}),
		open:     make(map[int]bool),
	}
	if set != nil {
		set(p)
	}
	return p
}

func (p *Peer) serve() {
	defer p.done.Done()
	for {
		nc, err := p.ln.Accept()
		if err != nil {
			return
		}
		p.Begin(nc)
	}
}

// Begin serves a connection.
func (p *Peer) Begin(nc net.Conn) {
	p.Mu.Lock()
	defer p.Mu.Unlock()
	p.sessions++
	p.conns = append(p.conns, nc)
	p.carried = append(p.carried, 0)
	s := &Session{Peer: p, Number: p.sessions}
	p.done.Go(func() {
		defer s.leave()
		defer nc.Close()
		s.use(nc)
		s.run()
	})
}

func (s *Session) leave() {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	delete(s.open, s.Number)
}

// Stop stops the peer; it may be called more than once.
func (p *Peer) Stop() {
	p.Mu.Lock()
	select {
	case <-p.Quit:
	default:
		close(p.Quit)
	}
	if p.ln != nil {
		p.ln.Close()
	}
	for _, nc := range p.conns {
		nc.Close()
	}
	p.Mu.Unlock()
	p.done.Wait()
}

// HangUp closes the connections that are open.
func (p *Peer) HangUp() {
	p.Mu.Lock()
	defer p.Mu.Unlock()
	for _, nc := range p.conns {
		nc.Close()
	}
	p.conns = nil
}

// Took returns the messages so far.
func (p *Peer) Took() []Message {
	p.Mu.Lock()
	defer p.Mu.Unlock()
	return slices.Clone(p.Messages)
}

// Heard returns the command lines received so far on all connections.
func (p *Peer) Heard() []string {
	p.Mu.Lock()
	defer p.Mu.Unlock()
	return slices.Clone(p.Commands)
}

// Count returns how many connections were accepted so far.
func (p *Peer) Count() int {
	p.Mu.Lock()
	defer p.Mu.Unlock()
	return p.sessions
}

// Loads returns how many messages each connection carried so far.
func (p *Peer) Loads() []int {
	p.Mu.Lock()
	defer p.Mu.Unlock()
	return slices.Clone(p.carried)
}
