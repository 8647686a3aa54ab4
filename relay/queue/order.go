package queue

import (
	"cmp"
	"hash/maphash"
	"slices"
)

// place says in which chains an entry is: one for each meeting and recipient.
type place struct {
	keys     []uint64
	revision uint64 // of its meetings: messages with the same one may overtake each other
}

// chain is what is queued about one meeting for one recipient, oldest first. Only the
// first revision may be sent: an update must not overtake a cancellation.
type chain []*revision

// revision is the entries with one revision of a meeting.
type revision struct {
	hash    uint64
	order   int64 // of its oldest entry
	entries []*entry
}

// key identifies the mails about one meeting to one recipient.
func (q *Queue) key(uid, recipient string) uint64 { return q.hash(uid, recipient) }

// revisionOf returns the revision of the meetings in a message.
func (q *Queue) revisionOf(m *Message) uint64 {
	var words []string
	for _, meeting := range m.Meetings {
		if meeting.Revision == "" {
			return q.hash("message", m.ID)
		}
		words = append(words, meeting.UID, meeting.Revision)
	}
	return q.hash(words...)
}

func (q *Queue) hash(words ...string) uint64 {
	var h maphash.Hash
	h.SetSeed(q.seed)
	for _, w := range words {
		h.WriteString(w)
		h.WriteByte(0)
	}
	return h.Sum64()
}

// locate adds the chains of a recipient to those of an entry. q.mu is held.
func (q *Queue) locate(e *entry, m *Message, r *Recipient) {
	if len(m.Meetings) == 0 {
		return
	}
	if e.chains == nil {
		e.chains = &place{revision: q.revisionOf(m)}
	}
	for _, meeting := range m.Meetings {
		e.chains.keys = append(e.chains.keys, q.key(meeting.UID, r.Path))
	}
}

// join adds an entry to its chains: to its revision, if that is queued, else as a new
// one. Entries may come in any order. q.mu is held.
func (q *Queue) join(e *entry) {
	if e.chains == nil {
		return
	}
	for _, k := range e.chains.keys {
		list := q.chains[k]
		at := slices.IndexFunc(list, func(r *revision) bool { return r.hash == e.chains.revision })
		if at < 0 {
			at = len(list)
			list = append(list, &revision{hash: e.chains.revision, order: e.order})
			q.chains[k] = list
		}
		r, first := list[at], list[0]
		r.entries = append(r.entries, e)
		r.order = min(r.order, e.order)
		slices.SortStableFunc(list, func(a, b *revision) int { return cmp.Compare(a.order, b.order) })
		if list[0] != first { // it came late, and was waited for
			q.unblock(list[0].entries)
		}
	}
}

// isFirst reports whether no other revision of the meeting is queued for the recipient
// before that of the entry. q.mu is held.
func (q *Queue) isFirst(e *entry, k uint64) bool {
	list := q.chains[k]
	return len(list) == 0 || e.chains == nil || list[0].hash == e.chains.revision
}

// leave removes an entry from one chain. When its revision was the first and nothing of
// it is left, the next revision goes on. q.mu is held.
func (q *Queue) leave(e *entry, k uint64) {
	list := q.chains[k]
	for at, r := range list {
		i := slices.Index(r.entries, e)
		if i < 0 {
			continue
		}
		if r.entries = slices.Delete(r.entries, i, i+1); len(r.entries) > 0 {
			return
		}
		if list = slices.Delete(list, at, at+1); len(list) == 0 {
			delete(q.chains, k)
			return
		}
		q.chains[k] = list
		if at == 0 {
			q.unblock(list[0].entries)
		}
		return
	}
}

// unblock lets entries be tried whose turn may have come. q.mu is held.
func (q *Queue) unblock(list []*entry) {
	for _, e := range list {
		if e.phase == blocked {
			e.put(q.now())
			q.wake(e.dest)
		}
	}
}
