package queue

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// Group is the mail for one destination as it is listed.
type Group struct {
	Destination string    `json:"destination"`
	Messages    int       `json:"messages"` // that match
	Held        int       `json:"held,omitempty"`
	Running     int       `json:"running,omitempty"`
	Oldest      time.Time `json:"oldest,omitzero"` // when the oldest of them was stored
	Next        time.Time `json:"next,omitzero"`   // of the destination; zero: nothing is scheduled
	Failures    int       `json:"failures,omitempty"`
	Reason      string    `json:"reason,omitempty"` // why the oldest is still there, or what the destination said last
	Items       []Item    `json:"items,omitempty"`  // the oldest ones
}

// Groups returns the mail that matches by destination, in the order of their keys, and
// of each the oldest messages up to most. Without a filter it reads no other message.
func (q *Queue) Groups(ctx context.Context, filter Filter, most int) ([]Group, error) {
	var list []*Group
	byKey := map[string]*Group{}
	all := filter.isEmpty()
	for _, e := range q.entries(filter) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		key, ok := q.keyOf(e)
		if !ok {
			continue
		}
		g := byKey[key]
		if all && g != nil && len(g.Items) >= most {
			g.Messages++
			g.count(q.phaseOf(e))
			continue
		}
		m, err := q.opt.Store.Get(e.id)
		if errors.Is(err, ErrNotFound) {
			continue // delivered meanwhile
		}
		if err != nil {
			return nil, err
		}
		item, ok := q.item(e, m, filter)
		if !ok {
			continue
		}
		if g == nil {
			g = &Group{Destination: key, Oldest: m.Received}
			byKey[key] = g
			list = append(list, g)
		}
		g.add(item, most)
	}
	q.addStates(byKey)
	return sorted(list), nil
}

// isEmpty reports whether a filter matches every message without looking at it.
func (f Filter) isEmpty() bool {
	f.IDs = nil
	return f.To == "" && f.From == "" && f.Domain == "" && f.Meeting == "" && f.Older == 0 && f.Reason == ""
}

// add counts an item, and keeps it as long as there are not enough.
func (g *Group) add(item Item, most int) {
	g.Messages++
	g.count(item.Phase)
	if g.Reason == "" {
		g.Reason = item.Reason
	}
	if len(g.Items) < most {
		g.Items = append(g.Items, item)
	}
}

func (g *Group) count(phase string) {
	switch phase {
	case held.String():
		g.Held++
	case running.String():
		g.Running++
	}
}

// keyOf returns the destination of an entry; ok is false when it is gone.
func (q *Queue) keyOf(e *entry) (key string, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return e.dest.Key, e.phase != gone
}

func (q *Queue) phaseOf(e *entry) string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return e.phase.String()
}

// addStates adds what is known of the destinations.
func (q *Queue) addStates(groups map[string]*Group) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for key, g := range groups {
		d := q.destinations[key]
		if d == nil { // its last message was sent meanwhile
			continue
		}
		g.Failures = d.failures
		if at, ok := d.nextStart(); ok {
			g.Next = q.opt.Now().Add(max(at-q.now(), 0))
		}
		if d.last.Code != 0 {
			g.Reason = d.last.Error()
		}
	}
}

func sorted(list []*Group) []Group {
	slices.SortFunc(list, func(a, b *Group) int { return strings.Compare(a.Destination, b.Destination) })
	out := make([]Group, len(list))
	for i, g := range list {
		out[i] = *g
	}
	return out
}

// Stored describes a message of a queue that no server uses: one item for each domain
// of its recipients, since routes are not known. Only what is stored can match.
func Stored(m *Message, filter Filter, now time.Time) []Item {
	if len(filter.IDs) > 0 && !slices.Contains(filter.IDs, m.ID) {
		return nil
	}
	var list []Item
	for i := range m.Recipients {
		r := &m.Recipients[i]
		if !r.pending() {
			continue
		}
		reason := m.Held
		if v := r.Last.Verdict(); reason == "" && v.Code != 0 {
			reason = v.Error()
		}
		if !filter.matches(m, r, reason, max(now.Sub(m.Received), 0)) {
			continue
		}
		at := slices.IndexFunc(list, func(x Item) bool { return x.Destination == r.Domain() })
		if at < 0 {
			at = len(list)
			list = append(list, Item{Message: m, Destination: r.Domain(), Phase: storedPhase(m), Reason: reason, Next: r.Next})
		}
		list[at].Recipients = append(list[at].Recipients, i)
	}
	return list
}

func storedPhase(m *Message) string {
	if m.Held != "" {
		return held.String()
	}
	return waiting.String()
}

// GroupStored adds items of Stored to groups by destination, and returns them in the
// order of their keys. each calls its argument for each message, in any order.
func GroupStored(filter Filter, now time.Time, most int, each func(func(*Message)) error) ([]Group, error) {
	var list []*Group
	byKey := map[string]*Group{}
	err := each(func(m *Message) {
		for _, item := range Stored(m, filter, now) {
			g := byKey[item.Destination]
			if g == nil {
				g = &Group{Destination: item.Destination, Oldest: m.Received}
				byKey[item.Destination] = g
				list = append(list, g)
			}
			if m.Received.Before(g.Oldest) {
				g.Oldest = m.Received
			}
			g.add(item, most)
		}
	})
	return sorted(list), err
}

// Read returns a message and its body, which the caller closes.
func (q *Queue) Read(id string) (*Message, Body, error) {
	m, err := q.opt.Store.Get(id)
	if err != nil {
		return nil, nil, err
	}
	body, err := q.opt.Store.Body(id)
	if err != nil {
		return nil, nil, err
	}
	return m, body, nil
}
