package relay

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/reconvene/reconvene/relay/delivery"
	"github.com/reconvene/reconvene/relay/envelope"
)

// deliveryLog logs what is done with one message, received or stored. It implements
// [delivery.Observer].
type deliveryLog struct {
	log             *MailLog
	conn            func() ConnEvent // the client that the message came from
	id, from, route string
	to              []envelope.Recipient
}

var _ delivery.Observer = (*deliveryLog)(nil)

// LeftAlone implements delivery.Observer.
func (d *deliveryLog) LeftAlone(what, why string, err error) {
	d.log.LeftAlone(LeftAloneEvent{Conn: d.conn().Conn, ID: d.id, From: d.from, What: what, Why: why, Err: err})
}

// TriedForm implements delivery.Observer.
func (d *deliveryLog) TriedForm(a delivery.Attempt) {
	e := FallbackEvent{Conn: d.conn().Conn, ID: d.id, From: d.from, Route: d.route, Attempt: a}
	for _, r := range d.to {
		e.To = append(e.To, r.Path)
	}
	d.log.Fallback(e)
}

// ScanFailed implements delivery.Observer.
func (d *deliveryLog) ScanFailed(err error) {
	e := d.conn()
	e.Why, e.Err = "the examination of a message while it was sent failed; message "+d.id+" was forwarded nevertheless", err
	d.log.fault(e)
}

// Converted implements delivery.Observer: "newlines-converted".
func (d *deliveryLog) Converted(n int) {
	d.note(slog.LevelInfo, "newlines-converted", fmt.Sprintf("%d line %s", n, plural(n, "end", "ends")), "the next hop does not offer CHUNKING")
}

// Adapted implements delivery.Observer: "message-converted".
func (d *deliveryLog) Adapted(why string, changes []string) {
	d.note(slog.LevelInfo, "message-converted", strings.Join(changes, ", "), why)
}

// ResultsRemoved implements delivery.Observer: "results-removed".
func (d *deliveryLog) ResultsRemoved(n int) {
	d.note(slog.LevelInfo, "results-removed", fmt.Sprintf("%d Authentication-Results", n), "they claimed to be from this server (RFC 8601 section 5)")
}

// NotSigned implements delivery.Observer: "not-signed".
func (d *deliveryLog) NotSigned(why string) { d.note(slog.LevelWarn, "not-signed", "", why) }

// note logs that something other than a calendar was changed, or was to be changed.
func (d *deliveryLog) note(level slog.Level, msg, what, why string) {
	l, c := d.log.line(level, msg), d.conn()
	l.str("conn", c.Conn)
	l.str("client", c.Client)
	l.str("id", d.id)
	l.path("from", d.from)
	l.str("what", what)
	l.str("why", why)
	l.write()
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
