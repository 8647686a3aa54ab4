package ledger

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"time"
)

// missingInterval is the interval of checks for attendees who were not notified.
const missingInterval = 30 * time.Second

// followMissing checks periodically who was not notified, until ctx ends. It reads
// independently of the writer, which then stores what was logged.
func (l *Ledger) followMissing(ctx context.Context) {
	defer close(l.missingDone)
	since := l.opt.Now().AddDate(0, 0, -30)
	for {
		pause(ctx, l.opt.missingInterval)
		if ctx.Err() != nil {
			return
		}
		now := l.opt.Now()
		l.mu.Lock()
		rule := RuleOf(l.opt.Config)
		l.mu.Unlock()
		if err := l.checkMissing(ctx, since, now, rule); err == nil {
			since = now.Add(-rule.Grace - time.Hour)
		}
	}
}

// checkMissing logs each new case once, and counts the open ones.
func (l *Ledger) checkMissing(ctx context.Context, since, now time.Time, rule Rule) error {
	soon, cancel := context.WithTimeout(ctx, l.opt.Wait)
	_ = l.settle(soon) // what cannot be stored in time is not known, as always
	cancel()
	r, err := l.Reader(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	meetings, err := r.load(ctx, `SELECT id FROM meeting WHERE last >= ? UNION SELECT meeting FROM missing WHERE closed IS NULL`, since.UnixMilli())
	if err != nil {
		return err
	}
	if err := errors.Join(l.memory.loadReceivers(ctx, r.db, now), l.memory.loadForms(ctx, r.db, now)); err != nil { // an administrator may have changed them
		return err
	}
	var found []Missing
	for _, m := range meetings {
		found = append(found, m.notNotified(now, rule)...)
	}
	if err := r.explain(ctx, found, rule.Grace); err != nil {
		return err
	}
	return l.do(ctx, func(ctx context.Context, db *sql.DB) error { return l.note(ctx, db, found, meetings, now) })
}

// note writes the cases down; those that are new are said.
func (l *Ledger) note(ctx context.Context, db *sql.DB, found []Missing, looked []*Meeting, now time.Time) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	var fresh []Missing
	for _, m := range looked {
		if _, err := tx.ExecContext(ctx, "UPDATE missing SET closed = ? WHERE closed IS NULL AND meeting = (SELECT id FROM meeting WHERE uid = ?)", now.UnixMilli(), m.UID); err != nil {
			return err
		}
	}
	for _, m := range found {
		is := []any{m.UID, m.Occurrence, m.Attendee, m.Method, m.Seq, m.Stamp}
		res, err := tx.ExecContext(ctx, `INSERT INTO missing (meeting, occurrence, attendee, method, seq, dtstamp, why, said)
  VALUES ((SELECT id FROM meeting WHERE uid = ?),?,?,?,?,?,?,?) ON CONFLICT DO NOTHING`, append(is, m.Why, now.UnixMilli())...)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n == 1 {
			fresh = append(fresh, m)
			continue
		}
		if _, err := tx.ExecContext(ctx, `UPDATE missing SET closed = NULL WHERE meeting = (SELECT id FROM meeting WHERE uid = ?) AND occurrence = ? AND attendee = ?
  AND method = ? AND seq = ? AND dtstamp = ?`, is...); err != nil {
			return err
		}
	}
	var open int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM missing WHERE closed IS NULL").Scan(&open); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	for _, m := range fresh {
		l.logMissing(m)
	}
	l.mu.Lock()
	l.counts.Missing = open
	l.mu.Unlock()
	return nil
}

func (l *Ledger) logMissing(m Missing) {
	attrs := []slog.Attr{slog.String("to", m.Attendee), slog.String("method", m.Method), slog.String("uid", m.UID)}
	if m.Occurrence != "" {
		attrs = append(attrs, slog.String("recurrence_id", m.Occurrence))
	}
	attrs = append(attrs, slog.Int("seq", m.Seq), slog.String("why", m.Why))
	if m.ID != "" {
		attrs = append(attrs, slog.String("id", m.ID))
	}
	if m.Code != 0 {
		attrs = append(attrs, slog.Int("code", m.Code))
	}
	if m.Reply != "" {
		attrs = append(attrs, slog.String("reply", m.Reply))
	}
	l.log(slog.LevelWarn, "not-notified", attrs...)
}
