package logfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Meeting is what the recipients of one meeting have of it.
type Meeting struct {
	UID        string      `json:"uid"`
	Recipients []Recipient `json:"recipients"`
}

// Recipient is what one recipient has of a meeting.
type Recipient struct {
	Address string      `json:"address"`
	Has     *Revision   `json:"has,omitempty"`      // the last that was delivered as a meeting
	Text    *Revision   `json:"got_text,omitempty"` // a later one that was delivered as a text only
	Missed  []*Revision `json:"missed,omitempty"`   // those that were not delivered in any form
}

// Status returns the recipient's state in one word.
func (r Recipient) Status() string {
	switch {
	case len(r.Missed) > 0 && r.Has == nil && r.Text == nil:
		return "not notified"
	case len(r.Missed) > 0:
		return "not notified of the last"
	case r.Text != nil:
		return "only got a text"
	}
	return "notified"
}

// Revision is one revision of a meeting in a message to one recipient.
type Revision struct {
	ID           string    `json:"id"`
	Time         time.Time `json:"time"`
	Method       string    `json:"method,omitempty"`
	RecurrenceID string    `json:"recurrence_id,omitempty"`
	Sequence     int       `json:"sequence"` // as sent
	Verdict      string    `json:"verdict"`
	Code         int       `json:"code,omitempty"`
	Reply        string    `json:"reply,omitempty"`
	Why          string    `json:"why,omitempty"`
	NextHop      string    `json:"nexthop,omitempty"`
}

// Meetings returns who has which revision of the meetings in these messages, which
// must be ordered by time. If q has a UID only that meeting is returned, if it has a
// recipient only that recipient.
func Meetings(messages []*Message, q Query) []Meeting {
	var all []Meeting
	at := map[string]int{}
	for _, m := range messages {
		for _, r := range m.Recipients {
			if q.To != "" && !strings.EqualFold(bare(r.Get("to")), bare(q.To)) {
				continue
			}
			for _, c := range m.about(r) {
				u := first(c, "uid")
				if !q.about(u) && !q.about(c.Get("uid")) {
					continue
				}
				i, known := at[u]
				if !known {
					i = len(all)
					at[u], all = i, append(all, Meeting{UID: u})
				}
				all[i].note(r.Get("to"), revision(c, r), r.Get("outcome") == "notice")
			}
		}
	}
	return all
}

// about reports whether a meeting is asked for.
func (q Query) about(uid string) bool {
	return (q.UID == "" || strings.EqualFold(uid, q.UID)) && (q.uids == nil || q.uids[strings.ToLower(uid)])
}

// about returns the lines that describe what a recipient's message is about: those
// of its components, where it has several, else the recipient's own. Where a meeting
// comes as a series with exceptions, the series stands for all of it. One without a
// revision was only enclosed in another message: it tells the recipient nothing.
func (m *Message) about(r *Line) []*Line {
	list := m.Components
	if len(list) == 0 {
		list = []*Line{r}
	}
	whole := map[string]bool{}
	for _, c := range list {
		if first(c, "recurrence_id") == "" {
			whole[first(c, "uid")] = true
		}
	}
	var out []*Line
	noted := map[[2]string]bool{}
	for _, c := range list {
		key := [2]string{first(c, "uid"), first(c, "recurrence_id")}
		if key[0] == "" || c.Get("seq") == "" || noted[key] || key[1] != "" && whole[key[0]] {
			continue
		}
		noted[key] = true
		out = append(out, c)
	}
	return out
}

// revision is what the line of a component says, with the recipient's verdict.
func revision(c, to *Line) *Revision {
	r := &Revision{ID: to.Get("id"), Time: to.Time, Method: first(c, "method"), RecurrenceID: first(c, "recurrence_id"), Sequence: c.Int("seq"),
		Verdict: to.Get("verdict"), Code: to.Int("code"), Reply: to.Get("reply"), Why: to.Get("why"), NextHop: to.Get("nexthop")}
	if c.Get("seq_sent") != "" {
		r.Sequence = c.Int("seq_sent")
	}
	return r
}

// first is a value as sent, where that differs, else as received.
func first(l *Line, key string) string {
	if v := l.Get(key + "_sent"); v != "" {
		return v
	}
	return l.Get(key)
}

// note takes the next revision into a recipient's state.
func (m *Meeting) note(address string, r *Revision, text bool) {
	i := slices.IndexFunc(m.Recipients, func(have Recipient) bool { return strings.EqualFold(have.Address, address) })
	if i < 0 {
		i = len(m.Recipients)
		m.Recipients = append(m.Recipients, Recipient{Address: address})
	}
	to := &m.Recipients[i]
	if r.Verdict == "delivered" {
		to.Missed = slices.DeleteFunc(to.Missed, r.replaces)
		switch {
		case text && to.Text != nil && to.Text.ID == r.ID, !text && to.Has != nil && to.Has.ID == r.ID:
			// another occurrence in the same message
		case text:
			to.Text = r
		default:
			to.Has, to.Text = r, nil
		}
		return
	}
	to.Missed = slices.DeleteFunc(to.Missed, r.replaces)
	if to.Has == nil || to.Has.RecurrenceID != r.RecurrenceID || to.Has.Sequence <= r.Sequence {
		to.Missed = append(to.Missed, r)
	}
}

// replaces reports whether a revision replaces an older one: it is about the same
// occurrences, or calls all of them off.
func (r *Revision) replaces(old *Revision) bool {
	return r.RecurrenceID == old.RecurrenceID || r.RecurrenceID == "" && r.Method == "CANCEL"
}

// String returns the revision on one line.
func (r *Revision) String() string {
	s := fmt.Sprintf("%s revision %d of %s", cmp.Or(r.Method, "message"), r.Sequence, r.Time.Format("2006-01-02 15:04:05Z07:00"))
	if r.RecurrenceID != "" {
		s += " for the occurrence " + r.RecurrenceID
	}
	return s + ", id " + r.ID
}
