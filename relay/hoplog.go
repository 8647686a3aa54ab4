package relay

import (
	"log/slog"

	"github.com/reconvene/reconvene/relay/nexthop"
)

// hopLog is what the log, the metrics and the listeners' offer of DSN learn of the
// connections to next hops.
type hopLog struct {
	log     *MailLog
	metrics *Metrics
	offers  *offers
}

// Opened implements Observer.
func (h hopLog) Opened(e nexthop.Event) {
	h.metrics.HopUp()
	h.offers.learn(e.Via, e.DSN)
	h.log.HopUp(e)
}

// Closed implements Observer.
func (h hopLog) Closed() { h.metrics.HopDown() }

// Reused implements Observer.
func (h hopLog) Reused() { h.metrics.HopReused() }

// Failed implements Observer.
func (h hopLog) Failed(e nexthop.Event) {
	h.metrics.HopFailed()
	h.log.HopDown(e)
}

// Full implements Observer.
func (h hopLog) Full(e nexthop.Event) {
	h.metrics.HopFull()
	h.log.HopFull(e)
}

// Unencrypted implements Observer.
func (h hopLog) Unencrypted(e nexthop.Event) { h.log.HopPlain(e) }

// HopUp logs "nexthop-connected", at debug.
func (m *MailLog) HopUp(e nexthop.Event) { m.hop(slog.LevelDebug, "nexthop-connected", e) }

// HopDown logs "nexthop-failed": one host could not be used; the next in via is
// tried.
func (m *MailLog) HopDown(e nexthop.Event) { m.hop(slog.LevelWarn, "nexthop-failed", e) }

// HopFull logs "nexthop-full": a host bears no further connection of ours beside
// those that are open. It has not failed.
func (m *MailLog) HopFull(e nexthop.Event) { m.hop(slog.LevelInfo, "nexthop-full", e) }

// HopPlain logs "nexthop-unencrypted": tls = "opportunistic" went on without TLS after
// a handshake failed.
func (m *MailLog) HopPlain(e nexthop.Event) { m.hop(slog.LevelWarn, "nexthop-unencrypted", e) }

func (m *MailLog) hop(level slog.Level, msg string, e nexthop.Event) {
	l := m.line(level, msg)
	l.str("route", e.Route)
	l.str("nexthop", e.NextHop)
	l.str("tls", e.TLS)
	l.end(e.Verdict, e.Why, e.Err, e.Took)
}
