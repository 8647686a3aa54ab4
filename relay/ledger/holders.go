package ledger

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"time"
)

// KeptInvitation is the newest invitation of a meeting, or of an occurrence, that
// was forwarded.
type KeptInvitation struct {
	Language string
	Text     []byte // as package rewrite keeps it
}

// errNotKept is the error for a meeting of which no invitation is kept.
var errNotKept = errors.New("no invitation of this meeting is kept: none passed since this release began to keep them")

// Kept returns the invitation of an occurrence if there is one, else that of the
// series.
func (r *Reader) Kept(ctx context.Context, uid, occurrence string) (KeptInvitation, error) {
	var k KeptInvitation
	err := r.db.QueryRowContext(ctx, `SELECT language, text FROM kept WHERE meeting = (SELECT id FROM meeting WHERE uid = ?) AND occurrence IN (?, '')
  ORDER BY occurrence DESC LIMIT 1`, uid, occurrence).Scan(&k.Language, &k.Text)
	if errors.Is(err, sql.ErrNoRows) {
		return k, errNotKept
	}
	return k, err
}

// part is the view of the series, or of an occurrence, which need not have a
// history of its own.
func (m *Meeting) part(occurrence string) view {
	by := m.outgoing()
	v := view{meeting: m, occurrence: occurrence, copies: by[occurrence]}
	if occurrence != "" {
		v.series = by[""]
	}
	return v
}

// Holders returns the attendees who still have a meeting, or an occurrence of it:
// the newest copy that was forwarded to them is not a cancellation.
func (m *Meeting) Holders(occurrence string) []string {
	v := m.part(occurrence)
	return slices.DeleteFunc(v.everybody(), func(a string) bool {
		has, ok := v.has(a)
		return !ok || has.cancels() || has.Component.Organizer == a
	})
}

// NextCancel returns SEQUENCE and DTSTAMP for a cancellation to those who still have
// the meeting: those of the cancellation that others got, so that both are the same
// revision; else a number above all that were sent and no stamp.
func (m *Meeting) NextCancel(occurrence string) (seq int, stamp string) {
	v := m.part(occurrence)
	for _, c := range slices.Concat(v.copies, v.series) {
		seq = max(seq, c.Component.SeqSent+1, c.Component.number()+1)
	}
	if n := len(v.copies); n > 0 {
		newest := v.copies[n-1]
		told := slices.ContainsFunc(v.copies, func(c Copy) bool { return order(c, newest) == 0 && c.passed() })
		if c := newest.Component; newest.cancels() && told && c.SeqSent == seq-1 {
			return c.SeqSent, c.StampSent
		}
	}
	return seq, ""
}

// Same reports whether stored is the address as the ledger stores it.
func (r *Reader) Same(address, stored string) bool {
	return slices.Contains(r.addresses.spellings(address), stored)
}

// Stored returns an address as the ledger stores it.
func (r *Reader) Stored(address string) string { return r.addresses.address(address) }

// AuditEntry is an action of an administrator.
type AuditEntry struct {
	Time       time.Time `json:"time"`
	Who        string    `json:"who"`
	What       string    `json:"what"`
	UID        string    `json:"uid,omitempty"`
	Occurrence string    `json:"occurrence,omitempty"`
	Detail     string    `json:"detail,omitempty"`
}

// Audit stores what an administrator does. A server may be running.
func Audit(ctx context.Context, dir string, d AuditEntry) error {
	db, err := openWriter(ctx, filepath.Join(dir, FileName))
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, "INSERT INTO audit (time, who, what, uid, occurrence, detail) VALUES (?,?,?,?,?,?)", d.Time.UnixMilli(), d.Who, d.What, d.UID, d.Occurrence, d.Detail)
	return err
}

// AuditEntries returns what administrators did to a meeting, the oldest first.
func (r *Reader) AuditEntries(ctx context.Context, uid string) ([]AuditEntry, error) {
	rows, err := r.db.QueryContext(ctx, "SELECT time, who, what, uid, occurrence, detail FROM audit WHERE uid = ? ORDER BY time, id", uid)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []AuditEntry
	for rows.Next() {
		var d AuditEntry
		var at int64
		if err := rows.Scan(&at, &d.Who, &d.What, &d.UID, &d.Occurrence, &d.Detail); err != nil {
			return nil, err
		}
		d.Time = time.UnixMilli(at).UTC()
		list = append(list, d)
	}
	return list, rows.Err()
}
