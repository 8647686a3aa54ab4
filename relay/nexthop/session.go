package nexthop

import "github.com/reconvene/reconvene/config"

// Session is what one client brings to next hops. By default a client has a
// connection of its own to each next hop, for as long as it is there: a server that
// bears only so many messages on a connection sees what it would see without us.
// A visit is not for concurrent use; nil stands for one that may use any connection.
type Session struct {
	any   bool // every connection will do
	begun int  // transactions
	used  map[hostKey]bool
}

// NewSession begins one.
func (n *Engine) NewSession() *Session {
	return &Session{any: n.opt.Bounds.PoolReuse == config.ReuseAny}
}

// Mail starts a transaction of the visit. It does no I/O.
func (n *Engine) Mail(v *Session, r *Route) *Transaction {
	v.begun++
	return &Transaction{n: n, route: r, session: v}
}

// EndSession ends a visit. Its connections are closed: nobody is left for whom they
// were kept.
func (n *Engine) EndSession(v *Session) {
	for key := range v.used {
		n.pool.leave(v, key)
	}
	v.used = nil
}

// mayUse reports whether an idle connection will do. One that others have used, as
// happens where a host bears no further one, may have carried more messages than
// the client has sent.
func (v *Session) mayUse(c *conn) bool {
	return v == nil || v.any || c.session == v && c.uses < v.begun
}

// uses makes a connection that of the visit.
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
