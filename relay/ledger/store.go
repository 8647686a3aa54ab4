package ledger

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	_ "modernc.org/sqlite" // the engine, in Go
)

// FileName is the name of the file in the state directory.
const FileName = "ledger.sqlite"

//go:embed migrations/*.sql
var migrations embed.FS

// schema is a numbered step.
type schema struct {
	number int
	text   string
}

// schemas returns all steps in their order.
func schemas() ([]schema, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var list []schema
	for i, name := range names {
		number, _, _ := strings.Cut(filepath.Base(name), "_")
		n, err := strconv.Atoi(number)
		if err != nil || n != i+1 {
			return nil, fmt.Errorf("migration %s is out of order", name)
		}
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		list = append(list, schema{n, string(text)})
	}
	return list, nil
}

// errNewer is the error for a file that a later release has written.
var errNewer = errors.New("the ledger was written by a newer release")

// dsn names the file for the engine. A busy file is waited for, for a moment.
func dsn(path string, options ...string) string {
	q := url.Values{"_pragma": append([]string{"busy_timeout(2000)", "foreign_keys(1)"}, options...)}
	return (&url.URL{Scheme: "file", Opaque: filepath.ToSlash(path), RawQuery: q.Encode()}).String()
}

// openWriter opens the file for the one that writes, and brings it to the
// newest schema.
func openWriter(ctx context.Context, path string) (*sql.DB, error) {
	// The engine would make a file that the group can read.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	f.Close()
	// A transaction that begins with a look-up and writes then would fail without waiting
	// when somebody else writes meanwhile: it takes the lock at its beginning.
	db, err := sql.Open("sqlite", dsn(path, "auto_vacuum(incremental)", "journal_mode(wal)", "synchronous(normal)", "journal_size_limit(67108864)", "cache_size(-16000)", "wal_autocheckpoint(4000)")+"&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if err := migrate(ctx, db); err != nil {
		db.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return db, nil
}

func migrate(ctx context.Context, db *sql.DB) error {
	list, err := schemas()
	if err != nil {
		return err
	}
	have, err := version(ctx, db, list)
	if err != nil {
		return err
	}
	for _, s := range list[have:] {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		if _, err = tx.ExecContext(ctx, s.text); err == nil {
			_, err = tx.ExecContext(ctx, "PRAGMA user_version = "+strconv.Itoa(s.number))
		}
		if err != nil {
			_ = tx.Rollback()
			return fmt.Errorf("migration %d: %w", s.number, err)
		}
		if err := tx.Commit(); err != nil {
			return fmt.Errorf("migration %d: %w", s.number, err)
		}
	}
	return nil
}

// version is that of the file; an error when it is newer than the list.
func version(ctx context.Context, db *sql.DB, list []schema) (int, error) {
	var have int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return 0, err
	}
	if have > len(list) {
		return 0, fmt.Errorf("%w (schema %d, this release supports up to %d); install that release again, or move the file away to start with an empty one", errNewer, have, len(list))
	}
	return have, nil
}

// readConnections is how many a reader has at a time. What is looked up is mostly
// in the system's cache: more of them would wait for each other's core.
const readConnections = 4

// openReader opens the file read-only, beside a running server or without one.
func openReader(ctx context.Context, path string) (*sql.DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dsn(path, "query_only(1)", "cache_size(-8000)"))
	if err != nil {
		return nil, err
	}
	// A connection is kept with its cache and its prepared statements: to open one
	// takes longer than to look something up.
	db.SetMaxOpenConns(readConnections)
	db.SetMaxIdleConns(readConnections)
	list, err := schemas()
	if err == nil {
		var have int
		if have, err = version(ctx, db, list); err == nil && have < len(list) {
			err = fmt.Errorf("it has schema %d, this release requires %d; start serve once, which updates it", have, len(list))
		}
	}
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return db, nil
}
