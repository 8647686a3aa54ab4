package queue

import (
	"context"
	"math"
	"time"
)

// graceAtStart is how long no message expires after the start: the server may have
// stood still for days, or its clock may have jumped, and each message gets a chance.
const graceAtStart = time.Hour

// limits returns after which age a recipient is given up, and when the sender is told
// of a delay; never is the largest duration. q.mu is held.
func (q *Queue) limits(m *Message, r *Recipient) (expire, notice time.Duration) {
	expire, notice = q.settings.Expire, q.settings.DelayNotice
	for _, meeting := range m.Meetings {
		if !meeting.Start.IsZero() && meeting.Start.After(m.Received) && meeting.Start.Before(m.Received.Add(expire)) && notice > 0 {
			notice = min(notice, q.settings.DelayMeeting)
		}
	}
	if by := m.DeliverBy; by != nil {
		if by.Return {
			expire = min(expire, by.At.Sub(m.Received))
		} else {
			notice = by.At.Sub(m.Received)
		}
	}
	if r.Delayed || notice < 0 {
		notice = math.MaxInt64
	}
	return expire, notice
}

// nextCheck returns the age at which something is due for a recipient. q.mu is held.
func (q *Queue) nextCheck(m *Message, r *Recipient) time.Duration {
	expire, notice := q.limits(m, r)
	return min(expire, notice)
}

// setCheck sets when the age of an entry is looked at next. q.mu is held.
func (q *Queue) setCheck(e *entry, m *Message) {
	e.check = math.MaxInt64
	for i := range m.Recipients {
		if r := &m.Recipients[i]; r.State == Queued {
			e.check = min(e.check, int64(q.now()-q.age(m)+q.nextCheck(m, r)))
		}
	}
}

// sweep tells senders of delays, and gives up what is too old.
func (q *Queue) sweep(ctx context.Context) {
	q.reportPending(ctx)
	for _, e := range q.aged() {
		if ctx.Err() != nil {
			return
		}
		q.checkAge(e)
	}
}

// pendingAfter is how long a mail about a meeting waits for its first attempt before
// that is reported.
const pendingAfter = 30 * time.Second

// reportPending reports mails about meetings that were not tried yet.
func (q *Queue) reportPending(ctx context.Context) {
	for _, e := range q.untried() {
		if ctx.Err() != nil {
			return
		}
		m, err := q.opt.Store.Get(e.id)
		if err != nil {
			continue // it was sent meanwhile, or an attempt says what is wrong
		}
		var list []int
		q.mu.Lock()
		for i := range m.Recipients {
			if r := &m.Recipients[i]; r.Last == nil && q.belongs(e, m, r) {
				list = append(list, i)
			}
		}
		q.mu.Unlock()
		if len(list) > 0 {
			q.opt.Observer.Pending(m, list)
		}
	}
}

// untried returns entries about meetings that have waited for a while without an
// attempt, each once.
func (q *Queue) untried() (list []*entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	before := q.opt.Now().Add(-pendingAfter).UnixNano()
	for _, first := range q.messages {
		for e := first; e != nil; e = e.next {
			if !e.pending && e.chains != nil && e.received < before && e.phase != running {
				e.pending = true
				if e.attempts == 0 {
					list = append(list, e)
				}
			}
		}
	}
	return list
}

// aged returns the entries whose age is to be looked at.
func (q *Queue) aged() (list []*entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := int64(q.now())
	for _, first := range q.messages {
		for e := first; e != nil; e = e.next {
			if e.check <= now && e.phase != running && e.phase != held {
				list = append(list, e)
			}
		}
	}
	return list
}

// reserve takes an entry for a change, unless an attempt is being made.
func (q *Queue) reserve(e *entry) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if e.phase == running || e.phase == gone {
		return false
	}
	e.take()
	e.phase = running
	q.running++
	e.dest.running++
	q.wake(e.dest)
	return true
}

// checkAge looks at the age of one entry.
func (q *Queue) checkAge(e *entry) {
	if !q.reserve(e) {
		return
	}
	defer q.endAttempt(e)
	m, body, err := q.open(e)
	if err != nil {
		q.unreadable(e, err)
		return
	}
	defer body.Close()
	defer q.lock(e.id).Unlock()
	if e.shared {
		if m, err = q.opt.Store.Get(e.id); err != nil {
			q.unreadable(e, err)
			return
		}
	}
	now := q.opt.Now()
	late, over := q.late(e, m)
	notices := q.giveUp(m, over)
	for _, i := range late {
		expire, _ := q.limitsOf(m, i)
		r := m.Recipients[i]
		r.Last = q.lastOf(m, &r)
		notices = append(notices, Notice{Recipient: &r, Action: Delay, RetryTill: m.Received.Add(expire)})
	}
	if len(notices) == 0 {
		q.mu.Lock()
		defer q.mu.Unlock()
		e.check = int64(q.now() + sweepEvery)
		q.wait(e, m, now)
		return
	}
	if err := q.notify(m, body, notices); err != nil {
		q.opt.Observer.Trouble(m.ID, "storing a notification", err)
		q.mu.Lock()
		defer q.mu.Unlock()
		e.put(q.now() + storePause)
		return
	}
	for _, i := range late {
		m.Recipients[i].Delayed = true
	}
	if len(over) > 0 {
		q.opt.Observer.Ended(m, over, "not accepted in time")
	}
	q.save(e, m, now)
}

func (q *Queue) limitsOf(m *Message, i int) (expire, notice time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.limits(m, &m.Recipients[i])
}

// late returns the recipients of whose delay the sender is to be told, and those whose
// time is over.
func (q *Queue) late(e *entry, m *Message) (late, over []int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	age := q.age(m)
	for i := range m.Recipients {
		r := &m.Recipients[i]
		if !q.belongs(e, m, r) {
			continue
		}
		expire, notice := q.limits(m, r)
		mayExpire := q.now() >= min(graceAtStart, q.settings.Expire) || m.DeliverBy != nil && m.DeliverBy.Return
		switch {
		case age >= expire && mayExpire:
			over = append(over, i)
		case age >= notice:
			late = append(late, i)
		}
	}
	return late, over
}

// giveUp ends the delivery to recipients whose time is over.
func (q *Queue) giveUp(m *Message, over []int) (notices []Notice) {
	for _, i := range over {
		r := &m.Recipients[i]
		r.State, r.Next, r.Last = Expired, time.Time{}, q.lastOf(m, r)
		notices = append(notices, Notice{Recipient: r, Action: Failure})
	}
	return notices
}

// lastOf returns the last attempt for a recipient. For one that was not tried, because its
// destination failed with other mail, it has what the destination said to that.
func (q *Queue) lastOf(m *Message, r *Recipient) *Attempt {
	if r.Last != nil {
		return r.Last
	}
	a := &Attempt{At: q.opt.Now(), Code: 451, Enhanced: [3]int{4, 4, 7}, Text: []string{"the destination could not be reached"}}
	key := q.opt.Carrier.Destination(m, r).Key
	q.mu.Lock()
	defer q.mu.Unlock()
	if d := q.destinations[key]; d != nil && d.last.Code != 0 {
		a.Code, a.Enhanced, a.Text, a.Remote = d.last.Code, d.last.Enhanced, d.last.Text, d.last.Remote
	}
	return a
}
