package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/reconvene/reconvene/relay"
)

// A message all of whose recipients are refused at RCPT never shows its body, so that
// nobody knows which meeting it was about. It is stored without a component, and
// explains why an attendee has no copy of a revision that others got from the same
// sender at the same time.

// bodiless returns the record of a message without a body; nil for others.
func (s addressWriter) bodiless(e *relay.Event) *Record {
	if e.Inbound || e.From == "" || e.Size > 0 || e.Meeting != nil || len(e.Recipients) == 0 || e.Verdict.Code < 400 {
		return nil
	}
	return s.envelope(e)
}

const refusedAtRcpt = `SELECT m.record, d.code, d.enhanced, d.reply, d.nexthop FROM delivery d CROSS JOIN message m ON m.id = d.message
  WHERE d.attendee = ? AND m.sender = ? AND m.time BETWEEN ? AND ? AND NOT m.inbound
  AND NOT EXISTS (SELECT 1 FROM component c WHERE c.message = m.id) ORDER BY m.time DESC, m.id DESC LIMIT 1`

// explain finds the refusals for those of whom no copy is known.
func (r *Reader) explain(ctx context.Context, list []Missing, grace time.Duration) error {
	for i := range list {
		m := &list[i]
		if m.ID != "" || m.Why != WhyNever && m.Why != WhyRemoved {
			continue
		}
		var d Delivery
		err := r.db.QueryRowContext(ctx, refusedAtRcpt, m.Attendee, m.sender, m.Since.Add(-grace).UnixMilli(), m.Since.Add(grace).UnixMilli()).
			Scan(&m.ID, &d.Code, &d.Enhanced, &d.Reply, &m.NextHop)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return err
		}
		m.Code, m.Reply = d.Code, d.said()
		if m.Why = WhyWaiting; d.Code >= 500 {
			m.Why = WhyRefused
		}
		m.Advice = advice(*m)
	}
	return nil
}

// NotNotifiedOf returns who was not notified of one meeting.
func (r *Reader) NotNotifiedOf(ctx context.Context, m *Meeting, now time.Time, rule Rule) ([]Missing, error) {
	list := m.notNotified(now, rule)
	return list, r.explain(ctx, list, rule.Grace)
}
