package nexthop

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// learnedLimitAge is how long a limit that a host has shown is applied.
const learnedLimitAge = 10 * time.Minute

// closingTime is how long a host may count a connection that we have closed, and
// closingPause how long we wait before we ask it again.
const (
	// closingTime is how long a host may count a connection that we have closed, and
	// closingPause how long we wait before we connect again.
	closingTime  = 5 * time.Second
	closingPause = 100 * time.Millisecond
)

// capacity counts the open connections to each host, and stores the limits that the
// host has shown: connections at once, and messages on one connection.
type capacity struct {
	most int // max_connections; 0: any number
	now  func() time.Time

	mu    sync.Mutex
	hosts map[string]*load // by host:port
}

type load struct {
	open    int
	by      map[string]int // the same by address
	most    learnedLimit   // connections at once
	uses    learnedLimit   // messages on a connection
	waiting []*waiter
	closed  time.Time // when the last connection that worked was closed
}

// waiter is a search that waits for a free connection to one of some hosts.
type waiter struct {
	c     *capacity
	hosts []string
	free  chan struct{} // closed when a connection became free
	by    string        // to this host
}

// learnedLimit is a limit that a host has shown; it expires.
type learnedLimit struct {
	n     int
	until time.Time
}

func (l learnedLimit) or(otherwise int, now time.Time) int {
	if l.n > 0 && now.Before(l.until) && (otherwise == 0 || l.n < otherwise) {
		return l.n
	}
	return otherwise
}

// host returns the entry of a host; c.mu must be held.
func (c *capacity) host(name string) *load {
	if c.hosts == nil {
		c.hosts = make(map[string]*load)
	}
	l := c.hosts[name]
	if l == nil {
		if len(c.hosts) >= maxRemembered {
			for name, l := range c.hosts {
				if l.open == 0 && len(l.waiting) == 0 {
					delete(c.hosts, name)
				}
			}
		}
		l = &load{by: make(map[string]int)}
		c.hosts[name] = l
	}
	return l
}

// enter counts one more connection; it returns false when the limit is reached.
func (c *capacity) enter(t target, most int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.host(t.host)
	if !c.hasRoom(l, most) {
		return false
	}
	l.open++
	l.by[t.addr]++
	return true
}

// room reports whether a further connection is allowed.
func (c *capacity) room(t target, most int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hasRoom(c.host(t.host), most)
}

// hasRoom is room with c.mu held. most is the route's own limit, 0 for none.
func (c *capacity) hasRoom(l *load, most int) bool {
	if most == 0 {
		most = c.most
	}
	most = l.most.or(most, c.now())
	return most == 0 || l.open < most
}

// leave ends the count of a connection.
func (c *capacity) leave(t target) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.host(t.host)
	l.open--
	if l.by[t.addr]--; l.by[t.addr] <= 0 {
		delete(l.by, t.addr)
	}
	c.wake(t.host)
}

// close is leave for a connection that worked.
func (c *capacity) close(t target) {
	c.mu.Lock()
	c.host(t.host).closed = c.now()
	c.mu.Unlock()
	c.leave(t)
}

// closing reports whether a connection to the host was closed so recently that the
// host may still count it.
func (c *capacity) closing(host string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.host(host).closed
	return !at.IsZero() && c.now().Sub(at) < closingTime
}

// open returns the number of open connections to an address.
func (c *capacity) open(t target) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.host(t.host).by[t.addr]
}

// learnConnectionLimit records that the host accepts no more connections than those
// that are open; it returns false when none is.
func (c *capacity) learnConnectionLimit(host string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.host(host)
	if l.open == 0 {
		return false
	}
	l.most = learnedLimit{l.open, c.now().Add(learnedLimitAge)}
	return true
}

// learnMessageLimit records that a connection to the host carries no more than n
// messages.
func (c *capacity) learnMessageLimit(host string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.host(host).uses = learnedLimit{n, c.now().Add(learnedLimitAge)}
}

// messageLimit returns how many messages a connection to the host carries; 0: any
// number.
func (c *capacity) messageLimit(host string, otherwise int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.host(host).uses.or(otherwise, c.now())
}

// wait adds a waiter for the hosts to the queue, at the front if it waited before.
// done must be called.
func (c *capacity) wait(hosts []string, front bool) *waiter {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := &waiter{c: c, hosts: hosts, free: make(chan struct{})}
	for _, name := range hosts {
		l := c.host(name)
		if front {
			l.waiting = slices.Insert(l.waiting, 0, w)
		} else {
			l.waiting = append(l.waiting, w)
		}
	}
	return w
}

// done removes a waiter from the queue. It returns the host to which a connection
// became free for it, "" for none; a caller that does not use that connection must
// call freed.
func (w *waiter) done() (by string) {
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	w.c.dequeue(w)
	return w.by
}

// dequeue removes a waiter from all queues; c.mu must be held.
func (c *capacity) dequeue(w *waiter) {
	for _, name := range w.hosts {
		l := c.hosts[name]
		l.waiting = slices.DeleteFunc(l.waiting, func(other *waiter) bool { return other == w })
	}
	w.hosts = nil
}

// freed wakes the first search that waits for a connection to the host.
func (c *capacity) freed(host string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wake(host)
}

// wake wakes the first waiter for a host; c.mu must be held.
func (c *capacity) wake(host string) {
	if l := c.hosts[host]; l != nil && len(l.waiting) > 0 {
		w := l.waiting[0]
		c.dequeue(w)
		w.by = host
		close(w.free)
	}
}

// Replies of servers that accept no further connection: Exchange "The maximum number
// of concurrent connections has exceeded a limit", Exim "Too many concurrent SMTP
// connections", Postfix "too many connections from" and "All server ports are busy",
// Sendmail "Too many open connections" and "Connection rate limit exceeded", and
// others like them. The next words name what there are too many of: too many
// messages or errors on a connection are another condition.
var (
	tooManyWords = regexp.MustCompile(`too many\b.*?\b(connections?|sessions?|clients?|channels?|` +
		`messages|e?mails|recipients|transactions|errors|commands|attempts|failures)\b`)
	limitWords = regexp.MustCompile(`\b(connection|session|thread)s?\b.*\b(limit|exceed|maximum)|` +
		`\b(limit|exceed(ed|s)?|max(imum)?)\b.*\b(connection|session|thread)s?\b|\bconcurrency limit|\bports are busy`)
	otherLimits = regexp.MustCompile(`\bmessages\b|\bmessage (limit|count)|\be?mails\b|\brecipients\b|\btransactions\b`)
)

// isConnectionLimit reports whether a reply is about the number of our connections.
func (r reply) isConnectionLimit() bool {
	if r.code/100 != 4 {
		return false
	}
	text := strings.ToLower(strings.Join(r.text, " "))
	if m := tooManyWords.FindStringSubmatch(text); m != nil {
		return slices.Contains([]string{"connection", "session", "client", "channel"}, strings.TrimSuffix(m[1], "s"))
	}
	return limitWords.MatchString(text) && !otherLimits.MatchString(text)
}

// idleWords are in a 421 to a connection that was idle for too long. Such a reply
// does not show a limit of messages.
var idleWords = regexp.MustCompile(`idle|time(d)?[ -]?out|inactiv|shut(ting)? ?down|not available`)

// isMessageLimit reports whether a 421 is about the number of messages on the
// connection.
func (r reply) isMessageLimit() bool {
	return r.code == 421 && r.enhanced != [3]int{4, 4, 2} && r.enhanced[1] != 3 && !r.isConnectionLimit() &&
		!idleWords.MatchString(strings.ToLower(strings.Join(r.text, " ")))
}
