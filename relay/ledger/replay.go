package ledger

import (
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"slices"
	"time"
)

// What is in the journal when nobody is there any more to store it, because the process was
// killed: serve stores it when it starts, and a command does before it reads.

// replay stores what an earlier process left in the journal. A journal that cannot be read
// stays as it is, and the ledger works without one; so does that of another process.
func (w *writer) replay(ctx context.Context) error {
	if w.claim.taken() {
		return nil
	}
	left, err := w.journal.left()
	if err != nil {
		w.log(slog.LevelError, "ledger-failed", slog.String("error", err.Error()), slog.String("why", "the journal cannot be read; messages that it has are missing in the ledger"))
		return nil
	}
	if len(left) == 0 {
		return nil
	}
	w.mu.Lock()
	var stored uint64 // entries of this process are still in the queue
	if len(w.queue) == 0 {
		stored = w.number
	}
	w.mu.Unlock()
	ctx = context.WithoutCancel(ctx)
	for part := range slices.Chunk(left, gather) {
		if err := w.write(ctx, part); err != nil {
			return err
		}
	}
	return w.journal.trim(stored)
}

const (
	// catchUpWait is how long a running server is given to store what is in its journal.
	catchUpWait = time.Second
	catchUpStep = 20 * time.Millisecond
)

// catchUp returns when the database has what was in the journal. When there is no server
// that stores it, it is stored here; the server finds it stored then. It returns how many
// records could not be, and why.
func catchUp(ctx context.Context, dir string, db *sql.DB) (int, error) {
	entries, err := readJournal(dir)
	for began := time.Now(); err == nil; pause(ctx, catchUpStep) {
		if entries, err = lacking(ctx, db, entries); len(entries) == 0 || err != nil {
			return len(entries), err
		}
		if time.Since(began) > catchUpWait {
			break
		}
		err = ctx.Err()
	}
	if err == nil {
		err = storeEntries(ctx, dir, entries)
	}
	if err == nil {
		entries, err = lacking(ctx, db, entries)
	}
	return len(entries), err
}

// lacking returns the records that are not stored.
func lacking(ctx context.Context, db *sql.DB, list []*Record) ([]*Record, error) {
	var lack []*Record
	for _, r := range list {
		var stored bool
		if err := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM message WHERE record = ?)", r.ID).Scan(&stored); err != nil {
			return list, err
		}
		if !stored {
			lack = append(lack, r)
		}
	}
	return lack, nil
}

func storeEntries(ctx context.Context, dir string, list []*Record) error {
	db, err := openWriter(ctx, filepath.Join(dir, FileName))
	if err != nil {
		return err
	}
	defer db.Close()
	stmts, err := prepare(ctx, db)
	if err != nil {
		return err
	}
	defer stmts.close()
	for part := range slices.Chunk(list, gather) {
		if err := stmts.writeFit(ctx, db, part, func(*Record, error) {}); err != nil {
			return err
		}
	}
	return nil
}
