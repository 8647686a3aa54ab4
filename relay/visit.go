package relay

// Visit is what one client brings to next hops. By default no connection to a
// next hop carries more messages than the client's own: a server that bears only
// so many on a connection sees what it would see without us. A visit is not for
// concurrent use; nil stands for one that may use any connection.
type Visit struct {
	any   bool // every connection will do
	begun int  // transactions
	open  map[hopKey]int
}

// Visit begins one.
func (n *NextHop) Visit() *Visit { return &Visit{any: n.opt.Bounds.PoolReuse == "any"} }

// Mail starts a transaction of the visit. It does no I/O.
func (n *NextHop) Mail(v *Visit, r *Route) *Transaction {
	v.begun++
	return &Transaction{n: n, route: r, visit: v}
}

// Leave ends a visit. As many idle connections are closed as it opened: nobody
// is left for whom they were kept.
func (n *NextHop) Leave(v *Visit) {
	for key, opened := range v.open {
		for range opened {
			n.pool.thin(key)
		}
	}
	v.open = nil
}

// most is below how many messages a connection must be to be used again; 0: it
// does not matter.
func (v *Visit) most() int {
	if v == nil || v.any {
		return 0
	}
	return v.begun
}

// opened notes a connection that was made for the visit.
func (v *Visit) opened(key hopKey) {
	if v == nil || v.any {
		return
	}
	if v.open == nil {
		v.open = make(map[hopKey]int)
	}
	v.open[key] = 1
}
