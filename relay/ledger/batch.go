package ledger

import (
	"cmp"
	"context"
	"strings"
)

// batch is what the records of one transaction have in common: a meeting is looked up once,
// however many of them are about it, and of its invitations only the newest is stored.
type batch struct {
	meetings map[string]*meetingRow // by UID
	kept     map[part]invitation
}

type meetingRow struct {
	id     int64
	stored int64 // its last message, as it is stored; 0: not known
	last   int64 // the last message in the batch
}

// part is a series or an occurrence.
type part struct {
	meeting    int64
	occurrence string
}

// invitation is a component that is kept.
type invitation struct {
	message   int64
	record    *Record
	component *Component
}

func newBatch() batch { return batch{map[string]*meetingRow{}, map[part]invitation{}} }

// keep notes an invitation, unless a newer one of the same part is noted; see upsertKept.
func (b *batch) keep(p part, i invitation) {
	if have, ok := b.kept[p]; !ok || i.compare(have) >= 0 {
		b.kept[p] = i
	}
}

func (i invitation) compare(other invitation) int {
	a, b := i.component, other.component
	return cmp.Or(cmp.Compare(a.number(), b.number()), strings.Compare(a.Stamp, b.Stamp),
		cmp.Compare(i.record.Time.UnixMilli(), other.record.Time.UnixMilli()), strings.Compare(i.record.ID, other.record.ID))
}

// meetingOf returns the row of a meeting, which is made where there is none.
func (s *statements) meetingOf(ctx context.Context, uid string, at int64) (int64, error) {
	if m := s.batch.meetings[uid]; m != nil {
		m.last = max(m.last, at)
		return m.id, nil
	}
	m := &meetingRow{last: at}
	res, err := s.exec(ctx, s.meeting, uid, at)
	if err != nil {
		return 0, err
	}
	if n, err := res.RowsAffected(); err != nil {
		return 0, err
	} else if n > 0 {
		m.stored = at
		m.id, err = res.LastInsertId()
		if err != nil {
			return 0, err
		}
	} else if m.id, _, err = s.number(ctx, s.meetingID, uid); err != nil {
		return 0, err
	}
	s.batch.meetings[uid] = m
	return m.id, nil
}

// finish stores what is common to the records of the batch.
func (s *statements) finish(ctx context.Context) error {
	for _, m := range s.batch.meetings {
		if m.last == m.stored {
			continue
		}
		if _, err := s.exec(ctx, s.meetingLast, m.last, m.id); err != nil {
			return err
		}
	}
	for p, i := range s.batch.kept {
		c := i.component
		if _, err := s.exec(ctx, s.kept, p.meeting, p.occurrence, i.message, c.number(), c.Stamp, c.Language, []byte(c.Kept)); err != nil {
			return err
		}
	}
	return nil
}
