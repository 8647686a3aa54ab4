package dsn

import (
	"strings"
	"sync"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// Limiter limits the notifications to each reverse-path: a program that sends to a
// thousand addresses which do not exist, or a forged sender, does not get a thousand
// notifications. It is safe for concurrent use.
type Limiter struct {
	perHour int
	paths   int
	now     func() time.Time

	mu    sync.Mutex
	hours map[string]*hour
	order []*hour // by start
}

// hour counts from the first notification on.
type hour struct {
	path  string
	start time.Time
	sent  int
}

// NewLimiter returns a limiter that allows perHour notifications for each reverse-path
// in each hour and remembers that many paths. When there are more, the oldest is
// forgotten, so that its sender may get more notifications: memory is bounded, and a
// sender is rather told once too often than never. perHour 0 is no limit.
func NewLimiter(perHour, paths int, now func() time.Time) *Limiter {
	return &Limiter{perHour: perHour, paths: max(paths, 1), now: now, hours: make(map[string]*hour)}
}

// Allow counts a notification and reports whether it may be sent. If not, again is when
// the next one may be.
func (l *Limiter) Allow(path string) (again time.Time, ok bool) {
	if l.perHour <= 0 {
		return time.Time{}, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.forget(now)
	h := l.hour(limiterKey(path), now)
	if h.sent < l.perHour {
		h.sent++
		return time.Time{}, true
	}
	return h.start.Add(time.Hour), false
}

// hour returns the current hour of a path.
func (l *Limiter) hour(key string, now time.Time) *hour {
	if h, known := l.hours[key]; known {
		return h
	}
	if len(l.order) >= l.paths {
		l.drop(1)
	}
	h := &hour{path: key, start: now}
	l.hours[key] = h
	l.order = append(l.order, h)
	return h
}

// forget drops the hours that are over. After the clock was set back, all of them are:
// else a path could be blocked for as long as that.
func (l *Limiter) forget(now time.Time) {
	n := 0
	for _, h := range l.order {
		if age := now.Sub(h.start); age >= 0 && age < time.Hour {
			break
		}
		n++
	}
	l.drop(n)
}

// drop forgets the n oldest hours.
func (l *Limiter) drop(n int) {
	for i, h := range l.order[:n] {
		delete(l.hours, h.path)
		l.order[i] = nil
	}
	l.order = l.order[n:]
}

// limiterKey is the path with its domain in the form in which domains are compared. It
// is shortened, since memory is counted by paths.
func limiterKey(path string) string {
	if at := strings.LastIndexByte(path, '@'); at >= 0 {
		path = path[:at+1] + envelope.ASCIIDomain(path[at+1:])
	}
	return strings.Clone(path[:min(len(path), maxPath)])
}
