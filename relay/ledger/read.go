package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/reconvene/reconvene/config"
)

// Reader reads the ledger of a directory. It never writes, and never waits for a
// writer. It is safe for concurrent use.
type Reader struct {
	db        *sql.DB
	addresses addressWriter
	path      string
	lookups   lookups
	lacks     int // see Lacks
	why       error
}

// errNone is the error for a directory without a ledger.
var errNone = errors.New("there is no ledger")

// OpenReader opens the ledger of a directory for reading, with all records of messages
// that had a reply before. Close must be called.
func OpenReader(ctx context.Context, dir string, c config.Ledger) (*Reader, error) {
	r, err := openBeside(ctx, dir, c)
	if err == nil {
		r.lacks, r.why = catchUp(ctx, dir, r.db)
	}
	return r, err
}

// Lacks returns how many records the reader does not have because they could not be moved
// from the journal to the database, and why.
func (r *Reader) Lacks() (records int, why error) { return r.lacks, r.why }

// openBeside opens the database alone.
func openBeside(ctx context.Context, dir string, c config.Ledger) (*Reader, error) {
	db, err := openReader(ctx, filepath.Join(dir, FileName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w in %s; serve creates it with the first meeting, in the folder of [state] directory", errNone, dir)
	}
	if err != nil {
		return nil, err
	}
	key, err := openKey(dir, false)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		db.Close()
		return nil, err
	}
	return &Reader{db: db, addresses: addressWriter{key: key, hashed: c.Addresses == "hashed", texts: c.Texts}, path: filepath.Join(dir, FileName)}, nil
}

// Close closes the file.
func (r *Reader) Close() error { return r.db.Close() }

// Meeting is all records of one UID, the oldest first.
type Meeting struct {
	UID     string
	Records []*Record // each with the components of this meeting only
}

const columns = `m.id, c.meeting, m.record, m.time, m.inbound, m.msgid, m.envid, m.listener, m.route, m.client, m.user, m.sender, m.size, m.profile, m.form,
  m.outcome, m.findings, m.applied, m.vetoed, m.skipped, m.why, m.took, coalesce(m.program, ''), coalesce(m.refused, ''), coalesce(m.refusal, ''),
  u.uid, c.name, c.occurrence, c.method, c.method_sent, c.seq, c.seq_sent, c.dtstamp, c.dtstamp_sent, c.uid_received, c.start, c.finish, c.all_day, c.zone,
  c.rule, c.summary, c.location, c.organizer, c.attendees, c.digest, c.revision`

// load reads the meetings whose numbers a query selects.
func (r *Reader) load(ctx context.Context, choice string, args ...any) ([]*Meeting, error) {
	rows, err := r.db.QueryContext(ctx, "WITH chosen (id) AS MATERIALIZED ("+choice+") SELECT "+columns+` FROM chosen
  CROSS JOIN component c ON c.meeting = chosen.id CROSS JOIN message m ON m.id = c.message CROSS JOIN meeting u ON u.id = chosen.id
  ORDER BY c.meeting, m.time, m.record, c.number`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []*Meeting
	type place struct{ meeting, message int64 }
	records := map[place]*Record{}
	byMessage := map[int64][]*Record{}
	var last int64
	for rows.Next() {
		var message, meeting int64
		rec, c, err := scan(rows, &message, &meeting)
		if err != nil {
			return nil, err
		}
		if len(list) == 0 || meeting != last {
			list, last = append(list, &Meeting{UID: c.UID}), meeting
		}
		m := list[len(list)-1]
		if have := records[place{meeting, message}]; have != nil {
			have.Components = append(have.Components, c)
			continue
		}
		rec.Components = []Component{c}
		records[place{meeting, message}] = rec
		byMessage[message] = append(byMessage[message], rec)
		m.Records = append(m.Records, rec)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return list, r.loadDeliveries(ctx, byMessage, choice, args)
}

func (r *Reader) loadDeliveries(ctx context.Context, records map[int64][]*Record, choice string, args []any) error {
	return r.fillDeliveries(ctx, records, "WITH chosen (id) AS MATERIALIZED ("+choice+`), messages (id) AS MATERIALIZED (SELECT DISTINCT c.message FROM chosen
  CROSS JOIN component c ON c.meeting = chosen.id)`, args)
}

// fillDeliveries adds those of the table messages that with declares.
func (r *Reader) fillDeliveries(ctx context.Context, records map[int64][]*Record, with string, args []any) error {
	rows, err := r.db.QueryContext(ctx, with+`
  SELECT d.message, d.attendee, d.verdict, d.code, d.enhanced, d.reply, d.nexthop, d.bounced, d.bounce FROM messages CROSS JOIN delivery d ON d.message = messages.id`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var message int64
		var d Delivery
		var bounced sql.NullInt64
		var bounce sql.NullString
		if err := rows.Scan(&message, &d.Attendee, &d.Verdict, &d.Code, &d.Enhanced, &d.Reply, &d.NextHop, &bounced, &bounce); err != nil {
			return err
		}
		d.Bounced, d.Bounce = moment(bounced), bounce.String
		for _, rec := range records[message] {
			rec.Deliveries = append(rec.Deliveries, d)
		}
	}
	return rows.Err()
}

func scan(rows *sql.Rows, message, meeting *int64, more ...any) (*Record, Component, error) {
	var r Record
	var c Component
	var at int64
	var findings, applied, vetoed, refused, attendees string
	var start, end, revision sql.NullInt64
	err := rows.Scan(append([]any{message, meeting, &r.ID, &at, &r.Inbound, &r.MessageID, &r.EnvelopeID, &r.Listener, &r.Route, &r.Client, &r.User, &r.Sender, &r.Size, &r.Profile,
		&r.Form, &r.Outcome, &findings, &applied, &vetoed, &r.Skipped, &r.Why, &r.Took, &r.Program, &refused, &r.Refusal,
		&c.UID, &c.Name, &c.Occurrence, &c.Method, &c.MethodSent, &c.Seq, &c.SeqSent, &c.Stamp, &c.StampSent, &c.UIDReceived, &start, &end, &c.AllDay, &c.Zone,
		&c.Rule, &c.Summary, &c.Location, &c.Organizer, &attendees, &c.Digest, &revision}, more...)...)
	if revision.Valid {
		n := int(revision.Int64)
		c.Number = &n
	}
	r.Time = time.UnixMilli(at).UTC()
	r.Findings, r.Applied, r.Vetoed, r.Refused = split(findings), split(applied), split(vetoed), split(refused)
	if r.Inbound {
		r.Direction = "inbound"
	}
	c.Start, c.End = moment(start), moment(end)
	for line := range strings.Lines(attendees) {
		address, partstat, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		partstat, mark, _ := strings.Cut(partstat, " ")
		c.Attendees = append(c.Attendees, Attendee{Address: address, PartStat: partstat, Untimed: mark == year1601})
	}
	return &r, c, err
}

func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

func moment(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.UnixMilli(n.Int64).UTC()
}

// meetings returns the meetings of which something was forwarded since a time, the
// newest first. The zero time selects all.
func (r *Reader) meetings(ctx context.Context, since time.Time) ([]*Meeting, error) {
	list, err := r.load(ctx, "SELECT id FROM meeting WHERE last >= ?", since.UnixMilli())
	slices.SortStableFunc(list, func(a, b *Meeting) int { return b.last().Compare(a.last()) })
	return list, err
}

// changed returns the meetings of which a revision passed since a time and more
// than one message is remembered: only of those somebody may have missed one.
func (r *Reader) changed(ctx context.Context, since time.Time) ([]*Meeting, error) {
	return r.load(ctx, `SELECT id FROM meeting WHERE last >= ? AND
  (SELECT count(*) FROM (SELECT 1 FROM component c WHERE c.meeting = meeting.id LIMIT 2)) > 1`, since.UnixMilli())
}

// last is when the newest message passed.
func (m *Meeting) last() time.Time {
	if len(m.Records) == 0 {
		return time.Time{}
	}
	return m.Records[len(m.Records)-1].Time
}

// Find returns the meetings whose UID, as sent or as received, begins with text; a
// meeting whose UID equals it is returned alone.
func (r *Reader) Find(ctx context.Context, text string) ([]*Meeting, error) {
	list, err := r.load(ctx, "SELECT id FROM meeting WHERE uid = ?1 UNION SELECT meeting FROM component WHERE uid_received = ?1 AND uid_received <> ''", text)
	if err != nil || len(list) > 0 || text == "" {
		return list, err
	}
	return r.load(ctx, "SELECT id FROM meeting WHERE uid >= ?1 AND uid < ?2 LIMIT 100", text, text+"\U0010ffff")
}
