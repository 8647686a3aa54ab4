package queue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// Filter selects messages, and of each the recipients that match. Empty fields match
// everything.
type Filter struct {
	IDs     []string      `json:"ids,omitempty"`
	To      string        `json:"to,omitempty"`      // a recipient's address
	From    string        `json:"from,omitempty"`    // the reverse-path; "<>" is the null one
	Domain  string        `json:"domain,omitempty"`  // of a recipient
	Meeting string        `json:"meeting,omitempty"` // the beginning of a UID
	Older   time.Duration `json:"older,omitempty"`   // in the queue for at least this long
	Reason  string        `json:"reason,omitempty"`  // part of the last reply or of the reason for a hold
}

// Item is one message in the queue as it is listed.
type Item struct {
	Message     *Message  `json:"message"`
	Recipients  []int     `json:"matching"`    // indexes of the recipients in the queue that match the filter
	Destination string    `json:"destination"` // of those
	Phase       string    `json:"phase"`       // waiting, ready, running, blocked, held or untold
	Next        time.Time `json:"next,omitzero"`
	Reason      string    `json:"reason,omitempty"` // the last reply of the destination or to the recipient
}

// Len returns the number of messages in the queue.
func (q *Queue) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.messages)
}

// Each calls f for each message that matches, one item for each destination, oldest
// first. An error of f ends it.
func (q *Queue) Each(ctx context.Context, filter Filter, f func(Item) error) error {
	for _, e := range q.entries(filter) {
		if err := ctx.Err(); err != nil {
			return err
		}
		m, err := q.opt.Store.Get(e.id)
		if errors.Is(err, ErrNotFound) {
			continue // delivered meanwhile
		}
		if err != nil {
			return err
		}
		item, ok := q.item(e, m, filter)
		if !ok {
			continue
		}
		if err := f(item); err != nil {
			return err
		}
	}
	return nil
}

// entries returns the entries whose IDs match, oldest first. They are sorted without the
// lock, since there may be a million.
func (q *Queue) entries(filter Filter) []*entry {
	list := q.unsorted(filter)
	slices.SortFunc(list, func(a, b *entry) int { return cmp.Compare(a.order, b.order) })
	return list
}

func (q *Queue) unsorted(filter Filter) (list []*entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	add := func(first *entry) {
		for e := first; e != nil; e = e.next {
			list = append(list, e)
		}
	}
	if len(filter.IDs) > 0 {
		for _, id := range filter.IDs {
			add(q.messages[id])
		}
		return list
	}
	list = make([]*entry, 0, len(q.messages))
	for _, first := range q.messages {
		add(first)
	}
	return list
}

// item describes an entry; ok is false when no recipient of it matches.
func (q *Queue) item(e *entry, m *Message, filter Filter) (item Item, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	item = Item{Message: m, Destination: e.dest.Key, Phase: e.phase.String(), Reason: m.Held}
	now := q.opt.Now()
	switch e.phase {
	case waiting, ready:
		item.Next = now.Add(max(time.Duration(e.due), e.dest.until, q.now()) - q.now())
	case gone:
		return item, false
	}
	for i := range m.Recipients {
		r := &m.Recipients[i]
		if !q.belongs(e, m, r) {
			continue
		}
		reason := m.Held
		if reason == "" {
			reason = reasonOf(r, e.dest)
		}
		if filter.matches(m, r, reason, q.age(m)) {
			item.add(i, r, reason)
		}
	}
	return item, len(item.Recipients) > 0
}

// add adds a recipient to an item.
func (item *Item) add(i int, r *Recipient, reason string) {
	item.Recipients = append(item.Recipients, i)
	if r.Untold && item.Phase == blocked.String() {
		item.Phase, item.Next = untold, r.Next
	}
	if item.Reason == "" {
		item.Reason = reason
	}
}

// untold is the phase of an item that was given up, and waits until the sender may be
// told.
const untold = "untold"

// reasonOf returns why a recipient is still queued.
func reasonOf(r *Recipient, d *destination) string {
	v := r.Last.Verdict()
	if v.Code == 0 || d.failures > 0 && d.last.Code != 0 {
		v = d.last
	}
	if v.Code == 0 {
		return ""
	}
	return v.Error()
}

// matches reports whether a recipient of a message matches.
func (f Filter) matches(m *Message, r *Recipient, reason string, age time.Duration) bool {
	from := m.Sender.Path
	if from == "" {
		from = "<>"
	}
	switch {
	case f.To != "" && !strings.EqualFold(f.To, r.Path),
		f.From != "" && !strings.EqualFold(f.From, from),
		f.Domain != "" && envelope.ASCIIDomain(f.Domain) != r.Domain(),
		age < f.Older,
		f.Reason != "" && !strings.Contains(strings.ToLower(reason), strings.ToLower(f.Reason)):
		return false
	}
	return f.Meeting == "" || slices.ContainsFunc(m.Meetings, func(x Meeting) bool { return strings.HasPrefix(x.UID, f.Meeting) })
}

// String returns the phase as it is listed.
func (p phase) String() string {
	return []string{"waiting", "ready", "running", "blocked", "held", "gone"}[p]
}

// Retry lets the messages that match be tried at once, and their destinations too: each
// of these once, with the first message that matches, so that one that is still down costs
// one attempt. It returns the number of messages.
func (q *Queue) Retry(ctx context.Context, filter Filter) (int, error) {
	tried := map[*destination]bool{}
	return q.change(ctx, filter, func(e *entry, m *Message, list []int) error {
		for _, i := range list {
			m.Recipients[i].Next = time.Time{}
		}
		q.mu.Lock()
		defer q.mu.Unlock()
		if !tried[e.dest] {
			tried[e.dest], e.dest.until, e.dest.asked = true, 0, e
		}
		return nil
	})
}

// Hold keeps the messages that match from being sent, until Release. why is shown in
// the list.
func (q *Queue) Hold(ctx context.Context, filter Filter, why string) (int, error) {
	if why == "" {
		why = "held by an administrator"
	}
	return q.change(ctx, filter, func(_ *entry, m *Message, _ []int) error {
		m.Held = why
		return nil
	})
}

// Release ends a hold.
func (q *Queue) Release(ctx context.Context, filter Filter) (int, error) {
	return q.change(ctx, filter, func(_ *entry, m *Message, _ []int) error {
		m.Held = ""
		return nil
	})
}

// Remove drops the recipients that match, without a notification to the sender.
func (q *Queue) Remove(ctx context.Context, filter Filter, why string) (int, error) {
	return q.change(ctx, filter, func(_ *entry, m *Message, list []int) error {
		for _, i := range list {
			m.Recipients[i].State, m.Recipients[i].Untold = Removed, false
		}
		q.opt.Observer.Ended(m, list, "removed by an administrator"+because(why))
		return nil
	})
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}

// errKept reports a message that is to stay as it is, while others are changed.
var errKept = errors.New("the message stays as it is")

// change applies do to each message that matches and stores the result, unless it returns
// errKept. Messages that are being sent at the moment are skipped: they may be gone after
// it.
func (q *Queue) change(ctx context.Context, filter Filter, do func(e *entry, m *Message, list []int) error) (n int, err error) {
	for _, e := range q.entries(filter) {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		changed, err := q.changeOne(e, filter, do)
		if errors.Is(err, errKept) {
			continue
		}
		if err != nil {
			return n, fmt.Errorf("message %s: %w", e.id, err)
		}
		if changed {
			n++
		}
	}
	return n, nil
}

func (q *Queue) changeOne(e *entry, filter Filter, do func(e *entry, m *Message, list []int) error) (changed bool, err error) {
	if !q.reserve(e) {
		return false, nil
	}
	defer q.endAttempt(e)
	defer q.lock(e.id).Unlock()
	now := q.opt.Now()
	m, err := q.opt.Store.Get(e.id)
	if err == nil && !q.mine(e.id) {
		err = ErrElsewhere
	}
	if err != nil {
		q.unreadable(e, err)
		return false, nil
	}
	item, ok := q.item(e, m, filter)
	if ok {
		if err = do(e, m, item.Recipients); err == nil {
			return true, q.save(e, m, now)
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if latest, getErr := q.opt.Store.Get(e.id); getErr == nil {
		m = latest // without what do has changed
	}
	q.wait(e, m, now)
	return false, err
}
