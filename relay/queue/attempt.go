package queue

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// storePause is how long a message waits after an error of the store.
const storePause = time.Minute

// attempt tries to send an entry, in a round of its destination.
func (q *Queue) attempt(e *entry, round int) {
	defer q.endAttempt(e)
	m, body, err := q.open(e)
	if err != nil {
		q.unreadable(e, err)
		return
	}
	defer body.Close()
	now := q.opt.Now()
	if !m.Pending() { // its removal has failed before
		defer q.lock(e.id).Unlock()
		q.save(e, m, now)
		return
	}
	list := q.eligible(e, m, now)
	if len(list) == 0 {
		q.park(e, m, now)
		return
	}
	results := q.carry(m, body, list, e)
	q.conclude(e, m, body, list, results, round)
}

// carry calls the carrier. A fault of ours is a temporary failure of this message.
func (q *Queue) carry(m *Message, body Body, list []int, e *entry) (results []Result) {
	defer func() {
		if p := recover(); p != nil {
			q.opt.Observer.Trouble(m.ID, "sending failed because of an internal error", fmt.Errorf("%v\n%s", p, debug.Stack()))
			results = nil
		}
		if len(results) != len(list) {
			v := envelope.Refuse(451, [3]int{4, 3, 0}, "internal error while sending, tried again later")
			results = make([]Result, len(list))
			for i := range results {
				results[i].Verdict = v
			}
		}
	}()
	return q.opt.Carrier.Carry(q.ctx, m, body, list, int(e.attempts)+int(e.misses)+1)
}

// open reads a message and its body, and checks that the body is what was stored.
func (q *Queue) open(e *entry) (*Message, Body, error) {
	if !q.mine(e.id) {
		return nil, nil, ErrElsewhere
	}
	q.mu.Lock()
	m := e.message
	q.mu.Unlock()
	fresh := m != nil
	if !fresh {
		var err error
		if m, err = q.opt.Store.Get(e.id); err != nil {
			return nil, nil, err
		}
	}
	body, err := q.opt.Store.Body(e.id)
	if err != nil {
		return nil, nil, err
	}
	if !fresh {
		err = verify(body, m)
	}
	if err != nil {
		body.Close()
		return nil, nil, err
	}
	return m, body, nil
}

// verify compares a body with the checksum that was stored.
func verify(body Body, m *Message) error {
	same, err := m.Matches(body, body.Size())
	if err == nil && !same {
		err = fmt.Errorf("%w: the body is not what was stored", ErrDamaged)
	}
	return err
}

// unreadable ends an attempt for a message that cannot be read: it is set aside when
// it is damaged, and tried later after any other error.
func (q *Queue) unreadable(e *entry, err error) {
	switch {
	case errors.Is(err, ErrElsewhere):
		return // endAttempt drops the entry
	case errors.Is(err, ErrNotFound) && q.shared != nil: // another relay has sent it
	case errors.Is(err, ErrNotFound):
		q.opt.Observer.Damaged(Damage{ID: e.id, Why: "its file is missing", Missing: true})
	case errors.Is(err, ErrDamaged):
		if aside := q.opt.Store.SetAside(e.id, err.Error()); aside != nil {
			q.opt.Observer.Trouble(e.id, "setting a damaged message aside", aside)
		}
		q.opt.Observer.Damaged(Damage{ID: e.id, Why: err.Error()})
	default:
		q.opt.Observer.Trouble(e.id, "reading a message", err)
		q.mu.Lock()
		defer q.mu.Unlock()
		e.put(q.now() + storePause)
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for at := q.messages[e.id]; at != nil; at = q.messages[e.id] {
		q.drop(at)
	}
}

// eligible returns the recipients that may be tried now; none of a message that is held.
func (q *Queue) eligible(e *entry, m *Message, now time.Time) (list []int) {
	if m.Held != "" {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range m.Recipients {
		r := &m.Recipients[i]
		if !r.Untold && q.belongs(e, m, r) && q.isDue(r, now) && q.inTurn(e, m, r) {
			list = append(list, i)
		}
	}
	return list
}

// belongs reports whether the recipient is in the queue for the destination of the
// entry.
func (q *Queue) belongs(e *entry, m *Message, r *Recipient) bool {
	return r.pending() && q.opt.Carrier.Destination(m, r).Key == e.dest.Key
}

// isDue reports whether a recipient may be tried. A time further away than the
// longest pause is that of a clock that was set back.
func (q *Queue) isDue(r *Recipient, now time.Time) bool {
	wait := r.Next.Sub(now)
	return wait <= 0 || wait > 2*q.settings.RetryMost
}

// inTurn reports whether no earlier mail about the same meetings is queued for the
// recipient. q.mu is held.
func (q *Queue) inTurn(e *entry, m *Message, r *Recipient) bool {
	for _, meeting := range m.Meetings {
		if !q.isFirst(e, q.key(meeting.UID, r.Path)) {
			return false
		}
	}
	return true
}

// park lets an entry wait that has no recipient to be tried now.
func (q *Queue) park(e *entry, m *Message, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.wait(e, m, now)
}

// wait lets an entry wait for its next recipient that is queued: for the time of that
// one, or for an earlier mail. One of whom the sender is to be told waits for the sweep. An entry without any is dropped, and recipients whose
// destination is another one now get an entry there. q.mu is held.
func (q *Queue) wait(e *entry, m *Message, now time.Time) {
	due, mine, turn := time.Duration(-1), false, false
	for i := range m.Recipients {
		r := &m.Recipients[i]
		if !r.pending() {
			continue
		}
		if !q.belongs(e, m, r) {
			q.move(e, m, r)
			continue
		}
		mine = true
		if r.Untold || !q.inTurn(e, m, r) {
			continue
		}
		at := q.now()
		if !q.isDue(r, now) {
			at += r.Next.Sub(now)
		}
		if !turn || at < due {
			due, turn = at, true
		}
	}
	switch {
	case !mine:
		q.drop(e)
	case m.Held != "":
		e.take()
		e.phase = held
	case turn:
		e.put(due)
	default:
		e.take()
		e.phase = blocked
	}
}

// move gives a recipient an entry for its destination, when the configuration has
// changed that. q.mu is held.
func (q *Queue) move(from *entry, m *Message, r *Recipient) {
	to := q.opt.Carrier.Destination(m, r)
	for e := q.messages[m.ID]; e != nil; e = e.next {
		if e.dest.Key == to.Key {
			return
		}
	}
	e := q.entryFor(m, to, from.order)
	q.markShared(m.ID)
	e.check = int64(q.now())
	if !r.Untold {
		q.locate(e, m, r)
	}
	q.join(e)
	e.put(q.now())
	q.wake(e.dest)
}

// endAttempt frees the place of an entry.
func (q *Queue) endAttempt(e *entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if e.phase == running { // a fault of ours
		e.put(q.now() + storePause)
	}
	if !q.mine(e.id) {
		q.drop(e)
	}
	if q.shared != nil {
		close(q.ended)
		q.ended = make(chan struct{})
	}
	q.done(e)
	q.kick()
}
