package logfile

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Query selects messages. All fields that are set must match; texts are compared
// without regard to case.
type Query struct {
	UID, To, From, MessageID, ID string // as a whole
	Subject                      string // a part of it
	Since, Until                 time.Time

	uids map[string]bool // any of these meetings; nil: all. In small letters
}

// WholeMeetings returns a query for all messages about the meetings of the found
// messages, to the recipient of q if it has one, without its other conditions. It
// returns false when q selects the same already, or when there is no meeting.
func (q Query) WholeMeetings(found []*Message) (Query, bool) {
	whole := Query{UID: q.UID, To: q.To, uids: map[string]bool{}}
	for _, m := range found {
		for _, l := range m.lines() {
			for _, key := range []string{"uid", "uid_sent"} {
				if uid := l.Get(key); uid != "" {
					whole.uids[strings.ToLower(uid)] = true
				}
			}
		}
	}
	only := q
	only.UID, only.To = "", ""
	return whole, len(whole.uids) > 0 && !only.isEmpty()
}

// isEmpty reports whether every message is asked for.
func (q Query) isEmpty() bool {
	return q.UID+q.To+q.From+q.MessageID+q.ID+q.Subject == "" && q.Since.IsZero() && q.Until.IsZero()
}

// Message is one message with the lines that belong to it.
type Message struct {
	Line       *Line // "message"; nil when only others were found
	Components []*Line
	Recipients []*Line
	Before     []*Line // "fallback", "left-alone" and others, in their order
}

// Time returns when the message ended.
func (m *Message) Time() time.Time {
	if m.Line != nil {
		return m.Line.Time
	}
	return m.Before[0].Time
}

// lines returns those that say what the message is about, and to whom it went.
func (m *Message) lines() []*Line {
	lines := append(slices.Clone(m.Components), m.Recipients...)
	if m.Line != nil {
		lines = append(lines, m.Line)
	}
	return lines
}

// Trace collects the messages that a query selects.
type Trace struct {
	q       Query
	open    map[string]*Message // by id; their "message" line was not seen yet
	order   []string            // of open
	current *Message            // whose "recipient" lines are being read
	found   []*Message
	Cut     bool // there were more than maxMessages
}

// maxOpen bounds the messages that are waited for, and maxMessages those that
// are told of.
const (
	maxOpen     = 4096
	maxMessages = 20_000
	maxBefore   = 100 // further lines of one message
)

// NewTrace returns an empty trace.
func NewTrace(q Query) *Trace {
	q.MessageID = bare(q.MessageID)
	return &Trace{q: q, open: map[string]*Message{}}
}

// bare is a Message-ID without its brackets.
func bare(id string) string { return strings.Trim(strings.TrimSpace(id), "<>") }

// Add reads the next line of the log.
func (t *Trace) Add(l *Line) {
	id := l.Get("id")
	if id == "" {
		return
	}
	switch l.Msg {
	case "message":
		t.close()
		m := t.open[id]
		if m == nil {
			m = &Message{}
		}
		t.forget(id)
		m.Line = l
		t.current = m
	case "component", "recipient":
		if t.current == nil || t.current.ID() != id {
			t.close()
			t.current = &Message{Before: []*Line{l}} // the beginning is in a file that was not named
		}
		if l.Msg == "component" {
			t.current.Components = append(t.current.Components, l)
		} else {
			t.current.Recipients = append(t.current.Recipients, l)
		}
	default:
		t.wait(id, l)
	}
}

// ID returns the id of its lines.
func (m *Message) ID() string {
	if m.Line != nil {
		return m.Line.Get("id")
	}
	return m.Before[0].Get("id")
}

// wait keeps a line until the message that it belongs to ends.
func (t *Trace) wait(id string, l *Line) {
	m := t.open[id]
	if m == nil {
		if len(t.order) == maxOpen {
			t.forget(t.order[0])
		}
		m = &Message{}
		t.open[id] = m
		t.order = append(t.order, id)
	}
	if len(m.Before) < maxBefore {
		m.Before = append(m.Before, l)
	}
}

func (t *Trace) forget(id string) {
	if _, ok := t.open[id]; ok {
		delete(t.open, id)
		t.order = slices.DeleteFunc(t.order, func(s string) bool { return s == id })
	}
}

// close decides about the message whose lines were read last.
func (t *Trace) close() {
	m := t.current
	if t.current = nil; m == nil || !t.q.wants(m) {
		return
	}
	if len(t.found) == maxMessages {
		t.Cut = true
		return
	}
	t.found = append(t.found, m)
}

// Messages returns the messages found, ordered by time.
func (t *Trace) Messages() []*Message {
	t.close()
	slices.SortStableFunc(t.found, func(a, b *Message) int { return cmp.Compare(a.Time().UnixNano(), b.Time().UnixNano()) })
	return t.found
}

// wants reports whether a message is asked for.
func (q Query) wants(m *Message) bool {
	at := m.Time()
	if !q.Since.IsZero() && at.Before(q.Since) || !q.Until.IsZero() && at.After(q.Until) {
		return false
	}
	lines := m.lines()
	if q.uids != nil && !slices.ContainsFunc(lines, func(l *Line) bool {
		return q.uids[strings.ToLower(l.Get("uid"))] || q.uids[strings.ToLower(l.Get("uid_sent"))]
	}) {
		return false
	}
	has := func(want string, keys ...string) bool {
		return want == "" || slices.ContainsFunc(lines, func(l *Line) bool {
			return slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(bare(l.Get(k)), want) })
		})
	}
	subject := q.Subject == "" || m.Line != nil && strings.Contains(strings.ToLower(m.Line.Get("subject")), strings.ToLower(q.Subject))
	return subject && has(bare(q.UID), "uid", "uid_sent") && has(bare(q.To), "to") && has(bare(q.From), "from") &&
		has(q.MessageID, "msgid") && has(q.ID, "id")
}
