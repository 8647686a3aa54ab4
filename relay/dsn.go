package relay

import (
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/smtpd"
)

// Delivery status notifications (RFC 3461) are between the sender and the receiving
// system; we only forward the parameters to a next hop that offers DSN. Parameters
// that are not forwarded are logged. RFC 3461 §5.2.2 requires a server that forwards
// mail to a server without DSN to send a "relayed" report. We store no mail and send
// none; but the client sends that report when it is not offered DSN, so that a
// listener does not offer DSN when its next hops are known to lack it.

// offers remembers which next hops offered DSN in their last EHLO. It is kept across
// reloads. It is safe for concurrent use; nil remembers nothing.
type offers struct {
	mu  sync.Mutex
	dsn map[string]bool // by host:port
}

// maxOffers bounds what is remembered over many reloads.
const maxOffers = 1024

// learn records whether a host offered DSN.
func (o *offers) learn(via string, dsn bool) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.dsn == nil || len(o.dsn) >= maxOffers {
		o.dsn = make(map[string]bool)
	}
	o.dsn[via] = dsn
}

// lackDSN reports whether at least one of the routes leads to a host that is known
// to lack DSN and none to a host that is known to offer it. It is false as long as
// nothing is known.
func (o *offers) lackDSN(routes []*nexthop.Route) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	without := false
	for _, r := range routes {
		for _, via := range r.Via {
			switch dsn, known := o.dsn[via]; {
			case known && dsn:
				return false
			case known:
				without = true
			}
		}
	}
	return without
}

// offersDSN reports whether the client is offered DSN.
func (c *client) offersDSN() bool {
	if c.cfg.Handoff == config.HandoffQueue { // what the next hop does not report, we do
		return true
	}
	routes := c.server.setup.Load().router.Routes()
	if c.cfg.Direction == config.Inbound {
		routes = slices.DeleteFunc(routes, func(r *nexthop.Route) bool { return r.Others }) // it takes no mail for those
	}
	return !c.server.offers.lackDSN(routes)
}

// noteLeftOut logs the malformed parameters of a command. to is empty for MAIL.
func (s *session) noteLeftOut(to string, leftOut []smtpd.LeftOut) {
	for _, l := range leftOut {
		s.server.opt.Log.leftOut(leftOutEvent{Conn: s.id, Client: s.name(), ID: s.tx.id, From: s.tx.from.Path, To: to,
			Params: []string{l.Param}, Why: l.Why, Level: slog.LevelWarn})
	}
}

// noteLacking logs what was requested (NOTIFY, RET) for a recipient that the next
// hop has accepted without offering DSN.
func (s *session) noteLacking(rcpt envelope.Recipient, v envelope.Verdict) {
	if !s.tx.hop.LacksDSN() {
		return
	}
	from := s.tx.from
	e := leftOutEvent{Conn: s.id, Client: s.name(), ID: s.tx.id, From: from.Path, To: rcpt.Path, NextHop: v.Remote, Level: slog.LevelDebug}
	add := func(keyword, value string, level slog.Level) {
		if value != "" {
			e.Params, e.Level = append(e.Params, keyword+"="+value), max(e.Level, level)
		}
	}
	add("RET", from.Ret, slog.LevelInfo)
	add("ENVID", from.EnvID, slog.LevelInfo)
	// Failures are reported anyway; any other notification will not be sent.
	level := slog.LevelWarn
	if strings.EqualFold(rcpt.Notify, "FAILURE") {
		level = slog.LevelInfo
	}
	add("NOTIFY", rcpt.Notify, level)
	add("ORCPT", rcpt.ORcpt, slog.LevelDebug)
	if len(e.Params) > 0 {
		e.Why = "the next hop does not offer DSN: no later server sends a delivery receipt or a delay notice"
		s.server.opt.Log.leftOut(e)
	}
}

// leftOutEvent reports parameters of MAIL or RCPT that were not sent to the next
// hop.
type leftOutEvent struct {
	Conn, Client, ID string
	From, To         string // To is empty when they are those of MAIL alone
	Params           []string
	NextHop          string
	Why              string
	Level            slog.Level
}

// leftOut logs "parameter-left-out": at warn when the parameter was malformed, or
// when the sender waits for a notification that will not be sent.
func (m *MailLog) leftOut(e leftOutEvent) {
	l := m.line(e.Level, "parameter-left-out")
	l.str("conn", e.Conn)
	l.str("client", e.Client)
	l.str("id", e.ID)
	l.path("from", e.From)
	l.str("to", e.To)
	l.list("params", e.Params)
	l.str("nexthop", e.NextHop)
	l.str("why", e.Why)
	l.write()
}
