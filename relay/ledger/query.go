package ledger

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Query says which meetings are wanted; of several conditions all hold.
type Query struct {
	Since, Until time.Time
	Organizer    string
	Attendee     string
	Domain       string // of an attendee
	Method       string
	Search       string // in UID, summary and place
	Undelivered  bool   // somebody did not get the newest revision
	NotNotified  bool
	Limit        int // 0: all
}

// List returns what a query chooses, the newest first.
func (r *Reader) List(ctx context.Context, q Query, now time.Time, rule Rule) ([]Summary, error) {
	where, args := []string{"last >= ?"}, []any{q.Since.UnixMilli()}
	add := func(condition string, values ...string) {
		where = append(where, condition)
		for _, v := range values {
			args = append(args, v)
		}
	}
	if !q.Until.IsZero() {
		where, args = append(where, "last <= ?"), append(args, q.Until.UnixMilli())
	}
	if q.Attendee != "" {
		s := r.scribe.spellings(q.Attendee)
		add("id IN (SELECT c.meeting FROM delivery d CROSS JOIN component c ON c.message = d.message WHERE d.attendee IN (?, ?))", s[0], s[len(s)-1])
	}
	if q.Domain != "" {
		add("id IN (SELECT c.meeting FROM delivery d CROSS JOIN component c ON c.message = d.message WHERE d.domain = ?)", strings.ToLower(q.Domain))
	}
	if q.Organizer != "" {
		s := r.scribe.spellings(q.Organizer)
		add("EXISTS (SELECT 1 FROM component c WHERE c.meeting = meeting.id AND c.organizer IN (?, ?))", s[0], s[len(s)-1])
	}
	if q.Method != "" {
		add("EXISTS (SELECT 1 FROM component c WHERE c.meeting = meeting.id AND c.method_sent = ?)", strings.ToUpper(q.Method))
	}
	if q.Search != "" {
		add("(instr(lower(uid), ?) OR EXISTS (SELECT 1 FROM component c WHERE c.meeting = meeting.id AND (instr(lower(c.summary), ?) OR instr(lower(c.location), ?))))",
			strings.ToLower(q.Search), strings.ToLower(q.Search), strings.ToLower(q.Search))
	}
	choice := "SELECT id FROM meeting WHERE " + strings.Join(where, " AND ")
	if q.Limit > 0 && !q.Undelivered && !q.NotNotified {
		choice += " ORDER BY last DESC, id DESC LIMIT ?"
		args = append(args, q.Limit)
	}
	meetings, err := r.load(ctx, choice, args...)
	if err != nil {
		return nil, err
	}
	list := []Summary{}
	for _, m := range meetings {
		s := m.Summarize(now, rule)
		if q.Undelivered && s.Untold == 0 || q.NotNotified && s.Missing == 0 {
			continue
		}
		list = append(list, s)
	}
	slices.SortStableFunc(list, func(a, b Summary) int { return b.Time.Compare(a.Time) })
	if q.Limit > 0 && len(list) > q.Limit {
		list = list[:q.Limit]
	}
	return list, nil
}
