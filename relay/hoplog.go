package relay

import (
	"log/slog"

	"github.com/reconvene/reconvene/relay/nexthop"
)

// hopLog passes events of connections to next hops to the log, the metrics and the
// listeners' offer of DSN.
type hopLog struct {
	log     *MailLog
	metrics *Metrics
	offers  *offers
}

// Opened implements nexthop.Observer: "nexthop-connected", at debug.
func (h hopLog) Opened(e nexthop.Event) {
	h.metrics.hopUp()
	h.offers.learn(e.Via, e.DSN)
	h.log.hop(slog.LevelDebug, "nexthop-connected", e)
}

// Closed implements nexthop.Observer.
func (h hopLog) Closed() { h.metrics.hopDown() }

// Reused implements nexthop.Observer.
func (h hopLog) Reused() { h.metrics.hopReused() }

// Failed implements nexthop.Observer: "nexthop-failed", one host could not be used; the
// next in via is tried.
func (h hopLog) Failed(e nexthop.Event) {
	h.metrics.hopFailed()
	h.log.hop(slog.LevelWarn, "nexthop-failed", e)
}

// Full implements nexthop.Observer: "nexthop-full", a host accepts no further connection of
// ours beside those that are open. It has not failed.
func (h hopLog) Full(e nexthop.Event) {
	h.metrics.hopFull()
	h.log.hop(slog.LevelInfo, "nexthop-full", e)
}

// Unencrypted implements nexthop.Observer: "nexthop-unencrypted", tls = "opportunistic"
// went on without TLS after a handshake failed.
func (h hopLog) Unencrypted(e nexthop.Event) {
	h.log.hop(slog.LevelWarn, "nexthop-unencrypted", e)
}

func (m *MailLog) hop(level slog.Level, msg string, e nexthop.Event) {
	l := m.line(level, msg)
	l.str("route", e.Route)
	l.str("nexthop", e.NextHop)
	l.str("tls", e.TLS)
	l.str("tls_policy", e.Policy)
	l.end(e.Verdict, e.Why, e.Err, e.Took)
}
