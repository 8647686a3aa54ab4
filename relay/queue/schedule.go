package queue

import (
	"container/heap"
	"context"
	"time"
)

// schedule is a heap of destinations that can send something, by when.
type schedule []*destination

// Len implements heap.Interface.
func (s schedule) Len() int { return len(s) }

// Less implements heap.Interface.
func (s schedule) Less(i, j int) bool { return s[i].wake < s[j].wake }

// Swap implements heap.Interface.
func (s schedule) Swap(i, j int) {
	s[i], s[j] = s[j], s[i]
	s[i].place, s[j].place = i, j
}

// Push implements heap.Interface.
func (s *schedule) Push(x any) {
	d := x.(*destination)
	d.place = len(*s)
	*s = append(*s, d)
}

// Pop implements heap.Interface.
func (s *schedule) Pop() any {
	old := *s
	d := old[len(old)-1]
	old[len(old)-1] = nil
	*s = old[:len(old)-1]
	d.place = -1
	return d
}

func (s *schedule) remove(d *destination) {
	if d.place >= 0 {
		heap.Remove(s, d.place)
	}
}

// wake puts a destination where it belongs in the schedule. q.mu is held.
func (q *Queue) wake(d *destination) {
	at, ok := d.nextStart()
	switch {
	case !ok:
		q.schedule.remove(d)
	case d.place < 0:
		d.wake = at
		heap.Push(&q.schedule, d)
	default:
		d.wake = at
		heap.Fix(&q.schedule, d.place)
	}
}

// kick starts what can be started now, and sets the timer for the next. q.mu is
// held.
func (q *Queue) kick() {
	if !q.started || q.stopped {
		return
	}
	now := q.now()
	for len(q.schedule) > 0 && q.running < q.settings.Workers {
		d := q.schedule[0]
		if d.wake > now {
			break
		}
		e := d.start(now)
		q.wake(d)
		if e == nil {
			continue
		}
		// Destinations take turns: one that has just started waits for the others.
		if d.place >= 0 {
			d.wake = max(d.wake, now)
			heap.Fix(&q.schedule, d.place)
		}
		q.running++
		q.dispatch(task{e, d.round})
	}
	if len(q.schedule) > 0 && q.running < q.settings.Workers {
		q.timer.Reset(max(q.schedule[0].wake-now, 0))
	}
}

// tick is called by the timer.
func (q *Queue) tick() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.kick()
}

// done ends an attempt: the entry's place is free. q.mu is held.
func (q *Queue) done(e *entry) {
	q.running--
	e.dest.ended(e)
	if e.dest.count == 0 && e.dest.running == 0 {
		q.schedule.remove(e.dest)
		delete(q.destinations, e.dest.Key)
		return
	}
	q.wake(e.dest)
}

// sweepEvery is how often the age of messages is looked at.
const sweepEvery = time.Minute

// Run sends messages until ctx ends, and returns when the running attempts have
// ended. They have wait to do so, and until work ends; what was not accepted until
// then is sent again later.
func (q *Queue) Run(ctx, work context.Context, wait time.Duration) {
	work, cancel := context.WithCancel(work)
	defer cancel()
	q.mu.Lock()
	q.ctx, q.started = work, true
	q.timer = time.AfterFunc(time.Hour, q.tick)
	q.kick()
	q.mu.Unlock()
	endShare := q.share()
	sweep := time.NewTicker(sweepEvery)
	defer sweep.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-sweep.C:
			q.sweep(ctx)
		}
	}
	q.mu.Lock()
	q.stopped = true
	close(q.tasks)
	q.timer.Stop()
	q.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		q.wg.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(wait):
		cancel()
		<-ended
	}
	endShare()
}
