package ledger

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/reconvene/reconvene/relay"
	"github.com/reconvene/reconvene/relay/envelope"
)

// bounce is a delivery status notification about a message that may have passed
// here.
type bounce struct {
	id     string // of the transaction that brought it
	at     time.Time
	msgid  string
	envid  string
	uids   []string // of the meetings in the mail that it returns
	failed []failure
}

type failure struct {
	spellings []string // of the recipient
	words     string
	evidence  []Evidence
}

// bounce returns the failed deliveries that a message reports; nil when it is no
// such notification.
func (s addressWriter) bounce(e *relay.Event) *bounce {
	if e.Report == nil {
		return nil
	}
	b := &bounce{id: e.ID, at: e.At, msgid: e.Report.MessageID, envid: e.Report.EnvID}
	if e.Meeting != nil {
		for _, m := range e.Meeting.Calendars {
			for _, c := range m.Components {
				if m.Enclosed && c.Sent.UID != "" {
					b.uids = append(b.uids, c.Sent.UID)
				}
			}
		}
	}
	for _, r := range e.Report.Recipients {
		if r.Action != "failed" {
			continue
		}
		f := failure{words: strings.TrimSpace(r.Status + " " + r.Diagnostic)}
		for _, a := range []string{r.Original, r.Final} {
			if a != "" {
				f.words = s.words(f.words, a)
				f.spellings = append(f.spellings, s.spellings(a)...)
			}
		}
		if ev, ok := bounceEvidence(r.Final, f.words, e.At); ok && e.Inbound {
			f.evidence = append(f.evidence, ev)
		}
		b.failed = append(b.failed, f)
	}
	if len(b.failed) == 0 || b.msgid == "" && b.envid == "" && len(b.uids) == 0 {
		return nil
	}
	return b
}

// write notes the failures at the deliveries that they are about: those of the
// message with that Message-ID, else with that ENVID, else the newest of the
// meeting that is returned. missed reports that there is none for one of the failures.
func (b *bounce) write(ctx context.Context, db *sql.DB) (missed bool, err error) {
	for _, f := range b.failed {
		found := false
		for _, choice := range b.choices() {
			n, err := f.note(ctx, db, b.at, choice.query, choice.arg)
			if err != nil {
				return missed, err
			}
			if n == 0 {
				continue
			}
			found = true
			for _, ev := range f.evidence { // only of what passed here: anybody can write a notification
				if _, err := db.ExecContext(ctx, upsertEvidence, ev.Domain, ev.Kind, ev.Profile, ev.Text, ev.Seen.UnixMilli()); err != nil {
					return missed, err
				}
			}
			break
		}
		missed = missed || !found
	}
	return missed, nil
}

type choice struct {
	query string
	arg   any
}

func (b *bounce) choices() []choice {
	var list []choice
	if b.msgid != "" {
		list = append(list, choice{"SELECT id FROM message WHERE msgid = ? AND msgid <> ''", b.msgid})
	}
	if b.envid != "" { // decoded, as RFC 3464 §2.2.1 has it, or as it came
		list = append(list, choice{"SELECT id FROM message WHERE envid = ? AND envid <> ''", b.envid})
		if decoded := envelope.DecodeXtext(b.envid); decoded != b.envid {
			list = append(list, choice{"SELECT id FROM message WHERE envid = ? AND envid <> ''", decoded})
		}
	}
	for _, uid := range b.uids {
		list = append(list, choice{`SELECT c.message FROM component c JOIN message m ON m.id = c.message WHERE NOT m.inbound
  AND c.meeting = (SELECT id FROM meeting WHERE uid = ?) ORDER BY m.time DESC LIMIT 1`, uid})
	}
	return list
}

// note marks the deliveries of the messages that a query selects, and returns their
// number. One that is marked already stays as it is and counts, so that the same
// notification is not looked for elsewhere when it is received again.
func (f failure) note(ctx context.Context, db *sql.DB, at time.Time, query string, arg any) (n int64, err error) {
	for _, a := range f.spellings {
		res, err := db.ExecContext(ctx, "UPDATE delivery SET bounced = coalesce(bounced, ?), bounce = iif(bounced IS NULL, ?, bounce) WHERE verdict = 'delivered' AND attendee = ? AND message IN ("+query+")",
			at.UnixMilli(), f.words, a, arg)
		if err != nil {
			return n, err
		}
		marked, err := res.RowsAffected()
		if err != nil {
			return n, err
		}
		n += marked
	}
	if n > 0 {
		_, err = db.ExecContext(ctx, "UPDATE meeting SET last = max(last, ?) WHERE id IN (SELECT meeting FROM component WHERE message IN ("+query+"))", at.UnixMilli(), arg)
	}
	return n, err
}
