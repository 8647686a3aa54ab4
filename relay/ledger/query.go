package ledger

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Query selects meetings; all conditions that are set must be met.
type Query struct {
	Since, Until time.Time
	Organizer    string
	Attendee     string
	Domain       string // of an attendee
	Method       string
	Search       string // in UID, summary and location
	Undelivered  bool   // somebody did not get the newest revision
	NotNotified  bool
	Suspect      bool // Exchange may be unable to send the next revision
	Limit        int  // 0: all
}

// mayBeUntimed selects the meetings that Meeting.suspects looks at; each half is the
// condition of a partial index.
const mayBeUntimed = `SELECT meeting FROM component INDEXED BY component_untimed WHERE instr(attendees, ' 1601' || char(10))
  UNION SELECT c.meeting FROM message m INDEXED BY message_untimed CROSS JOIN component c ON c.message = m.id
  WHERE instr(m.findings, 'kb-1601-tracktime') OR instr(m.findings, 'cdo-critical-change-missing') AND NOT instr(m.applied, 'cdo-critical-change-missing')`

// List returns the meetings that a query selects, the newest first.
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
		s := r.addresses.spellings(q.Attendee)
		add("id IN (SELECT c.meeting FROM delivery d CROSS JOIN component c ON c.message = d.message WHERE d.attendee IN (?, ?))", s[0], s[len(s)-1])
	}
	if q.Domain != "" {
		add("id IN (SELECT c.meeting FROM delivery d CROSS JOIN component c ON c.message = d.message WHERE d.domain = ?)", strings.ToLower(q.Domain))
	}
	if q.Organizer != "" {
		s := r.addresses.spellings(q.Organizer)
		add("EXISTS (SELECT 1 FROM component c WHERE c.meeting = meeting.id AND c.organizer IN (?, ?))", s[0], s[len(s)-1])
	}
	if q.Method != "" {
		add("EXISTS (SELECT 1 FROM component c WHERE c.meeting = meeting.id AND c.method_sent = ?)", strings.ToUpper(q.Method))
	}
	if q.Search != "" {
		found, err := r.search(ctx, q)
		if err != nil {
			return nil, err
		}
		add("id IN (SELECT value FROM json_each(?))", found)
	}
	if q.Suspect {
		add("id IN (" + mayBeUntimed + ")")
	}
	choice := "SELECT id FROM meeting WHERE " + strings.Join(where, " AND ")
	if q.Limit > 0 && !q.Undelivered && !q.NotNotified && !q.Suspect {
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
		if q.Undelivered && s.Untold == 0 || q.NotNotified && s.Missing == 0 || q.Suspect && s.Suspect == 0 {
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

// search returns the meetings that contain a text, as a JSON list. The engine's own
// lower() knows ASCII only.
func (r *Reader) search(ctx context.Context, q Query) (string, error) {
	rows, err := r.db.QueryContext(ctx, `SELECT m.id, m.uid, coalesce(c.summary, ''), coalesce(c.location, '') FROM meeting m CROSS JOIN component c ON c.meeting = m.id
  WHERE m.last >= ?`, q.Since.UnixMilli())
	if err != nil {
		return "", err
	}
	defer rows.Close()
	wanted := strings.ToLower(q.Search)
	ids := []int64{}
	for rows.Next() {
		var id int64
		var texts [3]string
		if err := rows.Scan(&id, &texts[0], &texts[1], &texts[2]); err != nil {
			return "", err
		}
		if n := len(ids); n > 0 && ids[n-1] == id {
			continue
		}
		if slices.ContainsFunc(texts[:], func(t string) bool { return strings.Contains(strings.ToLower(t), wanted) }) {
			ids = append(ids, id)
		}
	}
	if err := rows.Err(); err != nil {
		return "", err
	}
	list, err := json.Marshal(ids)
	return string(list), err
}
