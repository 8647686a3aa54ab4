package nexthop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/tlspolicy"
)

// variants has the forms of a route for messages whose sender wants more or less
// protection than the route gives.
type variants struct {
	mu              sync.Mutex
	strict, relaxed *Route
}

// forMessage returns the route as it is for a message: one with REQUIRETLS (RFC 8689
// §4.2.1) goes only to hosts that prove who they are, one with "TLS-Required: No" (§3)
// to those, too, that do not meet the policy of their domain. A notification, which
// has the null reverse-path, must not be lost for lack of protection (§5).
func (r *Route) forMessage(from envelope.ReversePath) *Route {
	switch {
	case from.RequireTLS && from.Path != "":
		return r.variant(&r.variants.strict, func(v *Route) {
			v.strict, v.obeys = true, policies{dane: true, sts: true}
			if v.TLS != config.RouteTLSImplicit {
				v.TLS = config.RouteTLSVerify
			}
		})
	case from.OptionalTLS && !from.RequireTLS && r.obeys != (policies{}):
		return r.variant(&r.variants.relaxed, func(v *Route) { v.obeys = policies{} })
	}
	return r
}

// variant returns a form of the route, which is made once.
func (r *Route) variant(at **Route, change func(*Route)) *Route {
	r.variants.mu.Lock()
	defer r.variants.mu.Unlock()
	if *at == nil {
		v := r.clone()
		v.domain, v.unusable = r.domain, r.unusable
		change(v)
		*at = v
	}
	return *at
}

var (
	errUnproven  = errors.New("neither DNSSEC nor MTA-STS proves that it is a mail exchanger of the domain, and the message requires that (REQUIRETLS, RFC 8689)")
	errUnoffered = errors.New("it does not offer REQUIRETLS, which this message requires (RFC 8689)")
)

// applyStrict excludes mail exchangers whose names are not proven: their certificates
// would prove nothing. A domain without MX records names none: the certificate must be
// for the domain itself.
func applyStrict(list []target) {
	for i := range list {
		t := &list[i]
		if t.err == nil && t.domain != "" && !t.implicit && !t.authentic && (t.must == nil || t.must.Kind != tlspolicy.Enforced) {
			t.err = errUnproven
			if t.unfetched != nil {
				t.err = fmt.Errorf("the MTA-STS policy of %s, which might prove that it is a mail exchanger as the message requires (REQUIRETLS, RFC 8689): %w", t.domain, t.unfetched)
			}
		}
	}
}

// unprotected returns the refusal of a message with REQUIRETLS for a failure that lies in
// what a host is or offers; the code is 0 for others, which may pass (RFC 8689 §4.2.1).
func (r *Route) unprotected(err error) (int, [3]int) {
	failed, _ := errors.AsType[*hostError](err)
	switch {
	case !r.strict:
	case errors.Is(err, errUnproven), errors.Is(err, errUnoffered):
		return 550, [3]int{5, 7, 30}
	case failed != nil && failed.lasting:
		return 550, [3]int{5, 7, 10}
	}
	return 0, [3]int{}
}

// isLasting reports whether a handshake failed by what the host has shown, and not by
// the network or by an alert of the host.
func isLasting(err error) bool {
	_, network := errors.AsType[net.Error](err)
	return !network && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, context.Canceled)
}

// offersRequireTLS reports whether REQUIRETLS may be sent: it means nothing in plain
// text.
func (c *conn) offersRequireTLS() bool { return c.seen.tls != nil && c.ext.requireTLS }
