package ledger

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
)

// The outbox has the changes that are still to be published for the other relays. A
// record is put there in the transaction that stores it, so that none is lost.

// ClusterState is how far this ledger has applied the changes of the others.
type ClusterState struct {
	Node     string // of this ledger
	Created  int64  // the stream's creation, nanoseconds since 1970; 0: none was read yet
	Position uint64 // the last change that was applied
}

// Cluster returns the state. On the first call the ledger gets its name, and all its
// records are put into the outbox.
func (l *Ledger) Cluster(ctx context.Context) (s ClusterState, err error) {
	err = l.do(ctx, func(ctx context.Context, db *sql.DB) error {
		if db == nil {
			return errNotOpen
		}
		row := func() error {
			return db.QueryRowContext(ctx, "SELECT node, created, position FROM cluster").Scan(&s.Node, &s.Created, &s.Position)
		}
		if err := row(); !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err := inOne(ctx, db, "INSERT INTO cluster (id, node, created, position) VALUES (1, '"+rand.Text()+"', 0, 0)", publishAll); err != nil {
			return err
		}
		l.joined = true
		return row()
	})
	return s, err
}

const publishAll = "INSERT INTO outbox (message) SELECT id FROM message WHERE id NOT IN (SELECT message FROM outbox WHERE message IS NOT NULL) ORDER BY id"

// Follow stores which stream is followed. anew says that it is another one than before: it
// is read from its beginning, and all records are published again.
func (l *Ledger) Follow(ctx context.Context, created int64, anew bool) error {
	return l.do(ctx, func(ctx context.Context, db *sql.DB) error {
		if db == nil {
			return errNotOpen
		}
		if _, err := db.ExecContext(ctx, "UPDATE cluster SET created = ?", created); err != nil || !anew {
			return err
		}
		return inOne(ctx, db, "UPDATE cluster SET position = 0", publishAll)
	})
}

var errNotOpen = errors.New("the ledger's file is not open")

// leaveCluster deletes the state when records are no longer shared: later records
// are not put into the outbox, so that all must be published again after the next
// Cluster.
func (w *writer) leaveCluster(ctx context.Context) error {
	if w.opt.Share {
		return nil
	}
	return inOne(ctx, w.db, "DELETE FROM cluster", "DELETE FROM outbox", "DELETE FROM early")
}

// inOne executes statements in one transaction.
func inOne(ctx context.Context, db *sql.DB, statements ...string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			_ = tx.Rollback()
			return err
		}
	}
	return tx.Commit()
}

// Outgoing is a change in the outbox.
type Outgoing struct {
	Number int64
	Change *Change // nil: what it was about is not stored any more
}

// outboxStep is how many changes are read at a time.
const outboxStep = 200

// Outbox returns the first changes after a number.
func (r *Reader) Outbox(ctx context.Context, behind int64) ([]Outgoing, error) {
	type row struct {
		number  int64
		message sql.NullInt64
		body    []byte
	}
	rows, err := r.db.QueryContext(ctx, "SELECT id, message, body FROM outbox WHERE id > ? ORDER BY id LIMIT ?", behind, outboxStep)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []row
	last := behind
	for rows.Next() {
		var o row
		if err := rows.Scan(&o.number, &o.message, &o.body); err != nil {
			return nil, err
		}
		found, last = append(found, o), o.number
	}
	if err := rows.Err(); err != nil || len(found) == 0 {
		return nil, err
	}
	// Read after the rows, so that a message that is missing here was pruned.
	records, numbers, err := r.records(ctx, "SELECT message FROM outbox WHERE id > ? AND id <= ? AND message IS NOT NULL", behind, last)
	if err != nil {
		return nil, err
	}
	by := make(map[int64]*Record, len(records))
	for i, rec := range records {
		by[numbers[i]] = rec
	}
	list := make([]Outgoing, len(found))
	for i, o := range found {
		change, err := outgoing(by[o.message.Int64], o.message.Valid, o.body)
		if err != nil {
			return nil, err
		}
		list[i] = Outgoing{o.number, change}
	}
	return list, nil
}

// outgoing returns the change of a row; nil when its message was deleted.
func outgoing(rec *Record, message bool, body []byte) (*Change, error) {
	if !message {
		return DecodeChange(body)
	}
	if rec == nil {
		return nil, nil
	}
	c := &Change{ID: rec.ID, Record: rec}
	if len(body) > 0 {
		if err := json.Unmarshal(body, &c.Evidence); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Waiting returns how many changes wait in the outbox.
func (r *Reader) Waiting(ctx context.Context) (n int64, err error) {
	err = r.db.QueryRowContext(ctx, "SELECT count(*) FROM outbox").Scan(&n)
	return n, err
}

// Acknowledge removes from the outbox the changes that were published, all up to a
// number. It returns when that is committed, or after Wait.
func (l *Ledger) Acknowledge(upTo int64) {
	l.put(&waiting{acknowledged: upTo, done: make(chan struct{})})
}

// Outgoing returns a channel that is signalled when there may be changes in the
// outbox.
func (l *Ledger) Outgoing() <-chan struct{} { return l.outgoing }
