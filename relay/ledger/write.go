package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"time"
)

// The statements of the writer.
const (
	insertMessage = `INSERT INTO message (record, time, inbound, msgid, envid, listener, route, client, user, sender, size, profile, form, outcome,
  findings, applied, vetoed, skipped, why, took, program,
  refused, refusal) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (record) DO NOTHING`
	upsertMeeting = `INSERT INTO meeting (uid, last) VALUES (?, ?)
  ON CONFLICT (uid) DO UPDATE SET last = max(last, excluded.last) RETURNING id`
	insertComponent = `INSERT INTO component (message, number, meeting, name, occurrence, method, method_sent, seq, seq_sent, dtstamp, dtstamp_sent,
  uid_received, start, finish, all_day, zone, rule, summary, location, organizer, attendees, digest, revision)
  VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`
	upsertKept = `INSERT INTO kept (meeting, occurrence, message, revision, dtstamp, language, text) VALUES (?,?,?,?,?,?,?)
  ON CONFLICT (meeting, occurrence) DO UPDATE SET message = excluded.message, revision = excluded.revision, dtstamp = excluded.dtstamp,
  language = excluded.language, text = excluded.text WHERE (excluded.revision, excluded.dtstamp) > (kept.revision, kept.dtstamp)
  OR (excluded.revision, excluded.dtstamp) = (kept.revision, kept.dtstamp) AND (SELECT (n.time, n.record) >= (o.time, o.record) FROM message n, message o
    WHERE n.id = excluded.message AND o.id = kept.message) IS NOT FALSE` // the order in which relays hear of messages does not matter

	insertDelivery = `INSERT INTO delivery (message, attendee, domain, verdict, code, enhanced, reply, nexthop, bounced, bounce)
  VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT (message, attendee) DO NOTHING`
	insertOutbox = "INSERT INTO outbox (message, body) VALUES (?,?)"
)

// statements are those, prepared.
type statements struct {
	message, meeting, component, kept, delivery, evidence, outbox *sql.Stmt

	share bool // what is stored is told to other relays, too
}

func prepare(ctx context.Context, db *sql.DB) (*statements, error) {
	s := new(statements)
	for _, p := range []struct {
		to   **sql.Stmt
		text string
	}{{&s.message, insertMessage}, {&s.meeting, upsertMeeting}, {&s.component, insertComponent}, {&s.kept, upsertKept}, {&s.delivery, insertDelivery}, {&s.evidence, upsertEvidence}, {&s.outbox, insertOutbox}} {
		var err error
		if *p.to, err = db.PrepareContext(ctx, p.text); err != nil {
			return nil, err
		}
	}
	err := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM cluster)").Scan(&s.share)
	return s, err
}

// write puts records into one transaction. One that is there already is passed
// over.
func (s *statements) write(ctx context.Context, db *sql.DB, list []*Record) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for _, r := range list {
		if err := s.one(ctx, tx, r); err != nil {
			_ = tx.Rollback()
			return err
		}
	}
	return tx.Commit()
}

func (s *statements) one(ctx context.Context, tx *sql.Tx, r *Record) error {
	at := r.Time.UnixMilli()
	res, err := tx.StmtContext(ctx, s.message).ExecContext(ctx, r.ID, at, r.Inbound, r.MessageID, r.EnvelopeID, r.Listener, r.Route, r.Client, r.User,
		r.Sender, r.Size, r.Profile, r.Form, r.Outcome, join(r.Findings), join(r.Applied), join(r.Vetoed), r.Skipped, r.Why, r.Took, r.Program, join(r.Refused), r.Refusal)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return err
	}
	for _, l := range r.learned() {
		if _, err := tx.StmtContext(ctx, s.evidence).ExecContext(ctx, l.Domain, l.Kind, l.Profile, l.Text, l.Seen.UnixMilli()); err != nil {
			return err
		}
	}
	for i, c := range r.Components {
		var meeting int64
		if err := tx.StmtContext(ctx, s.meeting).QueryRowContext(ctx, c.UID, at).Scan(&meeting); err != nil {
			return err
		}
		if _, err := tx.StmtContext(ctx, s.component).ExecContext(ctx, id, i, meeting, c.Name, c.Occurrence, c.Method, c.MethodSent, c.Seq, c.SeqSent, c.Stamp,
			c.StampSent, c.UIDReceived, millis(c.Start), millis(c.End), c.AllDay, c.Zone, c.Rule, c.Summary, c.Location, c.Organizer, lines(c.Attendees), c.Digest, c.number()); err != nil {
			return err
		}
		if c.Kept == "" || !r.anyDelivered() {
			continue
		}
		if _, err := tx.StmtContext(ctx, s.kept).ExecContext(ctx, meeting, c.Occurrence, id, c.number(), c.Stamp, c.Language, []byte(c.Kept)); err != nil {
			return err
		}
	}
	for _, d := range r.Deliveries {
		if _, err := tx.StmtContext(ctx, s.delivery).ExecContext(ctx, id, d.Attendee, domainOf(d.Attendee), d.Verdict, d.Code, d.Enhanced, d.Reply, d.NextHop,
			millis(d.Bounced), d.Bounce); err != nil {
			return err
		}
	}
	if s.share && !r.remote {
		return s.tell(ctx, tx, id, r)
	}
	return nil
}

// tell puts a record into the outbox.
func (s *statements) tell(ctx context.Context, tx *sql.Tx, message int64, r *Record) error {
	var learned []byte
	if len(r.Evidence) > 0 {
		var err error
		if learned, err = json.Marshal(r.Evidence); err != nil {
			return err
		}
	}
	_, err := tx.StmtContext(ctx, s.outbox).ExecContext(ctx, message, learned)
	return err
}

// tellBounce puts what a notification says into the outbox.
func (s *statements) tellBounce(ctx context.Context, b *bounce) error {
	body, err := json.Marshal(b.change())
	if err != nil {
		return err
	}
	_, err = s.outbox.ExecContext(ctx, nil, body)
	return err
}

func join(list []string) string { return strings.Join(list, ",") }

// millis is a time as it is stored; nil where there is none.
func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// lines writes attendees, one a line; 1601 after those of whose response Exchange
// has no time.
func lines(list []Attendee) string {
	var b strings.Builder
	for _, a := range list {
		b.WriteString(plainLine(a.Address) + " " + plainLine(a.PartStat))
		if a.Untimed {
			b.WriteString(" " + year1601)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// plainLine keeps a stranger's address from looking like two.
func plainLine(s string) string { return strings.Join(strings.Fields(s), "") }
