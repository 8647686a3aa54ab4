package ledger

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Stats has the size and the contents of a ledger.
type Stats struct {
	Path       string    `json:"path"`
	Schema     int       `json:"schema"`
	Bytes      int64     `json:"size_bytes"` // of the file and its write-ahead log
	Used       int64     `json:"used_bytes"` // of these, in use
	Meetings   int64     `json:"meetings"`
	Messages   int64     `json:"messages"`
	Deliveries int64     `json:"deliveries"`
	Missing    int64     `json:"not_notified"` // open cases, as the server found them last
	Oldest     time.Time `json:"oldest,omitzero"`
	Newest     time.Time `json:"newest,omitzero"`
}

// Stats returns the size and the contents of the ledger in numbers.
func (r *Reader) Stats(ctx context.Context) (Stats, error) {
	s := Stats{Path: r.path}
	for _, file := range []string{r.path, r.path + "-wal"} {
		if info, err := os.Stat(file); err == nil {
			s.Bytes += info.Size()
		}
	}
	var err error
	if s.Used, err = usedBytes(ctx, r.db); err != nil {
		return s, err
	}
	var oldest, newest sql.NullInt64
	err = r.db.QueryRowContext(ctx, `SELECT (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM meeting), (SELECT count(DISTINCT message) FROM component),
  (SELECT count(*) FROM delivery), (SELECT count(*) FROM missing WHERE closed IS NULL), (SELECT min(time) FROM message), (SELECT max(time) FROM message)`).
		Scan(&s.Schema, &s.Meetings, &s.Messages, &s.Deliveries, &s.Missing, &oldest, &newest)
	s.Oldest, s.Newest = moment(oldest), moment(newest)
	return s, err
}

// exportStep is how many messages are read at a time.
const exportStep = 500

// Export writes a JSON line for each message, in the order of arrival, and returns
// their number.
func (r *Reader) Export(ctx context.Context, w io.Writer, since time.Time) (n int, err error) {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for after := int64(0); ; {
		list, last, err := r.batch(ctx, after, since)
		if err != nil {
			return n, err
		}
		for _, rec := range list {
			if err := enc.Encode(rec); err != nil {
				return n, err
			}
			n++
		}
		if last == after {
			return n, out.Flush()
		}
		after = last
	}
}

// batch reads the messages after a number; last is that of the last of them.
func (r *Reader) batch(ctx context.Context, after int64, since time.Time) (list []*Record, last int64, err error) {
	list, numbers, err := r.records(ctx, "SELECT id FROM message WHERE id > ? AND time >= ? ORDER BY id LIMIT ?", after, since.UnixMilli(), exportStep)
	if len(numbers) == 0 {
		return nil, after, err
	}
	return list, numbers[len(numbers)-1], err
}

// records reads the messages that a query selects, each with its number, in the order of
// those.
func (r *Reader) records(ctx context.Context, choice string, args ...any) (list []*Record, numbers []int64, err error) {
	rows, err := r.db.QueryContext(ctx, "WITH chosen (id) AS MATERIALIZED ("+choice+") SELECT "+columns+`, k.language, k.text FROM chosen
  CROSS JOIN message m ON m.id = chosen.id CROSS JOIN component c ON c.message = m.id CROSS JOIN meeting u ON u.id = c.meeting
  LEFT JOIN kept k ON k.meeting = c.meeting AND k.occurrence = c.occurrence AND k.message = m.id ORDER BY m.id, c.number`, args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	var last int64
	by := map[int64][]*Record{}
	for rows.Next() {
		var message, meeting int64
		var language sql.NullString
		var text []byte
		rec, c, err := scan(rows, &message, &meeting, &language, &text)
		if err != nil {
			return nil, nil, err
		}
		c.Language, c.Kept = language.String, string(text)
		if message != last {
			last = message
			list, numbers = append(list, rec), append(numbers, message)
			by[message] = []*Record{rec}
		}
		have := list[len(list)-1]
		have.Components = append(have.Components, c)
	}
	if err := rows.Err(); err != nil {
		return nil, nil, err
	}
	return list, numbers, r.fillDeliveries(ctx, by, "WITH messages (id) AS MATERIALIZED ("+choice+")", args)
}

// Imported is the result of an import.
type Imported struct {
	Lines   int `json:"lines"`
	Records int `json:"records"` // including those that existed before
	Skipped int `json:"skipped"` // lines that are neither records nor lines of the log
}

// maxLine bounds one line of an import.
const maxLine = 16 << 20

// Import reads lines of an export, or of the JSON or text log of serve, into the
// ledger of a directory. Existing records are not changed. A server may be running.
func Import(ctx context.Context, dir string, in io.Reader, hashed, texts bool) (Imported, error) {
	var n Imported
	key, err := openKey(dir, true)
	if err != nil {
		return n, err
	}
	db, err := openWriter(ctx, filepath.Join(dir, FileName))
	if err != nil {
		return n, err
	}
	defer db.Close()
	stmts, err := prepare(ctx, db)
	if err != nil {
		return n, err
	}
	defer stmts.close()
	var batch []*Record
	flush := func() error {
		defer func() { batch = batch[:0] }()
		n.Records += len(batch)
		return stmts.write(ctx, db, batch)
	}
	from := fromLog{scribe: addressWriter{key: key, hashed: hashed, texts: texts}}
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	for lines.Scan() {
		n.Lines++
		text := bytes.TrimSpace(lines.Bytes())
		switch rec, ok := parseRecord(text); {
		case len(text) == 0:
		case ok:
			batch = append(batch, from.scribe.conceal(rec))
		default:
			done, known := from.line(text)
			if !known {
				n.Skipped++
			}
			batch = append(batch, done...)
		}
		if len(batch) >= exportStep {
			if err := flush(); err != nil {
				return n, err
			}
		}
	}
	batch = append(batch, from.rest()...)
	return n, errors.Join(flush(), lines.Err())
}

// parseRecord reads a line of an export.
func parseRecord(text []byte) (*Record, bool) {
	var r Record
	if json.Unmarshal(text, &r) != nil || r.ID == "" || len(r.Components) == 0 || r.Time.IsZero() {
		return nil, false
	}
	r.Inbound = r.Direction == "inbound"
	return &r, true
}

// conceal keeps of a record what the configuration lets.
func (s addressWriter) conceal(r *Record) *Record {
	r.Sender = s.address(r.Sender)
	for i := range r.Components {
		c := &r.Components[i]
		c.Organizer = s.address(c.Organizer)
		if !s.texts {
			c.Summary, c.Location = "", ""
		}
		if !s.texts || s.hashed {
			c.Kept = "" // it has them in it
		}
		for k := range c.Attendees {
			c.Attendees[k].Address = s.address(c.Attendees[k].Address)
		}
	}
	for i := range r.Deliveries {
		d := &r.Deliveries[i]
		d.Reply, d.Bounce = s.words(d.Reply, d.Attendee), s.words(d.Bounce, d.Attendee)
		d.Attendee = s.address(d.Attendee)
	}
	return r
}

// Backup writes a consistent copy of the ledger to file, and the key of the hashes
// to a file beside it. A server may be running.
func Backup(ctx context.Context, dir, file string) error {
	path := filepath.Join(dir, FileName)
	if _, err := os.Stat(path); err != nil {
		return err
	}
	if _, err := os.Stat(file); err == nil {
		return fmt.Errorf("%s exists; name another file", file)
	}
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return err
	}
	defer db.Close()
	if lacks, err := catchUp(ctx, dir, db); err != nil {
		return fmt.Errorf("%d records are in the journal and cannot be moved to the database: %w", lacks, err)
	}
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", file); err != nil {
		return err
	}
	if err := os.Chmod(file, 0o600); err != nil {
		return err
	}
	key, err := os.ReadFile(filepath.Join(dir, keyFile))
	if err != nil {
		return err
	}
	return os.WriteFile(file+".key", key, 0o600)
}

// Check reads the whole file and returns the errors in it.
func (r *Reader) Check(ctx context.Context) ([]string, error) {
	var faults []string
	rows, err := r.db.QueryContext(ctx, "PRAGMA integrity_check(20)")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		if text != "ok" {
			faults = append(faults, text)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, q := range []struct{ text, fault string }{
		{"SELECT count(*) FROM component WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.id = component.message)", "components without their message"},
		{"SELECT count(*) FROM delivery WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.id = delivery.message)", "deliveries without their message"},
		{"SELECT count(*) FROM component WHERE NOT EXISTS (SELECT 1 FROM meeting m WHERE m.id = component.meeting)", "components without their meeting"},
	} {
		var n int
		if err := r.db.QueryRowContext(ctx, q.text).Scan(&n); err != nil {
			return nil, err
		}
		if n > 0 {
			faults = append(faults, fmt.Sprintf("%d %s", n, q.fault))
		}
	}
	return faults, nil
}
