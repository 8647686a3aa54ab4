package ledger

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"
)

// What is changed beside a server that writes waits for it, instead of failing because it
// has read before.
func TestChangeBesideAWriter(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	db, err := openWriter(ctx, filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const learn = "INSERT INTO receiver (domain, fixed, fixed_by, fixed_at) VALUES (?, 'domino', 'x', 1)"
	if _, err := db.ExecContext(ctx, learn, "partner.example"); err != nil {
		t.Fatal(err)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(ctx, learn, "other.example"); err != nil {
		t.Fatal(err)
	}
	read, done := make(chan struct{}), make(chan error)
	go func() {
		done <- changeReceiver(context.WithoutCancel(ctx), dir, func(tx *sql.Tx) (n int64, err error) {
			if err := tx.QueryRow("SELECT count(*) FROM receiver").Scan(&n); err != nil {
				return 0, err
			}
			close(read)
			_, err = tx.Exec("DELETE FROM receiver WHERE domain = 'partner.example'")
			return n, err
		})
	}()
	select {
	case <-read:
		t.Error("it has read while another transaction writes")
	case err := <-done:
		t.Fatal(err)
	case <-time.After(300 * time.Millisecond): // it waits
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
