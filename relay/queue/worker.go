package queue

// mostIdle is how many goroutines stay for further attempts. An attempt needs a large stack,
// which the runtime enlarges in several steps for each new goroutine.
const mostIdle = 32

// task is an attempt that is due.
type task struct {
	entry *entry
	round int // of its destination
}

// dispatch lets a goroutine make an attempt: one that has nothing to do, or else a new one.
// q.mu is held.
func (q *Queue) dispatch(t task) {
	if q.idle > 0 {
		q.idle--
		q.tasks <- t // has room for all that are idle
		return
	}
	q.wg.Add(1)
	go q.work(t)
}

// work makes attempts until there are enough goroutines that do nothing, or until Run ends.
func (q *Queue) work(t task) {
	defer q.wg.Done()
	for more := true; more; {
		q.attempt(t.entry, t.round)
		if !q.rest() {
			return
		}
		t, more = <-q.tasks
	}
}

// rest reports whether the goroutine shall wait for another task.
func (q *Queue) rest() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopped || q.idle == mostIdle {
		return false
	}
	q.idle++
	return true
}
