package ledger

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/reconvene/reconvene/rewrite/remedy"
)

// Bounds of a look-up for a repair: a mail never waits long for what would be good
// to know.
const (
	recallWait       = 50 * time.Millisecond
	recallRevisions  = 200 // of one meeting, the newest
	recallRecipients = 50  // whose deliveries are told apart; of more, all count
	recallInvitees   = 500 // deliveries to an attendee that are looked through
)

// Recall is what is remembered for the repair of one message. It implements
// [remedy.Memory].
type Recall struct {
	ledger     *Ledger
	inbound    bool
	recipients []string
}

// Recall returns the memory for a message to those recipients.
func (l *Ledger) Recall(inbound bool, recipients []string) remedy.Memory {
	return &Recall{l, inbound, recipients}
}

// remembering is the reader for look-ups, and what is known without one.
type remembering struct {
	mu        sync.Mutex
	reader    *Reader
	ready     bool                // the file is there and has this release's schema
	raised    map[string]bool     // UIDs, in lower case
	receivers map[string]Receiver // by domain
	forms     forms
	failed    time.Time // when the file could not be read
}

// forgetful is how long the file is left alone when it could not be read.
const forgetful = 5 * time.Second

// recall runs a look-up with its deadline; false when there is no answer in time.
func (l *Ledger) recall(look func(context.Context, *Reader) error) bool {
	ctx, cancel := context.WithTimeout(context.Background(), recallWait)
	defer cancel()
	r := l.recallReader(ctx)
	if r == nil {
		return false
	}
	began := time.Now()
	err := look(ctx, r)
	l.mu.Lock()
	l.counts.Recalls++
	if err != nil {
		l.counts.RecallsFailed++
	}
	l.counts.RecallTook += time.Since(began)
	l.mu.Unlock()
	if err != nil {
		l.memory.mu.Lock()
		l.memory.failed = l.opt.Now()
		l.memory.mu.Unlock()
	}
	return err == nil
}

func (l *Ledger) recallReader(ctx context.Context) *Reader {
	m := &l.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.ready || !m.failed.IsZero() && l.opt.Now().Sub(m.failed) < forgetful {
		return nil
	}
	if m.reader == nil {
		r, err := l.reader(ctx)
		if err != nil {
			m.failed = l.opt.Now()
			return nil
		}
		m.reader = r
	}
	return m.reader
}

// closeRecall ends the reader for look-ups.
func (l *Ledger) closeRecall() {
	l.memory.mu.Lock()
	defer l.memory.mu.Unlock()
	if l.memory.reader != nil {
		l.memory.reader.Close()
		l.memory.reader = nil
	}
	l.memory.failed = l.opt.Now().Add(1000 * time.Hour) // nothing is read any more
}

// Raised implements [remedy.Memory].
func (r *Recall) Raised(uid string) bool {
	r.ledger.memory.mu.Lock()
	defer r.ledger.memory.mu.Unlock()
	return r.ledger.memory.raised[strings.ToLower(uid)]
}

// noteRaised keeps in mind which meetings have a number that a repair raised.
func (l *Ledger) noteRaised(records []*Record) {
	l.memory.mu.Lock()
	defer l.memory.mu.Unlock()
	for _, rec := range records {
		for i := range rec.Components {
			if c := &rec.Components[i]; c.Number != nil && c.SeqSent > *c.Number {
				l.memory.raised[strings.ToLower(c.UID)] = true
			}
		}
	}
}

// loadRaised reads which those are.
func (l *Ledger) loadRaised(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, "SELECT DISTINCT lower(u.uid) FROM component c INDEXED BY component_raised JOIN meeting u ON u.id = c.meeting WHERE c.seq_sent > c.revision")
	if err != nil {
		return err
	}
	defer rows.Close()
	l.memory.mu.Lock()
	defer l.memory.mu.Unlock()
	for rows.Next() {
		var uid string
		if err := rows.Scan(&uid); err != nil {
			return err
		}
		l.memory.raised[uid] = true
	}
	l.memory.ready = rows.Err() == nil
	return rows.Err()
}

// Meeting implements [remedy.Memory].
func (r *Recall) Meeting(uid string) (p remedy.Past, ok bool) {
	ok = uid != "" && r.ledger.recall(func(ctx context.Context, from *Reader) (err error) {
		p, err = from.past(ctx, uid, r.inbound, r.recipients)
		return err
	})
	return p, ok && (len(p.Revisions) > 0 || len(p.Invitation) > 0)
}

// past reads what was delivered of a meeting to any of the recipients.
func (r *Reader) past(ctx context.Context, uid string, inbound bool, recipients []string) (p remedy.Past, err error) {
	args := []any{uid, inbound}
	among := ""
	if len(recipients) <= recallRecipients {
		var marks []string
		for _, to := range recipients {
			for _, s := range r.scribe.spellings(to) {
				marks, args = append(marks, "?"), append(args, s)
			}
		}
		among = " AND d.attendee IN (" + strings.Join(marks, ",") + ")"
	}
	rows, err := r.db.QueryContext(ctx, `SELECT coalesce(m.msgid, ''), c.occurrence, c.method_sent, coalesce(c.revision, max(c.seq, c.seq_sent)), c.seq_sent, c.dtstamp, c.dtstamp_sent
  FROM component c CROSS JOIN message m ON m.id = c.message WHERE c.meeting = (SELECT id FROM meeting WHERE uid = ?) AND m.inbound = ?
  AND c.method_sent IN ('REQUEST', 'CANCEL', 'ADD', 'PUBLISH')
  AND EXISTS (SELECT 1 FROM delivery d WHERE d.message = m.id AND d.verdict = 'delivered' AND d.bounced IS NULL`+among+`)
  ORDER BY c.message DESC, c.number LIMIT `+strconv.Itoa(recallRevisions), args...)
	if err != nil {
		return p, err
	}
	defer rows.Close()
	for rows.Next() {
		var rev remedy.Revision
		if err := rows.Scan(&rev.MessageID, &rev.Occurrence, &rev.Method, &rev.Number, &rev.SeqSent, &rev.Stamp, &rev.StampSent); err != nil {
			return p, err
		}
		p.Revisions = append(p.Revisions, rev)
	}
	if err := rows.Err(); err != nil {
		return p, err
	}
	slices.Reverse(p.Revisions)
	err = r.db.QueryRowContext(ctx, "SELECT text FROM kept WHERE meeting = (SELECT id FROM meeting WHERE uid = ?) ORDER BY occurrence LIMIT 1", uid).Scan(&p.Invitation)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return p, err
}

// Invited implements [remedy.Memory]. An answer comes the other way.
func (r *Recall) Invited(attendee, organizer, summary string, start time.Time) (uid string, ok bool) {
	ok = r.ledger.recall(func(ctx context.Context, from *Reader) (err error) {
		uid, err = from.invited(ctx, attendee, organizer, summary, start, r.inbound)
		return err
	})
	return uid, ok && uid != ""
}

func (r *Reader) invited(ctx context.Context, attendee, organizer, summary string, start time.Time, inbound bool) (uid string, err error) {
	s, o := r.scribe.spellings(attendee), r.scribe.spellings(organizer)
	rows, err := r.db.QueryContext(ctx, `SELECT DISTINCT u.uid, c.summary FROM (SELECT message FROM delivery WHERE attendee IN (?, ?) AND verdict = 'delivered'
  ORDER BY message DESC LIMIT `+strconv.Itoa(recallInvitees)+`) d CROSS JOIN message m ON m.id = d.message CROSS JOIN component c ON c.message = d.message CROSS JOIN meeting u ON u.id = c.meeting
  WHERE m.inbound <> ? AND c.start = ? AND c.organizer IN (?, ?) AND c.method_sent = 'REQUEST' AND c.occurrence = ''`,
		s[0], s[len(s)-1], inbound, start.UnixMilli(), o[0], o[len(o)-1])
	if err != nil {
		return "", err
	}
	defer rows.Close()
	for rows.Next() {
		var found, called string
		if err := rows.Scan(&found, &called); err != nil {
			return "", err
		}
		switch {
		case called != "" && summary != "" && !strings.Contains(strings.ToLower(summary), strings.ToLower(called)):
		case uid != "" && uid != found:
			return "", rows.Err() // more than one: nobody knows which is meant
		default:
			uid = found
		}
	}
	return uid, rows.Err()
}
