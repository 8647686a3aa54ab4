package queue

import "slices"

// chain is the entries of mails about one meeting to one recipient, oldest first. Only
// the first one may be sent: an update must not overtake a cancellation.
type chain []*entry

// join adds an entry to the chains of its keys. q.mu is held.
func (q *Queue) join(e *entry) {
	for _, k := range e.meetings {
		list := q.chains[k]
		at := len(list)
		for at > 0 && list[at-1].order > e.order {
			at--
		}
		q.chains[k] = slices.Insert(list, at, e)
	}
}

// isFirst reports whether no earlier mail about the same meeting is queued for the
// recipient. q.mu is held.
func (q *Queue) isFirst(e *entry, k uint64) bool {
	list := q.chains[k]
	return len(list) == 0 || list[0] == e
}

// leave removes an entry from one chain and lets the next one go on. q.mu is held.
func (q *Queue) leave(e *entry, k uint64) {
	list := q.chains[k]
	at := slices.Index(list, e)
	if at < 0 {
		return
	}
	list = slices.Delete(list, at, at+1)
	if len(list) == 0 {
		delete(q.chains, k)
		return
	}
	q.chains[k] = list
	if next := list[0]; at == 0 && next.phase == blocked {
		next.put(q.now())
		q.wake(next.dest)
	}
}
