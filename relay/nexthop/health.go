package nexthop

import (
	"sync"
	"time"
)

const (
	// backoffFirst is how long a host that could not be used is tried after the
	// others. The time doubles with each further failure, up to backoffMost. The
	// host is never excluded: it is tried when all others fail.
	backoffFirst = 30 * time.Second
	backoffMost  = 10 * time.Minute
	// retryTime is how long one transaction may try a host after its backoff before
	// another one does, so that only one waits for a host that may still not reply.
	retryTime = time.Minute
)

// maxRemembered bounds what is remembered of hosts over many reloads.
const maxRemembered = 1024

// health stores which hosts have failed.
type health struct {
	now func() time.Time

	mu    sync.Mutex
	hosts map[hostKey]*failure
}

// failure is what is known of a host that failed and has not worked since.
type failure struct {
	failures   int
	err        error     // the last
	late       bool      // it failed after it had accepted a recipient
	until      time.Time // end of the backoff
	retryUntil time.Time // one transaction tries it until then
}

// inBackoff reports whether the host is tried after the others.
func (h *health) inBackoff(key hostKey) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.hosts[key]
	return a != nil && (h.now().Before(a.until) || h.now().Before(a.retryUntil))
}

// try records that a transaction tries the host.
func (h *health) try(key hostKey) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if a := h.hosts[key]; a != nil {
		a.retryUntil = h.now().Add(retryTime)
	}
}

// failed records a failure and returns the length of the backoff. Failures during a
// backoff count once: they are attempts with messages that found no other host.
func (h *health) failed(key hostKey, err error) time.Duration { return h.note(key, err, false) }

// lost records a failure after the host has accepted a recipient. Such a host may
// still reply to MAIL: only a reply to a complete message ends the backoff.
func (h *health) lost(key hostKey, err error) { h.note(key, err, true) }

func (h *health) note(key hostKey, err error, late bool) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.hosts[key]
	if a == nil {
		if h.hosts == nil || len(h.hosts) >= maxRemembered {
			h.hosts = make(map[hostKey]*failure)
		}
		a = new(failure)
		h.hosts[key] = a
	}
	a.err, a.late, a.retryUntil = err, late, time.Time{}
	now := h.now()
	if now.Before(a.until) {
		return a.until.Sub(now)
	}
	rest := min(backoffFirst<<min(a.failures, 16), backoffMost)
	a.failures++
	a.until = now.Add(rest)
	return rest
}

// answeredMail forgets the failures of a host that has replied to MAIL, unless it
// failed after that step.
func (h *health) answeredMail(key hostKey) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if a := h.hosts[key]; a != nil && !a.late {
		delete(h.hosts, key)
	}
}

// works forgets the failures of a host that has replied to a complete message.
func (h *health) works(key hostKey) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.hosts, key)
}

// lastFailure returns the last failure of a host that has not worked since, or nil.
func (h *health) lastFailure(key hostKey) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if a := h.hosts[key]; a != nil {
		return a.err
	}
	return nil
}
