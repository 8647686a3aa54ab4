package nexthop

import "github.com/reconvene/reconvene/config"

// Session is the transactions of one client. By default a client has a connection of
// its own to each next hop as long as it is connected: a server that accepts a
// limited number of messages on a connection sees the same as without us. It is not
// safe for concurrent use; nil stands for a session that may use any connection.
type Session struct {
	any   bool // any connection may be used
	begun int  // transactions
	used  map[hostKey]bool
}

// NewSession starts the session of a client. EndSession must be called at its end.
func (n *Engine) NewSession() *Session {
	return &Session{any: n.opt.Bounds.PoolReuse == config.ReuseAny}
}

// Mail starts a transaction of the session. It does no I/O.
func (n *Engine) Mail(v *Session, r *Route) *Transaction {
	v.begun++
	return &Transaction{n: n, route: r, session: v}
}

// EndSession ends a session and closes the idle connections that were kept for its
// client.
func (n *Engine) EndSession(v *Session) {
	for key := range v.used {
		n.pool.leave(v, key)
	}
	v.used = nil
}

// mayUse reports whether an idle connection may be used. A connection that others
// have used, as happens where a host accepts no further one, may have carried more
// messages than the client has sent.
func (v *Session) mayUse(c *conn) bool {
	return v == nil || v.any || c.session == v && c.uses < v.begun
}

// uses assigns a connection to the session.
func (v *Session) uses(c *conn) {
	if v == nil || v.any {
		return
	}
	c.session = v
	if v.used == nil {
		v.used = make(map[hostKey]bool)
	}
	v.used[c.key] = true
}
