package ledger

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/reconvene/reconvene/rewrite/remedy"
)

// Bounds of a look-up for a repair: a mail never waits long for what would be good
// to know.
const (
	recallWait       = 500 * time.Millisecond
	recallRecipients = 50 // whose deliveries are told apart; of more, all count
)

// recall implements [remedy.Memory] for the repair of one message.
type recall struct {
	ledger     *Ledger
	inbound    bool
	recipients []string
}

// Recall returns the memory for a message to those recipients.
func (l *Ledger) Recall(inbound bool, recipients []string) remedy.Memory {
	return &recall{l, inbound, recipients}
}

// lookupState has the reader for look-ups, and what is known without one.
type lookupState struct {
	mu        sync.Mutex
	reader    *Reader
	ready     bool                // the file is there and has this release's schema
	raised    map[string]bool     // UIDs, in lower case
	receivers map[string]Receiver // by domain
	forms     forms
	failed    time.Time // when the file could not be read
	late      int       // look-ups in a row that did not end in time
}

const (
	// pauseAfterFault is how long no look-up is made after the file could not be
	// read, or after maxLate consecutive look-ups had no result in time: messages
	// must not wait for each of them.
	pauseAfterFault = 5 * time.Second
	maxLate         = 3
)

// lookUp runs a look-up with its deadline; it returns false when there is no result
// in time.
func (l *Ledger) lookUp(look func(context.Context, *Reader) error) bool {
	ctx, cancel := context.WithTimeout(context.Background(), l.opt.recallWait)
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
	l.memory.answered(l.opt.Now(), err, ctx.Err() != nil)
	return err == nil
}

// answered notes how a look-up ended; late says that its time was over.
func (m *lookupState) answered(now time.Time, err error, late bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case err == nil:
		m.late = 0
		return
	case late:
		if m.late++; m.late < maxLate {
			return
		}
	}
	m.late, m.failed = 0, now
}

func (l *Ledger) recallReader(ctx context.Context) *Reader {
	m := &l.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.ready || !m.failed.IsZero() && l.opt.Now().Sub(m.failed) < pauseAfterFault {
		return nil
	}
	if m.reader == nil {
		r, err := l.Reader(ctx)
		if err != nil {
			m.failed = l.opt.Now()
			return nil
		}
		m.reader = r
	}
	return m.reader
}

// warmRecall opens the connections for look-ups before the first message asks, so
// that its time is not spent on that. When the file has been replaced, what was
// open is of the old one. Without success the first look-up tries again.
func (l *Ledger) warmRecall(ctx context.Context) {
	r, err := l.Reader(ctx)
	if err != nil {
		return
	}
	_ = r.lookups.warm(ctx, r.db)
	l.memory.mu.Lock()
	defer l.memory.mu.Unlock()
	if l.memory.reader != nil {
		l.memory.reader.Close()
	}
	l.memory.reader = r
}

// dropRecall closes the reader for look-ups; the next one opens another.
func (l *Ledger) dropRecall() {
	l.memory.mu.Lock()
	defer l.memory.mu.Unlock()
	if l.memory.reader != nil {
		l.memory.reader.Close()
		l.memory.reader = nil
	}
}

// closeRecall ends the reader for look-ups.
func (l *Ledger) closeRecall() {
	l.dropRecall()
	l.memory.mu.Lock()
	defer l.memory.mu.Unlock()
	l.memory.failed = l.opt.Now().Add(1000 * time.Hour) // nothing is read any more
}

// Raised implements [remedy.Memory].
func (r *recall) Raised(uid string) bool {
	r.ledger.memory.mu.Lock()
	defer r.ledger.memory.mu.Unlock()
	return r.ledger.memory.raised[strings.ToLower(uid)]
}

// note keeps in mind what records say, before the database has them.
func (m *lookupState) note(records []*Record) {
	m.noteRaised(records)
	m.noteReceivers(records)
	m.noteForms(records)
}

// noteRaised keeps in mind which meetings have a number that a repair raised.
func (m *lookupState) noteRaised(records []*Record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, rec := range records {
		for i := range rec.Components {
			if c := &rec.Components[i]; c.Number != nil && c.SeqSent > *c.Number {
				m.raised[strings.ToLower(c.UID)] = true
			}
		}
	}
}

// loadRaised reads which those are.
func (m *lookupState) loadRaised(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, "SELECT DISTINCT lower(u.uid) FROM component c INDEXED BY component_raised JOIN meeting u ON u.id = c.meeting WHERE c.seq_sent > c.revision")
	if err != nil {
		return err
	}
	defer rows.Close()
	m.mu.Lock()
	defer m.mu.Unlock()
	for rows.Next() {
		var uid string
		if err := rows.Scan(&uid); err != nil {
			return err
		}
		m.raised[uid] = true
	}
	m.ready = rows.Err() == nil
	return rows.Err()
}

// Meeting implements [remedy.Memory].
func (r *recall) Meeting(uid string) (p remedy.Past, ok bool) {
	k := known{uid: uid, inbound: r.inbound}
	ok = uid != "" && r.ledger.lookUp(func(ctx context.Context, from *Reader) error {
		if len(r.recipients) <= recallRecipients {
			k.attendees = from.addresses.allSpellings(r.recipients)
		}
		pending := r.ledger.pending(uid) // before the database is read, so that none is missed
		if err := from.past(ctx, &k); err != nil {
			return err
		}
		for _, rec := range pending {
			k.add(rec)
		}
		return nil
	})
	p = remedy.Past{Revisions: k.revisions, Invitation: k.kept.text}
	return p, ok && (len(p.Revisions) > 0 || len(p.Invitation) > 0)
}

// past reads what was delivered of a meeting to any of the recipients.
func (r *Reader) past(ctx context.Context, k *known) error {
	stmt, err := r.lookups.prepared(ctx, r.db, meetingKnown)
	if err != nil {
		return err
	}
	var meeting int64
	err = stmt.QueryRowContext(ctx, k.uid).Scan(&meeting, &k.kept.occurrence, &k.kept.number, &k.kept.stamp, &k.kept.text)
	if err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return err
	}
	query, args := meetingPast, []any{meeting, k.inbound}
	if k.attendees != nil {
		query, args = pastOf(len(k.attendees)), append(args, padded(k.attendees)...)
	}
	if stmt, err = r.lookups.prepared(ctx, r.db, query); err != nil {
		return err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	if k.revisions, err = newest(rows); err != nil {
		return err
	}
	slices.Reverse(k.revisions)
	return nil
}

// newest reads revisions, the newest first: of each occurrence, and of the series, as many as
// a repair needs. It ends when a long sequence of rows had no other ones.
func newest(rows *sql.Rows) (list []remedy.Revision, err error) {
	have := map[string]int{}
	for extra := 0; extra < enoughExtra && rows.Next(); {
		var rev remedy.Revision
		if err := rows.Scan(&rev.MessageID, &rev.Occurrence, &rev.Method, &rev.Number, &rev.SeqSent, &rev.Stamp, &rev.StampSent); err != nil {
			return nil, err
		}
		if have[rev.Occurrence]++; have[rev.Occurrence] > enoughRevisions {
			extra++
			continue
		}
		extra = 0
		list = append(list, rev)
	}
	return list, rows.Err()
}

// Invited implements remedy.Memory. It searches the other direction, since an answer
// travels against the invitation.
func (r *recall) Invited(attendee, organizer, summary string, start time.Time) (uid string, ok bool) {
	ok = r.ledger.lookUp(func(ctx context.Context, from *Reader) (err error) {
		if err := r.ledger.settle(ctx); err != nil {
			return err
		}
		uid, err = from.invited(ctx, attendee, organizer, summary, start, r.inbound)
		return err
	})
	return uid, ok && uid != ""
}

func (r *Reader) invited(ctx context.Context, attendee, organizer, summary string, start time.Time, inbound bool) (uid string, err error) {
	s, o := r.addresses.spellings(attendee), r.addresses.spellings(organizer)
	stmt, err := r.lookups.prepared(ctx, r.db, whoseInvitation)
	if err != nil {
		return "", err
	}
	rows, err := stmt.QueryContext(ctx, s[0], s[len(s)-1], inbound, start.UnixMilli(), o[0], o[len(o)-1])
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
