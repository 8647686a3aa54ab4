package queue

import (
	"errors"
	"math"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// conclude stores the results of an attempt, and decides when the entry is tried
// again.
func (q *Queue) conclude(e *entry, m *Message, body Body, list []int, results []Result, round int) {
	defer q.lock(e.id).Unlock()
	now := q.opt.Now()
	if e.shared {
		latest, err := q.opt.Store.Get(e.id)
		if err != nil {
			q.unreadable(e, err)
			return
		}
		m = latest
	}
	var notices []Notice
	for i, at := range list {
		r := &m.Recipients[at]
		q.record(r, results[i], now)
		if n, ok := noticeOf(r, results[i]); ok {
			notices = append(notices, n)
		}
	}
	q.judge(e, results, round)
	if err := q.tell(m, body, notices); err != nil {
		// The sender could not be told: the states stay, and the refusal is asked
		// for again later.
		q.opt.Observer.Trouble(e.id, "storing a notification", err)
		for _, n := range notices {
			if n.Action == Failure {
				n.Recipient.State, n.Recipient.Next = Queued, now.Add(storePause)
			}
		}
	}
	q.save(e, m, now)
	q.letOthersTry(e)
}

// letOthersTry puts an entry whose destination could not be used behind the next attempt
// of the destination, which another message makes then: what fails may be this message,
// and it must not hold up all others. The pause grows, so that such a message is not sent
// again and again while others are. It is not stored, so that whatever ends the pause of
// the destination ends this one too.
func (q *Queue) letOthersTry(e *entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if e.misses == 0 || e.phase != waiting && e.phase != ready {
		return
	}
	b := Backoff{First: q.settings.RetryFirst, Most: q.settings.RetryMost, Random: q.opt.Random}
	e.put(max(time.Duration(e.due), e.dest.until+time.Second, q.now()+b.pause(int(e.misses))))
	e.behind = true
	q.wake(e.dest)
}

// record sets the state of a recipient after an attempt.
func (q *Queue) record(r *Recipient, res Result, now time.Time) {
	v := res.Verdict
	r.Last = &Attempt{At: now, Code: v.Code, Enhanced: v.Enhanced, Text: v.Text, Remote: v.Remote, Dialogue: res.Dialogue}
	switch {
	case v.OK():
		r.Attempts++
		r.State, r.Next = Delivered, time.Time{}
	case v.Code >= 500 && v.Code < 600:
		r.Attempts++
		r.State, r.Next = Bounced, time.Time{}
	case res.Failed: // the destination's pause counts
		r.Next = time.Time{}
	default:
		r.Attempts++
		r.Next = now.Add(q.backoff().pause(r.Attempts))
	}
}

// noticeOf returns what the sender may be told of a result.
func noticeOf(r *Recipient, res Result) (Notice, bool) {
	switch r.State {
	case Bounced:
		return Notice{Recipient: r, Action: Failure}, true
	case Delivered:
		return Notice{Recipient: r, Action: Success}, res.Relayed
	}
	return Notice{}, false
}

func (q *Queue) backoff() Backoff {
	q.mu.Lock()
	defer q.mu.Unlock()
	return Backoff{First: q.settings.RetryFirst, Most: q.settings.RetryMost, Random: q.opt.Random}
}

// judge updates the schedule of the destination after an attempt in one of its rounds.
func (q *Queue) judge(e *entry, results []Result, round int) {
	b := q.backoff()
	var last envelope.Verdict
	answered, down, deferred := false, false, false
	for _, r := range results {
		switch {
		case r.Failed:
			down, last = true, r.Verdict
		case r.Verdict.Temporary() || r.Verdict.Code == 0:
			deferred, last = deferred || !aboutRecipient(r.Verdict), r.Verdict
		default:
			answered = true
		}
	}
	q.mu.Lock()
	d := e.dest
	before := d.failures
	if e.misses++; !down || answered || e.misses == math.MaxUint16 {
		e.misses = 0
	}
	back := false
	switch {
	case answered:
		back = d.worked()
	case down:
		d.failed(round, math.MaxInt, q.now(), last, b)
	case deferred:
		if d.deferred++; d.deferred >= manyDeferred || before > 0 {
			d.failed(round, mostSteps, q.now(), last, b)
		}
	}
	failures, again := d.failures, q.opt.Now().Add(d.until-q.now())
	q.mu.Unlock()
	switch {
	case back:
		q.opt.Observer.Back(d.Key)
	case failures > before:
		q.opt.Observer.Waiting(d.Key, failures, again, last)
	}
}

// aboutRecipient reports whether a verdict is about an address or a mailbox (RFC 3463 §3.2
// and §3.3), such as a full one, and says nothing of other mail to the destination.
func aboutRecipient(v envelope.Verdict) bool { return v.Enhanced[1] == 1 || v.Enhanced[1] == 2 }

// save stores the states of a message, or removes it when no recipient is left. The
// message's lock is held. After an error of the store the states count until the process
// ends, or until they can be stored.
func (q *Queue) save(e *entry, m *Message, now time.Time) (err error) {
	pending := m.Pending()
	if pending {
		err = q.opt.Store.Update(m)
	} else if err = q.opt.Store.Remove(m.ID); errors.Is(err, ErrNotFound) {
		err = nil
	}
	if err != nil {
		q.opt.Observer.Trouble(m.ID, "storing the state of a message", err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.leaveFinal(m)
	if !pending {
		if err != nil { // tried again with nothing to send, so that it is removed
			q.keep(e, m)
			e.put(q.now() + storePause)
			return err
		}
		for at := q.messages[m.ID]; at != nil; at = q.messages[m.ID] {
			q.drop(at)
		}
		return nil
	}
	e.attempts = attemptsOf(m)
	q.forget(e)
	if err != nil { // what was delivered must not be sent again
		q.keep(e, m)
	}
	q.setCheck(e, m)
	q.wait(e, m, now)
	q.wake(e.dest)
	if m.Held == "" {
		q.releaseOthers(m.ID)
	}
	return err
}

// releaseOthers lets the entries of a message for its other destinations go on after a
// hold. q.mu is held.
func (q *Queue) releaseOthers(id string) {
	for e := q.messages[id]; e != nil; e = e.next {
		if e.phase == held {
			e.put(q.now())
			q.wake(e.dest)
		}
	}
}

// leaveFinal takes recipients whose delivery has ended out of their chains. q.mu is
// held.
func (q *Queue) leaveFinal(m *Message) {
	for i := range m.Recipients {
		r := &m.Recipients[i]
		if r.State == Queued {
			continue
		}
		for _, meeting := range m.Meetings {
			k := q.key(meeting.UID, r.Path)
			for at := q.messages[m.ID]; at != nil; at = at.next {
				q.leave(at, k)
			}
		}
	}
}

// keep keeps a message in memory whose state could not be stored. q.mu is held.
func (q *Queue) keep(e *entry, m *Message) {
	if e.message == nil {
		q.fresh++
	}
	e.message = m
}

// attemptsOf returns the number of attempts of a message.
func attemptsOf(m *Message) uint16 {
	n := 0
	for i := range m.Recipients {
		n = max(n, m.Recipients[i].Attempts)
	}
	return uint16(min(n, math.MaxUint16))
}
