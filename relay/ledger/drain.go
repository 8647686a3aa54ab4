package ledger

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// drain writes what waits, in one transaction. more says that there is something left.
func (w *writer) drain(ctx context.Context) (more bool, err error) {
	batch := w.batch()
	if len(batch) == 0 {
		w.recovered()
		return false, nil
	}
	var records []*Record
	for _, item := range batch {
		if item.record != nil {
			records = append(records, item.record)
		}
	}
	// A transaction is short and is not given up in the middle. For a context that can end
	// the engine starts a goroutine for each statement.
	ctx = context.WithoutCancel(ctx)
	if err := w.write(ctx, records); err != nil {
		return false, err
	}
	bounced, err := w.drainBounces(ctx, batch)
	if err != nil {
		return false, err
	}
	if w.stmts.share {
		early, err := applyEarly(ctx, w.db, records)
		if err == nil {
			err = storeProgress(ctx, w.db, batch)
		}
		if err != nil {
			return false, err
		}
		bounced = bounced || early
		select {
		case w.outgoing <- struct{}{}:
		default:
		}
	}
	w.memory.note(records)
	if bounced {
		if err := errors.Join(w.memory.loadReceivers(ctx, w.db, w.opt.Now()), w.memory.loadForms(ctx, w.db, w.opt.Now())); err != nil {
			return false, err
		}
	}
	if err := w.journal.trim(batch[len(batch)-1].number); err != nil {
		return false, err
	}
	w.mu.Lock()
	w.queue = append([]*waiting(nil), w.queue[len(batch):]...)
	for _, r := range records {
		if len(r.Components) > 0 && !r.remote {
			w.counts.Written++
		}
	}
	w.mu.Unlock()
	for _, item := range batch {
		close(item.done)
	}
	return true, nil
}

// batch returns what the next transaction is to have. It stays in the queue until it is
// committed.
func (w *writer) batch() []*waiting {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 {
		return nil
	}
	w.journal.turn()
	batch := w.queue[:min(len(w.queue), gather)]
	if w.since = (time.Time{}); len(batch) == len(w.queue) {
		w.urgent = false
	}
	return batch
}

// drainBounces notes what notifications say, after the messages that they may be about.
func (w *writer) drainBounces(ctx context.Context, batch []*waiting) (any bool, err error) {
	for _, item := range batch {
		if item.bounce == nil {
			continue
		}
		if w.stmts.share && !item.remote {
			if err := w.stmts.tellBounce(ctx, w.db, item.bounce); err != nil {
				return any, err
			}
		}
		b := item.bounce
		if w.stmts.share {
			b = b.named()
		}
		missed, err := b.write(ctx, w.db)
		if err == nil && missed && w.stmts.share {
			err = b.keepEarly(ctx, w.db, w.opt.Now())
		}
		if err != nil {
			return any, err
		}
		any = true
	}
	return any, nil
}

// storeProgress stores how far this ledger has read the stream and published its
// outbox.
func storeProgress(ctx context.Context, db *sql.DB, batch []*waiting) error {
	var position uint64
	var told int64
	for _, w := range batch {
		position, told = max(position, w.position), max(told, w.acknowledged)
	}
	if position > 0 {
		if _, err := db.ExecContext(ctx, "UPDATE cluster SET position = max(position, ?)", int64(position)); err != nil {
			return err
		}
	}
	if told > 0 {
		if _, err := db.ExecContext(ctx, "DELETE FROM outbox WHERE id <= ?", told); err != nil {
			return err
		}
	}
	return nil
}

// write writes a batch.
func (w *writer) write(ctx context.Context, records []*Record) error {
	return w.stmts.writeFit(ctx, w.db, records, func(r *Record, err error) {
		w.mu.Lock()
		w.counts.Lost++
		w.mu.Unlock()
		w.log(slog.LevelError, "ledger-failed", slog.String("id", r.ID), slog.String("error", err.Error()), slog.String("why", "this message is not in the ledger"))
	})
}

// writeFit writes records in one transaction. A record that no try would get in is left
// out, so that the others do not wait for it for ever.
func (s *statements) writeFit(ctx context.Context, db *sql.DB, records []*Record, leaveOut func(*Record, error)) error {
	if len(records) == 0 {
		return nil
	}
	err := s.write(ctx, db, records)
	if err == nil || !unfit(err) {
		return err
	}
	for _, r := range records {
		if err := s.write(ctx, db, []*Record{r}); unfit(err) {
			leaveOut(r, err)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// unfit reports whether an error is about the record and not about the file.
func unfit(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return false
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_RANGE:
		return true
	}
	return false
}
