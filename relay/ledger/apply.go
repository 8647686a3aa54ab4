package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"
)

// Applied is a change that was read from the stream, of any relay.
type Applied struct {
	Position uint64  // in the stream
	Change   *Change // nil: it cannot be decoded
}

// Apply stores changes in the order of the stream, and returns when they are committed,
// or after Wait. What is stored already stays as it is. It returns false when some may not be stored:
// the stream must be read again from the stored position.
func (l *Ledger) Apply(list []Applied) bool {
	for i := range list {
		w := &waiting{position: list[i].Position, remote: true, done: make(chan struct{})}
		if c := list[i].Change; c != nil && c.Record != nil {
			w.record = c.Record
			w.record.remote = true
		} else if c != nil {
			w.bounce = c.bounce()
		}
		if !l.enqueue(w) {
			return false
		}
		if i == len(list)-1 {
			l.wait(w)
		}
	}
	return l.Trouble() == nil
}

const (
	// earlyAge is how long a notification waits for the message that it is about.
	earlyAge = 7 * 24 * time.Hour
	// earlyMost bounds how many wait.
	earlyMost = 10_000
)

// keys are the names of the one message that a notification is about. The UID is none: it
// names a meeting, of which a later message must not count as returned.
func (b *bounce) keys() []string {
	var list []string
	if b.msgid != "" {
		list = append(list, "m:"+b.msgid)
	}
	if b.envid != "" {
		list = append(list, "e:"+b.envid)
	}
	return list
}

// named is the notification without UIDs, where it names its message otherwise: in a cluster
// that message may be one that another relay has not published yet, and the newest one of
// the meeting here is not the one.
func (b *bounce) named() *bounce {
	if len(b.keys()) == 0 {
		return b
	}
	named := *b
	named.uids = nil
	return &named
}

// keepEarly keeps a notification whose message was not found.
func (b *bounce) keepEarly(ctx context.Context, db *sql.DB, now time.Time) error {
	body, err := json.Marshal(b.change())
	if err != nil {
		return err
	}
	for _, key := range b.keys() {
		if _, err := db.ExecContext(ctx, "INSERT INTO early (key, time, body) VALUES (?,?,?)", key, now.UnixMilli(), body); err != nil {
			return err
		}
	}
	_, err = db.ExecContext(ctx, "DELETE FROM early WHERE time < ? OR rowid <= (SELECT max(rowid) FROM early) - ?", now.Add(-earlyAge).UnixMilli(), earlyMost)
	return err
}

// applyEarly applies earlier notifications about these records.
func applyEarly(ctx context.Context, db *sql.DB, records []*Record) (found bool, err error) {
	var any bool
	if err := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM early)").Scan(&any); err != nil || !any {
		return false, err
	}
	for _, r := range records {
		names := bounce{msgid: r.MessageID, envid: r.EnvelopeID}
		for _, key := range names.keys() {
			hit, err := applyKey(ctx, db, key)
			if err != nil {
				return found, err
			}
			found = found || hit
		}
	}
	return found, nil
}

func applyKey(ctx context.Context, db *sql.DB, key string) (found bool, err error) {
	rows, err := db.QueryContext(ctx, "SELECT body FROM early WHERE key = ?", key)
	if err != nil {
		return false, err
	}
	var bodies [][]byte
	for rows.Next() {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			rows.Close()
			return false, err
		}
		bodies = append(bodies, body)
	}
	if err := rows.Err(); err != nil {
		return false, err
	}
	for _, body := range bodies {
		c, err := DecodeChange(body)
		if err != nil || c.Returned == nil {
			continue
		}
		missed, err := c.bounce().write(ctx, db)
		if err != nil {
			return found, err
		}
		found = found || !missed
	}
	return found, nil
}
