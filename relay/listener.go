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
	"sync/atomic"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/smtpd"
)

// listener is a socket and its current configuration.
type listener struct {
	net.Listener
	setup atomic.Pointer[listenerSetup]
}

// listenerSetup is the configuration of a listener with its certificate. A
// connection keeps the one that was in force when it was accepted.
type listenerSetup struct {
	cfg config.Listener
	tls *tls.Config // nil: none

	roots *x509.CertPool // for the certificates of clients; nil: the system's
}

// client is one connection, from accept to close.
type client struct {
	*listenerSetup
	server     *Server
	ctx        context.Context   // ends with the client, and when the server cuts its connections
	leave      func(cause error) // ends ctx
	conn       *smtpd.Conn
	hostname   string // ours
	id         string
	addr       netip.Addr
	allowed    bool         // may relay without authentication
	place      *connCounter // that counts it
	messages   int          // delivered
	warned     bool         // its refusal is in the log
	hopSession *nexthop.Session
	hopSetup   *setup // the setup of hopSession
	started    time.Time
}

const (
	// refusalTimeout bounds the writing of a refusal.
	refusalTimeout = 2 * time.Second
	// maxRefusing is how many clients get a reply with the reason of a refusal at
	// the same time; further ones are closed without a reply.
	maxRefusing = 64
	// strangerLife is how many times stranger_timeout a client has to authenticate.
	strangerLife = 10
)

// delays are waits that the server adds itself. Tests shorten them.
type delays struct {
	watch    time.Duration // before we look whether a client is still there while the next hop works
	greeting time.Duration // during which we listen before we greet a client that is not in allow
	failure  time.Duration // after a wrong password
}

func (d delays) orDefault() delays {
	return delays{
		watch:    cmp.Or(d.watch, monitorDelay),
		greeting: cmp.Or(d.greeting, strangerPause),
		failure:  cmp.Or(d.failure, failureDelay),
	}
}

// strangerPause is how long a client that is not in allow has to speak before the
// greeting, which shows that it is no mail server. Clients in allow are greeted at
// once.
const strangerPause = 200 * time.Millisecond

// monitorDelay is how long the next hop may take before it is checked whether the
// client is still connected. Most transactions are shorter.
const monitorDelay = 50 * time.Millisecond

// accept accepts the clients of a listener until it is closed.
func (s *Server) accept(l *listener) {
	pause := 5 * time.Millisecond
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // no file descriptor is left, for example
			d := l.setup.Load()
			s.opt.Log.fault(ConnEvent{Listener: d.cfg.Name, Why: "accepting a connection", Err: err})
			select {
			case <-s.ctx.Done():
				return
			case <-time.After(pause):
			}
			pause = min(2*pause, time.Second)
			continue
		}
		pause = 5 * time.Millisecond
		s.admit(conn, l.setup.Load())
	}
}

// admit serves a client or refuses it.
func (s *Server) admit(conn net.Conn, l *listenerSetup) {
	c := s.newClient(conn, l)
	limits := s.setup.Load().cfg.Limits
	all, each := limits.Connections, limits.ConnectionsPerClient
	if c.place = &s.relayClients; !c.allowed {
		c.place, all, each = &s.strangers, limits.Strangers, limits.StrangersPerClient
	}
	ok, why := c.place.enter(c.addr, all, each)
	if !ok {
		if s.refusing.Add(1) > maxRefusing || !s.track(c) {
			s.refusing.Add(-1)
			conn.Close()
			c.logRefusal(why+", and too many others are being told so: closed without a reply", envelope.Verdict{})
			return
		}
		go func() {
			defer s.untrack(c)
			defer s.refusing.Add(-1)
			c.refuse(envelope.Refuse(421, [3]int{4, 7, 0}, "%s: %s, try again later", c.hostname, why))
			c.conn.Close()
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

func (s *Server) newClient(conn net.Conn, l *listenerSetup) *client {
	setup := s.setup.Load()
	limits := setup.cfg.Limits
	c := &client{listenerSetup: l, server: s, id: s.nextID(), addr: addrOf(conn), hostname: setup.cfg.Hostname, started: s.opt.Now()}
	for _, prefix := range l.cfg.Allow {
		c.allowed = c.allowed || prefix.Contains(c.addr)
	}
	opt := smtpd.Options{
		Hostname:       setup.cfg.Hostname,
		Hide:           l.cfg.Hide,
		OffersDSN:      c.offersDSN,
		Stores:         l.cfg.Handoff == config.HandoffQueue,
		TLS:            l.tls,
		Users:          l.cfg.Auth.UsersFile != "",
		InsecureAuth:   l.cfg.Auth.AllowInsecure,
		MaxSize:        int64(l.cfg.MaxSize),
		MaxRecipients:  limits.Recipients,
		MaxErrors:      limits.Errors,
		CommandTimeout: limits.CommandTimeout,
		DataTimeout:    limits.DataTimeout,
		MessageTimeout: limits.MessageTimeout,
		MonitorDelay:   s.opt.delays.watch,
		Fault:          func(text string) { s.opt.Log.fault(c.event(func(e *ConnEvent) { e.Why = text })) },
	}
	if !c.allowed && limits.StrangerTimeout > 0 {
		opt.CommandTimeout = min(limits.StrangerTimeout, limits.CommandTimeout)
		opt.Until = time.Now().Add(strangerLife * limits.StrangerTimeout)
	}
	c.conn = smtpd.New(conn, opt)
	return c
}

// refuse replies in place of the greeting.
func (c *client) refuse(v envelope.Verdict) {
	c.logRefusal(v.Text[0], v)
	c.conn.Refuse(v, refusalTimeout)
}

func (c *client) logRefusal(why string, v envelope.Verdict) {
	c.server.opt.Log.Refused(c.event(func(e *ConnEvent) { e.Why, e.Verdict = why, v }))
	c.server.opt.Metrics.clientRefused()
}

// serve runs the conversation with the client until the connection ends.
func (c *client) serve() {
	c.ctx, c.leave = context.WithCancelCause(c.server.ctx)
	defer c.leave(nil)
	c.server.opt.Metrics.clientUp()
	c.server.opt.Log.connected(c.event(nil))
	defer func() {
		if p := recover(); p != nil {
			c.server.opt.Log.fault(c.event(func(e *ConnEvent) { e.Why, e.Err = "panic", fmt.Errorf("%v\n%s", p, debug.Stack()) }))
		}
		c.endHopSession()
		if fault := c.conn.Fault(); fault != nil {
			c.server.opt.Log.Refused(c.event(func(e *ConnEvent) {
				e.Why, e.Verdict = fault.Why, fault.Said
				if fault.Last != "" {
					e.Err = errors.New("the last one: " + fault.Last)
				}
			}))
		}
		c.conn.Close()
		c.server.opt.Metrics.clientDown()
		c.server.opt.Log.disconnected(c.event(func(e *ConnEvent) {
			e.Messages, e.Took = c.messages, c.server.opt.Now().Sub(c.started)
			if err := c.conn.Err(); err != nil {
				e.Why = err.Error()
			}
		}))
	}()
	if c.cfg.TLS.Mode == config.ListenerTLSImplicit {
		if c.handshake() != nil {
			return
		}
	} else if c.conn.TalksEarly(c.greetingDelay()) {
		c.refuse(envelope.Refuse(554, [3]int{5, 5, 1}, "%s: the client sent data before the greeting (RFC 5321 section 3.1)", c.hostname))
		return
	}
	for {
		err := c.conn.Converse(func() smtpd.Handler { return c.handler() })
		if err != smtpd.ErrUpgrade || c.handshake() != nil {
			return
		}
	}
}

// greetingDelay is how long the client's input is read before the greeting.
func (c *client) greetingDelay() time.Duration {
	if c.allowed {
		return 0
	}
	return c.server.opt.delays.greeting
}

// begin starts a transaction with a next hop.
func (c *client) begin(s *setup, r *nexthop.Route) hop {
	if c.hopSetup != s {
		c.endHopSession()
		if s.newSession != nil {
			c.hopSession = s.newSession()
		}
		c.hopSetup = s
	}
	return s.begin(c.hopSession, r)
}

// endHopSession releases the connections to next hops that were kept for this
// client.
func (c *client) endHopSession() {
	if c.hopSession != nil {
		c.hopSetup.endSession(c.hopSession)
	}
	c.hopSession, c.hopSetup = nil, nil
}

// handshake starts TLS.
func (c *client) handshake() error {
	err := c.conn.Handshake(c.ctx, func(state *tls.ConnectionState) {
		if !c.allowed && c.certified(state) {
			c.allowed = true
			c.trust()
		}
	})
	switch {
	case err != nil:
		c.server.opt.Log.tlsFailed(c.event(func(e *ConnEvent) { e.Err = err }))
	case weakTLS(c.conn.TLS()):
		c.server.opt.Log.weakTLS(c.event(nil))
	}
	return err
}

// name returns the client as it is logged.
func (c *client) name() string {
	hello, _ := c.conn.Hello()
	if hello == "" {
		return "[" + c.addr.String() + "]"
	}
	return hello + " [" + c.addr.String() + "]"
}

// event returns an event with what is known of the connection.
func (c *client) event(more func(*ConnEvent)) ConnEvent {
	e := ConnEvent{Conn: c.id, Client: c.name(), Listener: c.cfg.Name, TLS: describeTLS(c.conn.TLS())}
	if more != nil {
		more(&e)
	}
	return e
}

// addrOf returns the client's address; it is not valid when the connection is not
// TCP.
func addrOf(conn net.Conn) netip.Addr {
	if a, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		return a.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}
