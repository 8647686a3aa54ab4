package nexthop

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/peek"
)

// hostKey is what two connections must have in common to be interchangeable.
type hostKey struct {
	host, addr, roots, cert, must string
	tls                           config.RouteTLS
	mechanism                     config.Mechanism
	user, passwordFile, tokenFile string
	strict                        bool
}

func (r *Route) key(t target) hostKey {
	return hostKey{
		host: t.host, addr: t.addr, tls: r.TLS, roots: r.rootsID, cert: r.certID, must: t.must.ID(), strict: r.strict,
		mechanism: r.Auth.Mechanism, user: r.Auth.User, passwordFile: r.Auth.PasswordFile, tokenFile: r.Auth.TokenFile,
	}
}

// pool keeps connections between transactions. While one is idle, a goroutine reads
// from it: when the server closes it or sends anything, it is removed at once, so
// that an old 421 or an unsolicited reply is never read as the reply to the next
// command. The read's deadline is the idle limit.
//
// A connection that is used again within monitorDelay needs no goroutine: its socket
// is checked when it is taken. Under load that is the case for nearly every one.
type pool struct {
	limits   config.Limits
	gone     func()    // called for each connection that is closed
	capacity *capacity // notified of each that becomes free

	mu     sync.Mutex
	idle   map[hostKey][]*idleConn // the longest idle first
	closed bool
	due    bool // a call of monitorAll is scheduled
	watch  sync.WaitGroup
}

// monitorDelay is how long a connection may be idle before a goroutine reads from
// it.
const monitorDelay = 50 * time.Millisecond

// idleConn belongs to the goroutine that removes it from the pool's map.
type idleConn struct {
	*conn
	until     time.Time // the idle limit
	monitored chan bool // the result of monitor, whether nothing was received; nil before it runs
}

// silent reports whether nothing was received while the connection was idle.
// Afterwards no other goroutine reads from it.
func (i *idleConn) silent() bool {
	if i.monitored == nil {
		return i.waiting() == peek.Nothing
	}
	i.nc.SetReadDeadline(past)
	return <-i.monitored
}

// defaultIdle is below what servers usually allow (Postfix 300 s, Exchange 5
// minutes).
const defaultIdle = time.Minute

func newPool(limits config.Limits, gone func()) *pool {
	return &pool{limits: limits, gone: gone, idle: make(map[hostKey][]*idleConn)}
}

// get returns the connection that was used last among those that a session may use,
// or nil.
func (p *pool) get(key hostKey, v *Session, now time.Time) *conn {
	for {
		c := p.take(key, func(list []*idleConn) int {
			for i := len(list) - 1; i >= 0; i-- {
				if v.mayUse(list[i].conn) {
					return i
				}
			}
			return -1
		})
		switch {
		case c == nil:
			return nil
		case !c.silent():
			p.closeEnded(c.conn)
		case p.old(c.conn, now):
			p.drop(c.conn)
		default:
			return c.conn
		}
	}
}

// take removes and returns the connection that pick chooses, nil when it chooses
// none.
func (p *pool) take(key hostKey, pick func([]*idleConn) int) *idleConn {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.idle[key]
	i := pick(list)
	if i < 0 {
		return nil
	}
	c := list[i]
	p.setList(key, slices.Delete(list, i, i+1))
	return c
}

// leave closes the idle connections of a session.
func (p *pool) leave(v *Session, key hostKey) {
	for {
		c := p.take(key, func(list []*idleConn) int {
			return slices.IndexFunc(list, func(c *idleConn) bool { return c.session == v })
		})
		if c == nil {
			return
		}
		c.unusable = !c.silent() || c.unusable
		p.drop(c.conn)
	}
}

// evict closes an idle connection to a host, and reports whether there was one.
func (p *pool) evict(host string) bool {
	for _, key := range p.keys(host) {
		c := p.take(key, func(list []*idleConn) int { return len(list) - 1 })
		if c == nil {
			continue
		}
		c.unusable = !c.silent() || c.unusable
		p.drop(c.conn)
		return true
	}
	return false
}

// keys returns those of the idle connections to a host.
func (p *pool) keys(host string) []hostKey {
	p.mu.Lock()
	defer p.mu.Unlock()
	var keys []hostKey
	for key := range p.idle {
		if key.host == host {
			keys = append(keys, key)
		}
	}
	return keys
}

// closeEnded closes a connection on which the server sent something, or which it
// closed. A 421 about the number of messages shows how many the host accepts on one.
func (p *pool) closeEnded(c *conn) {
	if r, err := c.receive(closingReplyTimeout); err == nil && r.isMessageLimit() && c.uses > 0 {
		p.capacity.learnMessageLimit(c.at.host, c.uses)
	}
	c.unusable = true
	p.drop(c)
}

// closingReplyTimeout is how long closeEnded waits for the end of a reply.
const closingReplyTimeout = 100 * time.Millisecond

func (p *pool) setList(key hostKey, list []*idleConn) {
	if len(list) == 0 {
		delete(p.idle, key) // a reload may remove a next hop
		return
	}
	p.idle[key] = list
}

// put keeps a connection for a later transaction, or closes it.
func (p *pool) put(c *conn, now time.Time) {
	c.uses++
	if c.pace.ended() {
		p.capacity.learnMessageLimit(c.at.host, c.uses-slowCount)
	}
	c.mu.Lock()
	c.unusable = c.unusable || c.cut || c.cutWrite
	c.mu.Unlock()
	if !c.unusable && c.waiting() == peek.Input {
		p.closeEnded(c) // an unsolicited reply, or the end of the connection
		return
	}
	if c.unusable || p.old(c, now) {
		p.drop(c)
		return
	}
	if cap(c.buf) > window {
		c.buf = nil // do not keep the buffer of a message to thousands of recipients
	}
	i := &idleConn{conn: c, until: time.Now().Add(p.idleLimit())}
	p.mu.Lock()
	list := p.idle[c.key]
	if p.closed || len(list) >= p.limits.PoolSize {
		p.mu.Unlock()
		p.drop(c)
		return
	}
	p.idle[c.key] = append(list, i)
	switch {
	case !c.canPeek():
		p.startMonitor(i)
	case !p.due:
		p.due = true
		time.AfterFunc(monitorDelay, p.monitorAll)
	}
	p.mu.Unlock()
	p.capacity.freed(c.at.host)
}

// monitorAll starts a goroutine for each idle connection without one.
func (p *pool) monitorAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.due = false
	for _, list := range p.idle {
		for _, i := range list {
			if i.monitored == nil {
				p.startMonitor(i)
			}
		}
	}
}

// startMonitor starts the goroutine that reads from a connection; p.mu must be held.
func (p *pool) startMonitor(i *idleConn) {
	i.monitored = make(chan bool, 1)
	i.nc.SetReadDeadline(i.until)
	p.watch.Add(1)
	go p.monitor(i)
}

// monitor ends when something is received, when the idle limit is reached, or when
// get sets the deadline to the past. In the first two cases it closes the
// connection.
func (p *pool) monitor(i *idleConn) {
	defer p.watch.Done()
	_, err := i.br.Peek(1)
	quiet := isTimeout(err)
	i.monitored <- quiet
	p.mu.Lock()
	list := p.idle[i.key]
	mine := false
	for n, other := range list {
		if other == i {
			p.setList(i.key, append(list[:n:n], list[n+1:]...))
			mine = true
			break
		}
	}
	p.mu.Unlock()
	if mine {
		if quiet {
			p.drop(i.conn)
		} else {
			p.closeEnded(i.conn)
		}
	}
}

func (p *pool) idleLimit() time.Duration {
	if p.limits.PoolIdle > 0 {
		return p.limits.PoolIdle
	}
	return defaultIdle
}

func (p *pool) old(c *conn, now time.Time) bool {
	return c.uses >= p.capacity.messageLimit(c.at.host, c.messageLimit(p.limits.PoolUses)) ||
		p.limits.PoolAge > 0 && now.Sub(c.born) >= p.limits.PoolAge
}

const (
	// cautiousUses is how many messages a connection carries. A stock Exim takes more,
	// but only into its queue (smtp_accept_queue_per_connection), and does not say so.
	cautiousUses = 10
	// manyUses is how many it carries to a server that is not Exim: those with other
	// limits reply 421.
	manyUses = 1000
)

// messageLimit returns how many messages the connection carries when the host has
// not shown a limit; configured is 0 where the administrator has not set one.
func (c *conn) messageLimit(configured int) int {
	switch greeting := strings.ToLower(c.seen.greeting); {
	case configured > 0:
		return configured
	case strings.Contains(greeting, "esmtp exim"):
		return cautiousUses
	case strings.Contains(greeting, "esmtp postfix"), strings.Contains(greeting, "microsoft esmtp mail service"):
		return manyUses
	case c.ext.enhancedCodes: // Exim does not offer it
		return manyUses
	}
	return cautiousUses
}

// drop closes a connection that was ready for mail.
func (p *pool) drop(c *conn) {
	c.close()
	p.gone()
}

// close closes the idle connections, and each one that is put from then on.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	var all []*idleConn
	for key, list := range p.idle {
		all = append(all, list...)
		delete(p.idle, key)
	}
	p.mu.Unlock()
	for _, c := range all {
		c.silent()
		p.drop(c.conn)
	}
	p.watch.Wait()
}
