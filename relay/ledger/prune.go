package ledger

import (
	"context"
	"database/sql"
	"time"
)

// pruneStep is how many messages are forgotten in one transaction: few enough
// that no mail waits for it.
const pruneStep = 200

// prune forgets what is older than keep, and the oldest while the file is larger
// than size. It does one step and reports whether more is left to do.
func prune(ctx context.Context, db *sql.DB, cutoff time.Time, size int64) (more bool, err error) {
	used, err := usedBytes(ctx, db)
	if err != nil {
		return false, err
	}
	before := cutoff.UnixMilli()
	if used > size {
		before = 1 << 62
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	var last sql.NullInt64
	if err := tx.QueryRowContext(ctx, "SELECT max(time) FROM (SELECT time FROM message WHERE time < ? ORDER BY time LIMIT ?)", before, pruneStep).Scan(&last); err != nil {
		return false, err
	}
	if !last.Valid {
		return false, nil
	}
	res, err := tx.ExecContext(ctx, "DELETE FROM message WHERE id IN (SELECT id FROM message WHERE time <= ? ORDER BY time LIMIT ?)", last.Int64, pruneStep)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return false, err
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM meeting WHERE last <= ? AND NOT EXISTS (SELECT 1 FROM component c WHERE c.meeting = meeting.id)", last.Int64); err != nil {
		return false, err
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM audit WHERE time < ?", cutoff.UnixMilli()); err != nil {
		return false, err
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM evidence WHERE seen < ?", cutoff.UnixMilli()); err != nil {
		return false, err
	}
	if err := tx.Commit(); err != nil {
		return false, err
	}
	if _, err := db.ExecContext(ctx, "PRAGMA incremental_vacuum(200)"); err != nil {
		return false, err
	}
	return n == pruneStep || used > size, nil
}

// usedBytes is what the file holds, without what is free in it.
func usedBytes(ctx context.Context, db *sql.DB) (int64, error) {
	var n int64
	err := db.QueryRowContext(ctx, "SELECT (p.page_count - f.freelist_count) * s.page_size FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size s").Scan(&n)
	return n, err
}
