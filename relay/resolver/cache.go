package resolver

import (
	"sync"
	"time"
)

const (
	// maxTTL is the longest time for which an answer is used; minTTL the shortest, so
	// that a TTL of zero does not cost a question for each message.
	maxTTL = 24 * time.Hour
	minTTL = 5 * time.Second
	// maxNegativeTTL is the same for the absence of records: a domain that gets its
	// first MX record must not wait for a day.
	maxNegativeTTL = 15 * time.Minute
	// failureTTL is how long a failure is remembered (RFC 2308 §7 permits five minutes):
	// the messages to a domain whose name servers do not answer must not wait for them
	// one after the other.
	failureTTL = 10 * time.Second
	// maxCached bounds the number of answers.
	maxCached = 10_000
)

// cache has answers until they expire.
type cache struct {
	mu      sync.Mutex
	entries map[question]entry
}

func (c *cache) get(q question, now time.Time) (entry, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[q]
	return e, ok && now.Before(e.until)
}

func (c *cache) put(q question, e entry, now time.Time) {
	e.until = now.Add(max(e.ttl, minTTL))
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil {
		c.entries = make(map[question]entry)
	}
	if _, known := c.entries[q]; !known && len(c.entries) >= maxCached {
		c.shrink(now)
	}
	c.entries[q] = e
}

// shrink removes what has expired, and at least a tenth: any, as the order of a map
// is random.
func (c *cache) shrink(now time.Time) {
	for q, e := range c.entries {
		if !now.Before(e.until) || len(c.entries) > maxCached*9/10 {
			delete(c.entries, q)
		}
	}
}
