package jetstream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/reconvene/reconvene/relay/queue"
)

// Status is how the queue is at the moment, as this relay sees it.
type Status struct {
	Trouble    error // why messages cannot be stored or sent; nil: they can
	Partitions int   // of the queue
	Held       int   // of these, those whose messages this relay sends

	Known    bool   // whether what follows is known: not while there is trouble
	Free     int    // partitions that no relay has
	Messages uint64 // in the queue, those of all relays

	Errors uint64 // requests that failed since Open, after they were repeated
}

// round is the result of the last round of Share.
type round struct {
	err      error
	done     bool // there was one
	free     int
	messages uint64
}

// Status returns how the queue is. It asks nobody: what it says of the other relays is from the
// last round of Share, a sixth of a lease ago.
func (s *Store) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := Status{Partitions: partitionCount, Trouble: s.trouble(), Errors: s.failures.Load()}
	for n := range s.partitions {
		if s.partitions[n].holds() {
			st.Held++
		}
	}
	if st.Trouble == nil && s.round.done {
		st.Known, st.Free, st.Messages = true, s.round.free, s.round.messages
	}
	return st
}

// trouble returns why messages cannot be stored or sent. s.mu is held.
func (s *Store) trouble() error {
	switch last := s.nc.LastError(); {
	case s.nc.IsConnected() && s.why != nil:
		return s.why
	case s.nc.IsConnected():
		return s.round.err
	case last == nil || errors.Is(last, nats.ErrNoServers):
		return nats.ErrNoServers
	default:
		return fmt.Errorf("%w (%w)", nats.ErrNoServers, last)
	}
}

// share takes part in the sharing once, and notes what it has learned of the whole queue. It
// counts the messages at the same time, since a slow stream must not delay the leases.
func (h *sharing) share(ctx context.Context) error {
	r := round{done: true}
	var failed error
	var both sync.WaitGroup
	both.Go(func() {
		limited, cancel := context.WithTimeout(ctx, max(h.lease/3, time.Second))
		defer cancel()
		info, err := h.places.messages.Info(limited)
		if err != nil {
			failed = fmt.Errorf("stream %s: %w", h.opt.Name, err)
			return
		}
		r.messages = info.State.Msgs
	})
	free, err := h.balance(ctx)
	both.Wait()
	r.free, r.err = free, cmp.Or(err, failed)
	if ctx.Err() != nil {
		return r.err // the end is no failure
	}
	h.failed(r.err)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.round = r
	return r.err
}

// failed counts an error, unless it is an answer that has a meaning, or the end of the store.
func (s *Store) failed(err error) {
	if err != nil && s.ctx.Err() == nil && !isWrongSequence(err) && !errors.Is(notFound(err), queue.ErrNotFound) {
		s.failures.Add(1)
	}
}
