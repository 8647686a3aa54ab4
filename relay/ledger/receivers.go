package ledger

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"time"
)

// receiverAge is how long what was learned of a receiver counts. Systems are
// replaced; an answer comes back to most invitations, so that it is renewed.
const receiverAge = 180 * 24 * time.Hour

// Receiver is what is known of the system behind a domain. Its JSON form has the
// keys of the log.
type Receiver struct {
	Domain   string    `json:"domain"`
	Profile  string    `json:"profile"`            // that is in force; "" means none
	Source   string    `json:"source,omitempty"`   // "set", "learned", "expired"
	Learned  string    `json:"learned,omitempty"`  // the profile that the evidence speaks for
	Evidence string    `json:"evidence,omitempty"` // PRODID of an answer
	Seen     time.Time `json:"seen,omitzero"`      // when that came last
	Set      string    `json:"set,omitempty"`      // by an administrator
	SetBy    string    `json:"set_by,omitempty"`
	SetAt    time.Time `json:"set_at,omitzero"`
}

// judge says which profile is in force: what was set, else what was learned as
// long as it is fresh.
func (r *Receiver) judge(now time.Time) {
	switch {
	case r.Set != "":
		r.Profile, r.Source = r.Set, "set"
	case r.Learned == "":
		r.Profile, r.Source = "", ""
	case now.Sub(r.Seen) > receiverAge:
		r.Profile, r.Source = "", "expired"
	default:
		r.Profile, r.Source = r.Learned, "learned"
	}
}

// programProfile is the profile that the author of a calendar speaks for: the
// system that keeps the calendar, not a program that shows it (Outlook and Apple's
// calendar work with many).
func programProfile(program string) string {
	p := strings.ToLower(program)
	for _, known := range []struct{ part, profile string }{
		{"microsoft cdo for microsoft exchange", "exchange2003"},
		{"microsoft exchange server 2007", "exchange2007"},
		{"microsoft exchange server", "exchange"},
		{"lotus", "domino"}, {"domino", "domino"}, {"hcl notes", "domino"},
		{"google calendar", "google"}, {"zimbra", "zimbra"}, {"sabredav", "sabre"}, {"sabre vobject", "sabre"}, {"nextcloud", "sabre"}, {"sogo", "sabre"},
	} {
		if strings.Contains(p, known.part) {
			return known.profile
		}
	}
	return ""
}

// learned is what an answer tells of the system behind the domain of its sender;
// nil when that is nothing. Mail on its way in only: what our own Exchange writes
// says nothing of others.
func (r *Record) learned() *Receiver {
	if !r.Inbound || r.Program == "" || r.Sender == "" || !r.anyDelivered() {
		return nil
	}
	answers := false
	for i := range r.Components {
		answers = answers || isAnswer(r.Components[i].Method)
	}
	profile := programProfile(r.Program)
	if !answers || profile == "" {
		return nil
	}
	return &Receiver{Domain: domainOf(r.Sender), Learned: profile, Evidence: r.Program, Seen: r.Time}
}

const upsertReceiver = `INSERT INTO receiver (domain, profile, evidence, seen) VALUES (?,?,?,?)
  ON CONFLICT (domain) DO UPDATE SET profile = excluded.profile, evidence = excluded.evidence, seen = excluded.seen WHERE excluded.seen >= coalesce(receiver.seen, 0)`

// Profile is what is remembered of the system behind a domain: the name of a
// profile, or "". It costs nothing.
func (l *Ledger) Profile(domain string) string {
	l.memory.mu.Lock()
	defer l.memory.mu.Unlock()
	r, ok := l.memory.receivers[strings.ToLower(domain)]
	if !ok {
		return ""
	}
	r.judge(l.opt.Now())
	return r.Profile
}

// loadReceivers reads what is known, so that nothing is looked up for a message.
func (l *Ledger) loadReceivers(ctx context.Context, db *sql.DB) error {
	list, err := receivers(ctx, db, l.opt.Now())
	if err != nil {
		return err
	}
	known := make(map[string]Receiver, len(list))
	for _, r := range list {
		known[r.Domain] = r
	}
	l.memory.mu.Lock()
	l.memory.receivers = known
	l.memory.mu.Unlock()
	return nil
}

// noteReceivers keeps in mind what records have taught.
func (l *Ledger) noteReceivers(records []*Record) {
	for _, rec := range records {
		r := rec.learned()
		if r == nil {
			continue
		}
		l.memory.mu.Lock()
		if old := l.memory.receivers[r.Domain]; !old.Seen.After(r.Seen) {
			r.Set, r.SetBy, r.SetAt = old.Set, old.SetBy, old.SetAt
			l.memory.receivers[r.Domain] = *r
		}
		l.memory.mu.Unlock()
	}
}

func receivers(ctx context.Context, db *sql.DB, now time.Time) ([]Receiver, error) {
	rows, err := db.QueryContext(ctx, `SELECT domain, coalesce(profile, ''), coalesce(evidence, ''), seen, coalesce(fixed, ''), coalesce(fixed_by, ''), fixed_at FROM receiver ORDER BY domain`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []Receiver{}
	for rows.Next() {
		var r Receiver
		var seen, set sql.NullInt64
		if err := rows.Scan(&r.Domain, &r.Learned, &r.Evidence, &seen, &r.Set, &r.SetBy, &set); err != nil {
			return nil, err
		}
		r.Seen, r.SetAt = moment(seen), moment(set)
		r.judge(now)
		list = append(list, r)
	}
	return list, rows.Err()
}

// Receivers returns what is known of all domains.
func (r *Reader) Receivers(ctx context.Context, now time.Time) ([]Receiver, error) {
	return receivers(ctx, r.db, now)
}

// ErrNoReceiver is a domain of which nothing is known.
var ErrNoReceiver = errors.New("nothing is known of this domain")

// SetReceiver sets the profile of a domain. A server that runs beside it takes it
// up within a minute.
func SetReceiver(ctx context.Context, dir, domain, profile, by string, now time.Time) error {
	return changeReceiver(ctx, dir, `INSERT INTO receiver (domain, fixed, fixed_by, fixed_at) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (domain) DO UPDATE SET fixed = excluded.fixed, fixed_by = excluded.fixed_by, fixed_at = excluded.fixed_at`,
		strings.ToLower(domain), profile, by, now.UnixMilli())
}

// ForgetReceiver forgets what was learned of a domain and what was set for it.
func ForgetReceiver(ctx context.Context, dir, domain string) error {
	return changeReceiver(ctx, dir, "DELETE FROM receiver WHERE domain = ?", strings.ToLower(domain))
}

func changeReceiver(ctx context.Context, dir, statement string, args ...any) error {
	db, err := openWriter(ctx, filepath.Join(dir, FileName))
	if err != nil {
		return err
	}
	defer db.Close()
	res, err := db.ExecContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrNoReceiver)
	}
	return nil
}
