package ledger

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The statements of the writer.
const (
	insertMessage = `INSERT INTO message (record, time, inbound, msgid, envid, listener, route, client, user, sender, size, profile, form, outcome,
  findings, applied, vetoed, skipped, why, took, program,
  refused, refusal) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (record) DO NOTHING`
	insertMeeting   = "INSERT INTO meeting (uid, last) VALUES (?, ?) ON CONFLICT (uid) DO NOTHING"
	selectMeeting   = "SELECT id FROM meeting WHERE uid = ?"
	updateMeeting   = "UPDATE meeting SET last = max(last, ?) WHERE id = ?"
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

// statements are those, prepared on the connection of the writer. They go to the engine
// without package database/sql between them, which took a sixth of the time of a record.
type statements struct {
	conn                                                 driver.Conn // that they are prepared on
	begin, commit, rollback                              driver.Stmt
	message, component, kept, delivery, evidence, outbox driver.Stmt
	meeting, meetingID, meetingLast                      driver.Stmt

	share bool                // what is stored is told to other relays, too
	args  []driver.NamedValue // of one execution
	batch batch               // of one transaction
}

func prepare(ctx context.Context, db *sql.DB) (*statements, error) {
	s := new(statements)
	if err := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM cluster)").Scan(&s.share); err != nil {
		return nil, err
	}
	return s, s.on(ctx, db, func() error { return nil })
}

// on does work with the connection to itself.
func (s *statements) on(ctx context.Context, db *sql.DB, work func() error) error {
	c, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Raw(func(raw any) error {
		if conn := raw.(driver.Conn); conn != s.conn {
			s.close()
			if err := s.prepareOn(conn); err != nil {
				return err
			}
			s.conn = conn
		}
		return work()
	})
}

func (s *statements) prepareOn(conn driver.Conn) (err error) {
	for _, p := range []struct {
		to   *driver.Stmt
		text string
	}{{&s.begin, "BEGIN IMMEDIATE"}, {&s.commit, "COMMIT"}, {&s.rollback, "ROLLBACK"}, {&s.message, insertMessage}, {&s.meeting, insertMeeting}, {&s.meetingID, selectMeeting}, {&s.meetingLast, updateMeeting},
		{&s.component, insertComponent}, {&s.kept, upsertKept}, {&s.delivery, insertDelivery}, {&s.evidence, upsertEvidence}, {&s.outbox, insertOutbox}} {
		if *p.to, err = conn.Prepare(p.text); err != nil {
			return err
		}
	}
	return nil
}

// close ends them. The engine keeps a file open as long as there are statements on it.
func (s *statements) close() {
	for _, stmt := range []driver.Stmt{s.begin, s.commit, s.rollback, s.message, s.meeting, s.meetingID, s.meetingLast, s.component, s.kept, s.delivery, s.evidence, s.outbox} {
		if stmt != nil {
			_ = stmt.Close()
		}
	}
	*s = statements{share: s.share}
}

// exec executes one of them. Values are what the engine takes, and int.
func (s *statements) exec(ctx context.Context, stmt driver.Stmt, values ...any) (driver.Result, error) {
	s.bind(values)
	return stmt.(driver.StmtExecContext).ExecContext(ctx, s.args)
}

// number executes one that selects a number; found is false when it selects nothing.
func (s *statements) number(ctx context.Context, stmt driver.Stmt, values ...any) (n int64, found bool, err error) {
	s.bind(values)
	rows, err := stmt.(driver.StmtQueryContext).QueryContext(ctx, s.args)
	if err != nil {
		return 0, false, err
	}
	defer rows.Close()
	row := make([]driver.Value, 1)
	if err := rows.Next(row); err != nil {
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return 0, false, err
	}
	n, found = row[0].(int64)
	return n, found, nil
}

func (s *statements) bind(values []any) {
	s.args = s.args[:0]
	for i, v := range values {
		switch x := v.(type) {
		case int:
			v = int64(x)
		case string: // the ledgers of other relays get it by JSON, which has no other octets
			if !utf8.ValidString(x) {
				v = strings.ToValidUTF8(x, "\ufffd")
			}
		}
		s.args = append(s.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
}

// write puts records into one transaction. One that is there already is passed
// over.
func (s *statements) write(ctx context.Context, db *sql.DB, list []*Record) error {
	return s.on(ctx, db, func() error {
		if _, err := s.exec(ctx, s.begin); err != nil {
			return err
		}
		err := s.all(ctx, list)
		if err == nil {
			_, err = s.exec(ctx, s.commit)
		}
		if err != nil {
			_, _ = s.exec(ctx, s.rollback)
		}
		return err
	})
}

// all stores the records within a transaction.
func (s *statements) all(ctx context.Context, list []*Record) error {
	s.batch = newBatch()
	defer func() { s.batch = batch{} }()
	for _, r := range list {
		if err := s.one(ctx, r); err != nil {
			return err
		}
	}
	return s.finish(ctx)
}

func (s *statements) one(ctx context.Context, r *Record) error {
	at := r.Time.UnixMilli()
	res, err := s.exec(ctx, s.message, r.ID, at, r.Inbound, r.MessageID, r.EnvelopeID, r.Listener, r.Route, r.Client, r.User,
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
		if _, err := s.exec(ctx, s.evidence, l.Domain, l.Kind, l.Profile, l.Text, l.Seen.UnixMilli()); err != nil {
			return err
		}
	}
	for i := range r.Components {
		if err := s.storeComponent(ctx, id, i, r); err != nil {
			return err
		}
	}
	for _, d := range r.Deliveries {
		if _, err := s.exec(ctx, s.delivery, id, d.Attendee, domainOf(d.Attendee), d.Verdict, d.Code, d.Enhanced, d.Reply, d.NextHop,
			millis(d.Bounced), d.Bounce); err != nil {
			return err
		}
	}
	if s.share && !r.remote {
		return s.enqueueOutgoing(ctx, id, r)
	}
	return nil
}

// storeComponent stores a component of a message, its meeting, and what is kept of it.
func (s *statements) storeComponent(ctx context.Context, message int64, number int, r *Record) error {
	c := &r.Components[number]
	meeting, err := s.meetingOf(ctx, c.UID, r.Time.UnixMilli())
	if err != nil {
		return err
	}
	if _, err := s.exec(ctx, s.component, message, number, meeting, c.Name, c.Occurrence, c.Method, c.MethodSent, c.Seq, c.SeqSent, c.Stamp,
		c.StampSent, c.UIDReceived, millis(c.Start), millis(c.End), c.AllDay, c.Zone, c.Rule, c.Summary, c.Location, c.Organizer, lines(c.Attendees), c.Digest, c.number()); err != nil {
		return err
	}
	if c.Kept != "" && r.anyDelivered() {
		s.batch.keep(part{meeting, c.Occurrence}, invitation{message, r, c})
	}
	return nil
}

// enqueueOutgoing puts a record into the outbox.
func (s *statements) enqueueOutgoing(ctx context.Context, message int64, r *Record) error {
	var learned any
	if len(r.Evidence) > 0 {
		text, err := json.Marshal(r.Evidence)
		if err != nil {
			return err
		}
		learned = text
	}
	_, err := s.exec(ctx, s.outbox, message, learned)
	return err
}

// tellBounce puts what a notification says into the outbox.
func (s *statements) tellBounce(ctx context.Context, db *sql.DB, b *bounce) error {
	body, err := json.Marshal(b.change())
	if err != nil {
		return err
	}
	return s.on(ctx, db, func() error {
		_, err := s.exec(ctx, s.outbox, nil, body)
		return err
	})
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
		b.WriteString(plainLine(a.Address))
		b.WriteByte(' ')
		b.WriteString(plainLine(a.PartStat))
		if a.Untimed {
			b.WriteString(" " + year1601)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// plainLine keeps a stranger's address from looking like two.
func plainLine(s string) string {
	if isPlain(s) || !strings.ContainsFunc(s, unicode.IsSpace) {
		return s
	}
	return strings.Join(strings.Fields(s), "")
}

// isPlain reports whether a text has only visible ASCII characters, as nearly every address.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
