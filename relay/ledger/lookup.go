package ledger

import (
	"context"
	"database/sql"
	"strings"
	"sync"
)

// The look-ups for repairs. The newest 200 revisions of a meeting are read at most, and the
// newest 500 deliveries to an attendee looked through.
const (
	// enoughRevisions is how many of one occurrence are read: the newest decide.
	enoughRevisions = 8
	// enoughExtra is how many others in a row end the reading.
	enoughExtra = 16

	meetingKnown = `SELECT u.id, coalesce(k.occurrence, ''), coalesce(k.revision, 0), coalesce(k.dtstamp, ''), k.text
  FROM meeting u LEFT JOIN kept k ON k.meeting = u.id WHERE u.uid = ? ORDER BY k.occurrence LIMIT 1`

	pastRevisions = `SELECT coalesce(m.msgid, ''), c.occurrence, c.method_sent, coalesce(c.revision, max(c.seq, c.seq_sent)), c.seq_sent, c.dtstamp, c.dtstamp_sent
  FROM component c CROSS JOIN message m ON m.id = c.message WHERE c.meeting = ? AND m.inbound = ?
  AND c.method_sent IN ('REQUEST', 'CANCEL', 'ADD', 'PUBLISH')
  AND EXISTS (SELECT 1 FROM delivery d WHERE d.message = m.id AND d.verdict = 'delivered' AND d.bounced IS NULL`
	pastNewest  = ") ORDER BY c.message DESC, c.number LIMIT 200"
	meetingPast = pastRevisions + pastNewest

	whoseInvitation = `SELECT DISTINCT u.uid, c.summary FROM (SELECT message FROM delivery WHERE attendee IN (?, ?) AND verdict = 'delivered'
  ORDER BY message DESC LIMIT 500) d CROSS JOIN message m ON m.id = d.message CROSS JOIN component c ON c.message = d.message CROSS JOIN meeting u ON u.id = c.meeting
  WHERE m.inbound <> ? AND c.start = ? AND c.organizer IN (?, ?) AND c.method_sent = 'REQUEST' AND c.occurrence = ''`
)

// pastOf is meetingPast for that many attendees, or the next power of two: there
// are few of these texts, and each is prepared once.
func pastOf(attendees int) string {
	marks := "?" + strings.Repeat(",?", places(attendees)-1)
	return pastRevisions + " AND d.attendee IN (" + marks + ")" + pastNewest
}

// padded fills the places of pastOf by repeating the last attendee. Without one
// nothing matches.
func padded(attendees []string) []any {
	args := make([]any, places(len(attendees)))
	for i := range args {
		if len(attendees) > 0 {
			args[i] = attendees[min(i, len(attendees)-1)]
		}
	}
	return args
}

func places(attendees int) int {
	n := 1
	for n < attendees {
		n *= 2
	}
	return n
}

// lookups are statements that stay prepared until the database is closed: to
// compile one takes longer than to run it.
type lookups struct {
	mu    sync.Mutex
	texts map[string]*sql.Stmt
}

func (l *lookups) prepared(ctx context.Context, db *sql.DB, text string) (*sql.Stmt, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if stmt := l.texts[text]; stmt != nil {
		return stmt, nil
	}
	stmt, err := db.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	if l.texts == nil {
		l.texts = map[string]*sql.Stmt{}
	}
	l.texts[text] = stmt
	return stmt, nil
}

// warm opens all connections of a reader, and prepares on each of them what the usual
// look-up needs: the first messages do not wait for that.
func (l *lookups) warm(ctx context.Context, db *sql.DB) error {
	for text, args := range map[string][]any{meetingKnown: {""}, pastOf(1): {0, false, ""}, pastOf(2): {0, false, "", ""}} {
		if err := l.onAll(ctx, db, text, args...); err != nil {
			return err
		}
	}
	return nil
}

// onAll executes a look-up on each connection.
func (l *lookups) onAll(ctx context.Context, db *sql.DB, text string, args ...any) error {
	stmt, err := l.prepared(ctx, db, text)
	if err != nil {
		return err
	}
	for range readConnections {
		rows, err := stmt.QueryContext(ctx, args...)
		if err != nil {
			return err
		}
		defer rows.Close() // not before the last one is used
	}
	return nil
}
