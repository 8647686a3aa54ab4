package nexthop

import (
	"context"
	"errors"
	"net"

	"github.com/reconvene/reconvene/relay/tlspolicy"
)

// policies says which announcements of domains a route obeys.
type policies struct{ dane, sts bool }

// STSPolicies knows the MTA-STS policies of domains; *tlspolicy.STS implements it.
type STSPolicies interface {
	Policy(ctx context.Context, domain string) (*tlspolicy.Policy, error)
}

// targets returns the addresses of a route's hosts with what is required of each.
func (n *Engine) targets(ctx context.Context, r *Route) []target {
	list := n.directory.targets(ctx, r)
	if r.obeys.sts && n.opt.STS != nil {
		n.applySTS(ctx, r, list)
	}
	if r.strict {
		applyStrict(list)
	}
	return list
}

// applySTS adds what the MTA-STS policies of domains require. A host with TLSA records
// has a stronger requirement, which stays (RFC 8461 §2).
func (n *Engine) applySTS(ctx context.Context, r *Route, list []target) {
	var p *tlspolicy.Policy
	var err error
	for i := range list {
		t := &list[i]
		if t.domain == "" || t.err != nil || t.must != nil {
			continue
		}
		if i == 0 || list[i-1].domain != t.domain || p == nil && err == nil {
			if p, err = n.opt.STS.Policy(ctx, t.domain); err != nil {
				n.result(r, *t, nil, nil, tlspolicy.FetchResultOf(err), err)
			}
		}
		t.policy, t.unfetched = p, err
		must, unnamed := p.For(hostName(t.host))
		if t.must = must; unnamed != nil {
			n.result(r, *t, nil, nil, tlspolicy.ResultOf(unnamed), unnamed)
			t.err = unnamed
		}
	}
}

// lookUpDANE adds what the TLSA records of a host require to its targets.
func (d *directory) lookUpDANE(ctx context.Context, q hostLookup, a hostAddresses, list []target) error {
	dns, ok := d.dns.(tlspolicy.DNS)
	if !ok || !q.route.obeys.dane || !q.authentic || a.literal {
		return nil
	}
	must, err := tlspolicy.LookupDANE(ctx, dns, q.host, q.port, a.Addresses, q.domain)
	if err != nil {
		return err
	}
	for i := range list {
		list[i].must = must
	}
	return nil
}

func hostName(hostPort string) string {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		return hostPort
	}
	return host
}

// result reports what became of TLS with a mail exchanger. failure is "" where it
// succeeded. c is nil where no connection was made.
func (n *Engine) result(r *Route, t target, c *conn, must *tlspolicy.Requirement, failure string, err error) {
	if n.opt.Results == nil || t.domain == "" || r.obeys == (policies{}) {
		return
	}
	e := tlspolicy.Result{Domain: t.domain, Host: hostName(t.host), Must: must, Policy: t.policy, Failure: failure}
	if err != nil {
		e.Reason = err.Error()
	}
	if c != nil {
		e.Local, e.Remote = c.nc.LocalAddr(), c.nc.RemoteAddr()
	}
	n.opt.Results(e)
}

// reportTLS reports what became of TLS on a connection that has been prepared. An error
// at another step says nothing about TLS.
func (n *Engine) reportTLS(r *Route, t target, c *conn, err error) {
	if c == nil {
		return
	}
	if c.tested == nil && c.seen.tls != nil && t.must != nil && t.must.Kind == tlspolicy.Tested && !t.policy.Names(hostName(t.host)) {
		c.tested = &tlspolicy.UnnamedError{Domain: t.domain, Host: hostName(t.host)}
	}
	var failed *hostError
	switch {
	case c.tested != nil:
		n.result(r, t, c, t.must, tlspolicy.ResultOf(c.tested), c.tested)
	case c.seen.tls != nil:
		n.result(r, t, c, t.must, "", nil)
	case errors.As(err, &failed) && failed.step == "tls":
		n.result(r, t, c, t.must, tlspolicy.ResultOf(err), err)
	case err == nil, errors.As(err, &failed) && failed.step == "starttls":
		n.result(r, t, c, t.must, tlspolicy.StartTLSNotSupported, err)
	}
}
