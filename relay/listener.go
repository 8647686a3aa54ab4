package relay

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/nexthop"
)

// listener is a socket and what the configuration says about it now.
type listener struct {
	net.Listener
	door atomic.Pointer[door]
}

// door is the configuration of a listener with its certificate. A connection
// keeps the one that it came in by.
type door struct {
	cfg config.Listener
	tls *tls.Config // nil: none

	roots *x509.CertPool // for the certificates of clients; nil: the system's
}

// client is one connection, from accept to the end.
type client struct {
	*door
	server   *Server
	ctx      context.Context   // ends with the client, and when the server cuts its connections
	leave    func(cause error) // ends ctx
	gate     *gate
	id       string
	addr     netip.Addr
	allowed  bool    // may relay without authentication
	place    *census // that counts it
	messages int     // delivered
	warned   bool    // its refusal is in the log
	visit    *nexthop.Visit
	visited  *setup // that visit belongs to
	started  time.Time
}

const (
	// turnAwayTimeout bounds the writing of a refusal.
	turnAwayTimeout = 2 * time.Second
	// maxTurnedAway is how many are told at the same time why they are refused;
	// further ones are cut off.
	maxTurnedAway = 64
	// strangerLife is how many times stranger_timeout a client has to authenticate.
	strangerLife = 10
	// handshakeTimeout bounds a TLS handshake.
	handshakeTimeout = 30 * time.Second
)

// delays are waits of our own accord. Tests make them shorter.
type delays struct {
	watch    time.Duration // before we look whether a client is still there while the next hop works
	greeting time.Duration // during which we listen before we greet a client that is not in allow
	failure  time.Duration // behind a password that was wrong
}

func (d delays) orDefault() delays {
	return delays{
		watch:    cmp.Or(d.watch, watchDelay),
		greeting: cmp.Or(d.greeting, strangerPause),
		failure:  cmp.Or(d.failure, guessDelay),
	}
}

// strangerPause gives a client that is not in allow the time to speak before it is
// greeted. Trusted clients are greeted at once.
const strangerPause = 200 * time.Millisecond

// accept serves the clients of a listener until it is closed.
func (s *Server) accept(l *listener) {
	pause := 5 * time.Millisecond
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // no file descriptor is left, for example
			d := l.door.Load()
			s.opt.Log.Fault(ConnEvent{Listener: d.cfg.Name, Why: "accepting a connection", Err: err})
			select {
			case <-s.ctx.Done():
				return
			case <-time.After(pause):
			}
			pause = min(2*pause, time.Second)
			continue
		}
		pause = 5 * time.Millisecond
		s.admit(conn, l.door.Load())
	}
}

// admit takes a client in or sends it away.
func (s *Server) admit(conn net.Conn, d *door) {
	c := s.newClient(conn, d)
	limits := s.setup.Load().cfg.Limits
	all, each := limits.Connections, limits.ConnectionsPerClient
	if c.place = &s.census; !c.allowed {
		c.place, all, each = &s.strangers, limits.Strangers, limits.StrangersPerClient
	}
	ok, why := c.place.enter(c.addr, all, each)
	if !ok {
		if s.turnedAway.Add(1) > maxTurnedAway || !s.track(c) {
			s.turnedAway.Add(-1)
			conn.Close()
			c.noteTurnedAway(why+", and too many others are being told so: closed without a reply", envelope.Verdict{})
			return
		}
		go func() {
			defer s.untrack(c)
			defer s.turnedAway.Add(-1)
			c.turnAway(envelope.Refuse(421, [3]int{4, 7, 0}, "%s: %s, try again later", c.gate.opt.hostname, why))
			c.gate.close()
		}()
		return
	}
	if !s.track(c) {
		c.place.leave(c.addr)
		conn.Close()
		return
	}
	go func() {
		defer s.unregister(c)
		c.serve()
	}()
}

func (s *Server) newClient(conn net.Conn, d *door) *client {
	setup := s.setup.Load()
	limits := setup.cfg.Limits
	c := &client{door: d, server: s, id: s.nextID(), addr: addrOf(conn), started: s.opt.Now()}
	c.gate = newGate(conn, gateOptions{
		hostname:       setup.cfg.Hostname,
		hide:           d.cfg.Hide,
		tls:            d.tls,
		auth:           d.cfg.Auth.UsersFile != "",
		maxSize:        int64(d.cfg.MaxSize),
		maxRecipients:  limits.Recipients,
		maxErrors:      limits.Errors,
		commandTimeout: limits.CommandTimeout,
		dataTimeout:    limits.DataTimeout,
		messageTimeout: limits.MessageTimeout,
		watchDelay:     s.opt.delays.watch,
	})
	c.gate.opt.offersDSN = c.offersDSN
	for _, prefix := range d.cfg.Allow {
		c.allowed = c.allowed || prefix.Contains(c.addr)
	}
	if !c.allowed && limits.StrangerTimeout > 0 {
		c.gate.opt.commandTimeout = min(limits.StrangerTimeout, limits.CommandTimeout)
		c.gate.until = time.Now().Add(strangerLife * limits.StrangerTimeout)
	}
	return c
}

// turnAway answers in place of a greeting.
func (c *client) turnAway(v envelope.Verdict) {
	c.noteTurnedAway(v.Text[0], v)
	c.gate.opt.commandTimeout = min(c.gate.opt.commandTimeout, turnAwayTimeout)
	c.gate.say(v)
	c.gate.flush()
}

func (c *client) noteTurnedAway(why string, v envelope.Verdict) {
	c.server.opt.Log.Refused(c.event(func(e *ConnEvent) { e.Why, e.Verdict = why, v }))
	c.server.opt.Metrics.ClientRefused()
}

// serve speaks with the client until it is gone.
func (c *client) serve() {
	c.ctx, c.leave = context.WithCancelCause(c.server.ctx)
	defer c.leave(nil)
	c.server.opt.Metrics.ClientUp()
	c.server.opt.Log.Connected(c.event(nil))
	defer func() {
		if p := recover(); p != nil {
			c.server.opt.Log.Fault(c.event(func(e *ConnEvent) { e.Why, e.Err = "panic", fmt.Errorf("%v\n%s", p, debug.Stack()) }))
		}
		c.endVisit()
		if slices.Contains(faults, c.gate.err) {
			c.server.opt.Log.Refused(c.event(func(e *ConnEvent) {
				if e.Why, e.Verdict = c.gate.err.Error(), c.gate.said; c.gate.err == errErrors {
					e.Err = errors.New("the last one: " + c.gate.lastError)
				}
			}))
		}
		c.gate.close()
		c.gate.in.reset()
		c.server.opt.Metrics.ClientDown()
		c.server.opt.Log.Disconnected(c.event(func(e *ConnEvent) {
			e.Messages, e.Took = c.messages, c.server.opt.Now().Sub(c.started)
			if c.gate.err != nil {
				e.Why = c.gate.err.Error()
			}
		}))
	}()
	if c.cfg.TLS.Mode == "implicit" {
		if c.handshake() != nil {
			return
		}
	} else if c.gate.talksEarly(c.greetingDelay()) {
		c.turnAway(envelope.Refuse(554, [3]int{5, 5, 1}, "%s: the client sent data before the greeting (RFC 5321 section 3.1)", c.gate.opt.hostname))
		return
	}
	for {
		c.converse()
		if c.gate.err != errUpgrade || c.handshake() != nil {
			return
		}
	}
}

// greetingDelay is how long we listen before we greet the client.
func (c *client) greetingDelay() time.Duration {
	if c.allowed {
		return 0
	}
	return c.server.opt.delays.greeting
}

// converse runs one go-smtp server for the client. A server of its own per
// connection keeps go-smtp's shared state out of the way, and a new one behind
// STARTTLS begins with a clean slate.
func (c *client) converse() {
	p := newPort(c.gate)
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		s := &session{client: c}
		c.gate.opt.refused = s.noteRefused
		return s, nil
	}))
	srv.Domain = c.gate.opt.hostname
	srv.MaxLineLength = 0 // the gate's business
	srv.MaxMessageBytes = int64(c.cfg.MaxSize)
	srv.MaxRecipients = 0 // the session's business, so that each recipient is recorded
	srv.EnableSMTPUTF8 = true
	srv.EnableDSN = true
	srv.AllowInsecureAuth = c.gate.tls != nil || c.cfg.Auth.AllowInsecure
	srv.ErrorLog = faultLog{c}
	if c.gate.tls == nil {
		srv.TLSConfig = c.tls // makes it advertise STARTTLS; it never sees the command
	}
	srv.Serve(&soleListener{port: p})
	srv.Shutdown(context.Background()) // waits for its goroutine
}

// begin starts a transaction with a next hop.
func (c *client) begin(s *setup, r *nexthop.Route) hop {
	if c.visited != s {
		c.endVisit()
		if s.visit != nil {
			c.visit = s.visit()
		}
		c.visited = s
	}
	return s.begin(c.visit, r)
}

// endVisit tells the next hops' engine that no more mail comes from this client.
func (c *client) endVisit() {
	if c.visit != nil {
		c.visited.leave(c.visit)
	}
	c.visit, c.visited = nil, nil
}

// handshake puts TLS under the conversation.
func (c *client) handshake() error {
	g := c.gate
	ctx, cancel := context.WithTimeout(c.ctx, handshakeTimeout)
	defer cancel()
	conn := tls.Server(g.conn, c.tls)
	g.conn.SetDeadline(time.Now().Add(handshakeTimeout))
	if err := conn.HandshakeContext(ctx); err != nil {
		g.err = fmt.Errorf("tls handshake: %w", err)
		c.server.opt.Log.TLSFailed(c.event(func(e *ConnEvent) { e.Err = err }))
		return err
	}
	state := conn.ConnectionState()
	if !c.allowed && c.certified(&state) {
		c.allowed = true
		c.settleIn()
	}
	g.mu.Lock()
	g.conn, g.tls = conn, &state
	g.mu.Unlock()
	if weakTLS(&state) {
		c.server.opt.Log.WeakTLS(c.event(nil))
	}
	return nil
}

// name is the client in the log's words.
func (c *client) name() string {
	if c.gate.hello == "" {
		return "[" + c.addr.String() + "]"
	}
	return c.gate.hello + " [" + c.addr.String() + "]"
}

// event fills in what is known of the connection.
func (c *client) event(more func(*ConnEvent)) ConnEvent {
	e := ConnEvent{Conn: c.id, Client: c.name(), Listener: c.cfg.Name, TLS: describeTLS(c.gate.tls)}
	if more != nil {
		more(&e)
	}
	return e
}

// soleListener gives go-smtp one connection, and ends when that is closed.
type soleListener struct {
	port  *port
	given bool
}

func (l *soleListener) Accept() (net.Conn, error) {
	if !l.given {
		l.given = true
		return l.port, nil
	}
	<-l.port.closed
	return nil, net.ErrClosed
}

func (l *soleListener) Close() error   { return nil }
func (l *soleListener) Addr() net.Addr { return l.port.LocalAddr() }

// faultLog is go-smtp's log: panics in a session.
type faultLog struct{ c *client }

func (f faultLog) Printf(format string, v ...any) { f.log(fmt.Sprintf(format, v...)) }
func (f faultLog) Println(v ...any)               { f.log(fmt.Sprintln(v...)) }

func (f faultLog) log(text string) {
	f.c.server.opt.Log.Fault(f.c.event(func(e *ConnEvent) { e.Why = strings.TrimSpace(text) }))
}

var (
	_ net.Listener = (*soleListener)(nil)
	_ smtp.Logger  = faultLog{}
)

// addrOf is the client's address; not valid when it is not TCP.
func addrOf(conn net.Conn) netip.Addr {
	if a, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		return a.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}
