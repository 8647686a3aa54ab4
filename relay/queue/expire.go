package queue

import (
	"cmp"
	"context"
	"math"
	"slices"
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

// nextCheck returns when the age of a message is looked at next for a recipient. q.mu is
// held.
func (q *Queue) nextCheck(m *Message, r *Recipient) time.Duration {
	if r.Untold {
		return q.now() + r.untilTold(q.opt.Now())
	}
	expire, notice := q.limits(m, r)
	return q.now() - q.age(m) + min(expire, notice)
}

// untilTold returns how long the sender must wait to be told of a recipient that was
// given up. A time further away than an hour is that of a clock that was set back.
func (r *Recipient) untilTold(now time.Time) time.Duration {
	wait := max(r.Next.Sub(now), 0)
	if wait > time.Hour {
		return 0
	}
	return wait
}

// setCheck sets when the age of an entry is looked at next. q.mu is held.
func (q *Queue) setCheck(e *entry, m *Message) {
	e.check = math.MaxInt64
	for i := range m.Recipients {
		if r := &m.Recipients[i]; r.pending() {
			e.check = min(e.check, int64(q.nextCheck(m, r)))
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

// aged returns the entries whose age is to be looked at, oldest first: it is their senders
// who are told when not all can be.
func (q *Queue) aged() []*entry {
	list := q.agedUnsorted()
	slices.SortFunc(list, func(a, b *entry) int { return cmp.Compare(a.order, b.order) })
	return list
}

func (q *Queue) agedUnsorted() (list []*entry) {
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
	q.giveUpOrWait(e, m, body)
}

// giveUpOrWait tells the sender what is due of a message, and ends the delivery to those
// recipients whose time is over. The message's lock is held.
func (q *Queue) giveUpOrWait(e *entry, stored *Message, body Body) {
	m := *stored // an error must leave that one as it is
	m.Recipients = slices.Clone(stored.Recipients)
	now := q.opt.Now()
	late, over, untold := q.late(e, &m, now)
	notices := append(q.giveUp(&m, over), q.delays(&m, late)...)
	for _, i := range untold {
		m.Recipients[i].Untold, m.Recipients[i].Next = false, time.Time{}
		notices = append(notices, Notice{Recipient: &m.Recipients[i], Action: Failure})
	}
	if len(notices) == 0 {
		q.mu.Lock()
		defer q.mu.Unlock()
		e.check = int64(q.now() + sweepEvery)
		q.wait(e, &m, now)
		return
	}
	if err := q.tell(&m, body, notices); err != nil {
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
		q.opt.Observer.Ended(&m, over, "not accepted in time")
	}
	q.save(e, &m, now)
}

// delays returns what the sender is told of recipients that are late.
func (q *Queue) delays(m *Message, late []int) (notices []Notice) {
	for _, i := range late {
		expire, _ := q.limitsOf(m, i)
		r := m.Recipients[i]
		r.Last = q.lastOf(m, &r)
		notices = append(notices, Notice{Recipient: &r, Action: Delay, RetryTill: m.Received.Add(expire)})
	}
	return notices
}

func (q *Queue) limitsOf(m *Message, i int) (expire, notice time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.limits(m, &m.Recipients[i])
}

// late returns the recipients of whose delay the sender is to be told, those whose time
// is over, and those that were given up before the sender could be told.
func (q *Queue) late(e *entry, m *Message, now time.Time) (late, over, untold []int) {
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
		case r.Untold:
			if r.untilTold(now) == 0 {
				untold = append(untold, i)
			}
		case age >= expire && mayExpire:
			over = append(over, i)
		case age >= notice:
			late = append(late, i)
		}
	}
	return late, over, untold
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
