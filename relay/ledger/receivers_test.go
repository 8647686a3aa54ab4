package ledger

import (
	"database/sql"
	"path/filepath"
	"testing"
)

// Nobody writes between what a change has read and what it writes: it would fail then,
// without waiting.
func TestChangeIsNotOvertaken(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	path := filepath.Join(dir, FileName)
	server, err := openWriter(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if _, err := server.ExecContext(ctx, "PRAGMA busy_timeout = 0"); err != nil {
		t.Fatal(err)
	}
	const learn = "INSERT INTO receiver (domain, fixed, fixed_by, fixed_at) VALUES (?, 'domino', 'x', 1)"
	if _, err := server.ExecContext(ctx, learn, "partner.example"); err != nil {
		t.Fatal(err)
	}
	err = changeReceiver(ctx, dir, func(tx *sql.Tx) (n int64, err error) {
		if err := tx.QueryRow("SELECT count(*) FROM receiver").Scan(&n); err != nil {
			return 0, err
		}
		if _, err := server.ExecContext(ctx, learn, "other.example"); err == nil {
			t.Error("the server wrote in between")
		}
		_, err = tx.Exec("DELETE FROM receiver WHERE domain = 'partner.example'")
		return n, err
	})
	if err != nil {
		t.Error(err)
	}
	if _, err := server.ExecContext(ctx, learn, "other.example"); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
