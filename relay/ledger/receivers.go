package ledger

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// receiverAge is how long what was learned of a receiver counts. Systems are
// replaced; an answer comes back to most invitations, so that it is renewed.
const receiverAge = 180 * 24 * time.Hour

// Receiver is what is known of the system behind a domain. Its JSON form has the
// keys of the log.
type Receiver struct {
	Domain   string     `json:"domain"`
	Profile  string     `json:"profile"`            // in force; "" means none
	Source   string     `json:"source,omitempty"`   // "set", "learned", "expired"
	Learned  string     `json:"learned,omitempty"`  // the profile that the evidence suggests
	Kind     string     `json:"kind,omitempty"`     // of the evidence that counts
	Evidence string     `json:"evidence,omitempty"` // its text
	Seen     time.Time  `json:"seen,omitzero"`      // when the evidence was last received
	Set      string     `json:"set,omitempty"`      // by an administrator
	SetBy    string     `json:"set_by,omitempty"`
	SetAt    time.Time  `json:"set_at,omitzero"`
	Known    []Evidence `json:"known,omitempty"` // all of it
}

// chooseProfile sets the profile in force: the one that was set, else the one that
// the strongest recent evidence suggests.
func (r *Receiver) chooseProfile(now time.Time) {
	r.Profile, r.Source, r.Kind, r.Learned, r.Evidence, r.Seen = "", "", "", "", "", time.Time{}
	slices.SortStableFunc(r.Known, func(a, b Evidence) int { return slices.Index(kinds, a.Kind) - slices.Index(kinds, b.Kind) })
	fresh := slices.IndexFunc(r.Known, func(e Evidence) bool { return now.Sub(e.Seen) <= receiverAge })
	if len(r.Known) > 0 {
		e := r.Known[max(fresh, 0)]
		r.Kind, r.Learned, r.Evidence, r.Seen, r.Source = e.Kind, e.Profile, e.Text, e.Seen, "expired"
	}
	switch {
	case r.Set != "":
		r.Profile, r.Source = r.Set, "set"
	case fresh >= 0:
		r.Profile, r.Source = r.Learned, "learned"
	}
}

const upsertEvidence = `INSERT INTO evidence (domain, kind, profile, text, seen) VALUES (?,?,?,?,?)
  ON CONFLICT (domain, kind) DO UPDATE SET profile = excluded.profile, text = excluded.text, seen = excluded.seen WHERE excluded.seen >= evidence.seen`

// Profile returns the profile that is known for a domain, or "". It returns at once.
// Greetings do not count here: the next hop sends its greeting again.
func (l *Ledger) Profile(domain string) string {
	l.memory.mu.Lock()
	defer l.memory.mu.Unlock()
	r, ok := l.memory.receivers[strings.ToLower(domain)]
	if !ok {
		return ""
	}
	r.Known = slices.DeleteFunc(slices.Clone(r.Known), func(e Evidence) bool { return e.Kind == KindGreeting })
	r.chooseProfile(l.opt.Now())
	return r.Profile
}

// loadReceivers reads what is known, so that nothing is looked up for a message.
func (m *lookupState) loadReceivers(ctx context.Context, db *sql.DB, now time.Time) error {
	list, err := receivers(ctx, db, now)
	if err != nil {
		return err
	}
	known := make(map[string]Receiver, len(list))
	for _, r := range list {
		known[r.Domain] = r
	}
	m.mu.Lock()
	m.receivers = known
	m.mu.Unlock()
	return nil
}

// noteReceivers keeps in mind what records have taught.
func (m *lookupState) noteReceivers(records []*Record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, rec := range records {
		for _, e := range rec.learned() {
			r := m.receivers[e.Domain]
			r.Domain = e.Domain
			i := slices.IndexFunc(r.Known, func(k Evidence) bool { return k.Kind == e.Kind })
			switch r.Known = slices.Clone(r.Known); {
			case i < 0:
				r.Known = append(r.Known, e)
			case !r.Known[i].Seen.After(e.Seen):
				r.Known[i] = e
			}
			m.receivers[e.Domain] = r
		}
	}
}

func receivers(ctx context.Context, db *sql.DB, now time.Time) ([]Receiver, error) {
	rows, err := db.QueryContext(ctx, `SELECT domain, coalesce(kind, ''), coalesce(e.profile, ''), coalesce(text, ''), seen, coalesce(fixed, ''), coalesce(fixed_by, ''), fixed_at
  FROM evidence e FULL JOIN receiver r USING (domain) WHERE kind IS NOT NULL OR fixed IS NOT NULL ORDER BY domain`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []Receiver{}
	for rows.Next() {
		var r Receiver
		var e Evidence
		var seen, set sql.NullInt64
		if err := rows.Scan(&r.Domain, &e.Kind, &e.Profile, &e.Text, &seen, &r.Set, &r.SetBy, &set); err != nil {
			return nil, err
		}
		if n := len(list); n == 0 || list[n-1].Domain != r.Domain {
			r.SetAt = moment(set)
			list = append(list, r)
		}
		if last := &list[len(list)-1]; e.Kind != "" {
			e.Domain, e.Seen = r.Domain, moment(seen)
			last.Known = append(last.Known, e)
		}
	}
	for i := range list {
		list[i].chooseProfile(now)
	}
	return list, rows.Err()
}

// Receivers returns what is known of all domains.
func (r *Reader) Receivers(ctx context.Context, now time.Time) ([]Receiver, error) {
	return receivers(ctx, r.db, now)
}

// ErrNoReceiver is the error for a domain of which nothing is known.
var ErrNoReceiver = errors.New("nothing is known of this domain")

// SetReceiver sets the profile of a domain. A running server applies it within a
// minute.
func SetReceiver(ctx context.Context, dir, domain, profile, by string, now time.Time) error {
	return changeReceiver(ctx, dir, func(tx *sql.Tx) (int64, error) {
		_, err := tx.ExecContext(ctx, `INSERT INTO receiver (domain, fixed, fixed_by, fixed_at) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (domain) DO UPDATE SET fixed = excluded.fixed, fixed_by = excluded.fixed_by, fixed_at = excluded.fixed_at`,
			strings.ToLower(domain), profile, by, now.UnixMilli())
		return 1, err
	})
}

// ForgetReceiver deletes what was learned of a domain, the forms that it refused,
// and the profile that was set for it.
func ForgetReceiver(ctx context.Context, dir, domain string, now time.Time) error {
	domain = strings.ToLower(domain)
	return changeReceiver(ctx, dir, func(tx *sql.Tx) (int64, error) {
		var n int64
		err := tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM evidence WHERE domain = ?1) + (SELECT count(*) FROM receiver WHERE domain = ?1 AND fixed IS NOT NULL)
  + (SELECT count(*) FROM (SELECT 1 FROM delivery d CROSS JOIN message m ON m.id = d.message WHERE d.domain = ?1 AND (m.refused <> '' OR d.bounced IS NOT NULL)
    AND m.time > coalesce((SELECT forgotten FROM receiver WHERE domain = ?1), 0) LIMIT 1))`, domain).Scan(&n)
		if err != nil || n == 0 {
			return n, err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM evidence WHERE domain = ?", domain); err != nil {
			return n, err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO receiver (domain, forgotten) VALUES (?1, ?2)
  ON CONFLICT (domain) DO UPDATE SET forgotten = excluded.forgotten, fixed = NULL, fixed_by = NULL, fixed_at = NULL`, domain, now.UnixMilli())
		return n, err
	})
}

// changeReceiver makes a change, which says how much there was to change.
func changeReceiver(ctx context.Context, dir string, change func(*sql.Tx) (int64, error)) error {
	db, err := openWriter(ctx, filepath.Join(dir, FileName))
	if err != nil {
		return err
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	n, err := change(tx)
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNoReceiver
	}
	return tx.Commit()
}
