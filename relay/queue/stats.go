package queue

import "time"

// Stats are numbers of the queue.
type Stats struct {
	Messages int           // that have a recipient who is queued
	Held     int           // of those
	Running  int           // attempts at the moment
	Failing  int           // destinations that wait because they failed
	Oldest   time.Duration // the age of the oldest message; 0 without one
}

// Stats returns the numbers at the moment.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := Stats{Messages: len(q.messages), Running: q.running}
	oldest := q.opt.Now().UnixNano()
	now := oldest
	for _, e := range q.messages {
		if e.phase == held {
			s.Held++
		}
		oldest = min(oldest, e.received)
	}
	for _, d := range q.destinations {
		if d.failures > 0 {
			s.Failing++
		}
	}
	s.Oldest = time.Duration(now - oldest)
	return s
}
