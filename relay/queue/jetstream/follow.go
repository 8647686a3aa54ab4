package jetstream

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/reconvene/reconvene/relay/queue"
)

const (
	readAtOnce  = 500              // messages that are asked for at a time
	readPause   = time.Second      // after an error
	idleCheck   = 2 * time.Second  // when the last message of a list was deleted while it was read
	loadTimeout = 10 * time.Minute // of Load
)

// state is what is stored of a message that was changed.
type state struct {
	seq  uint64
	data []byte
}

// follow gives the messages of a partition to the queue: those that are there, and
// then each one that is stored, until ctx ends.
func (h *sharing) follow(ctx context.Context, n int) {
	var states map[string]state
	said := ""
	for ctx.Err() == nil {
		err := func() (err error) {
			if states == nil {
				if states, err = h.states(ctx, n); err != nil {
					return err
				}
			}
			return h.followOnce(ctx, n, states)
		}()
		if ctx.Err() != nil {
			return
		}
		if err != nil && err.Error() != said {
			said = err.Error()
			h.to.Trouble("reading the messages of a partition", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(readPause):
		}
	}
}

// followOnce reads with one consumer, until ctx ends or it fails.
func (h *sharing) followOnce(ctx context.Context, n int, states map[string]state) error {
	h.mu.Lock()
	last := h.partitions[n].last
	h.mu.Unlock()
	c, err := h.js.OrderedConsumer(ctx, h.opt.Name, jetstream.OrderedConsumerConfig{FilterSubjects: []string{h.subject(n, "*")}, HeadersOnly: true,
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: last + 1, MaxResetAttempts: 5, InactiveThreshold: time.Minute})
	if err != nil {
		return err
	}
	it, err := c.Messages(jetstream.PullMaxMessages(readAtOnce))
	if err != nil {
		return err
	}
	defer it.Stop()
	if info := c.CachedInfo(); info != nil && info.NumPending == 0 {
		h.removeOrphans(n, states)
	}
	for {
		msg, err := it.Next(jetstream.NextContext(ctx))
		if err != nil {
			return err
		}
		meta, err := msg.Metadata()
		if err != nil {
			return err
		}
		if err := h.give(n, msg, meta.Sequence.Stream, states); err != nil {
			return err
		}
		if meta.NumPending == 0 && len(states) > 0 {
			h.removeOrphans(n, states)
		}
	}
}

// removeOrphans deletes states whose messages are gone: a relay died between the two.
func (h *sharing) removeOrphans(n int, states map[string]state) {
	for id := range states {
		h.removeState(h.places, n, id)
		delete(states, id)
	}
}

// give gives one message to the queue.
func (h *sharing) give(n int, msg jetstream.Msg, seq uint64, states map[string]state) error {
	id := idOf(msg.Subject())
	m, stateSeq, err := h.message(msg, states)
	delete(states, id)
	switch {
	case errors.Is(err, queue.ErrNotFound):
	case errors.Is(err, queue.ErrMalformed):
		if err := h.SetAside(id, err.Error()); err != nil && !errors.Is(err, queue.ErrNotFound) {
			return fmt.Errorf("setting a damaged message aside: %w", err)
		}
		h.to.Damaged(queue.Damage{ID: id, Why: err.Error()})
	case err != nil:
		return err
	}
	h.mu.Lock()
	h.partitions[n].last = seq
	if err == nil {
		at := h.known[id]
		if at == nil || at.seq != seq {
			h.forget(id)
			at = &place{partition: n, seq: seq, large: msg.Headers().Get(headerLarge) != ""}
			h.known[id] = at
		}
		at.state = stateSeq
	}
	h.mu.Unlock()
	if err == nil {
		h.to.Given(m, int64(seq))
	}
	return nil
}

// message returns a message with its newest state, and the number of that.
func (s *Store) message(msg jetstream.Msg, states map[string]state) (*queue.Message, uint64, error) {
	id := idOf(msg.Subject())
	if changed, ok := states[id]; ok {
		m, err := queue.ParseEnvelope(changed.data, id)
		return m, changed.seq, err
	}
	header, data := msg.Headers(), msg.Data()
	if header.Get(headerSplit) != "" { // the consumer has the header only
		meta, err := msg.Metadata()
		if err != nil {
			return nil, 0, err
		}
		s.mu.Lock()
		messages := s.places.messages
		s.mu.Unlock()
		raw, err := s.get(messages, meta.Sequence.Stream)
		if err != nil {
			return nil, 0, err
		}
		header, data = raw.Header, raw.Data
	}
	m, err := parseEnvelope(header, data, id)
	return m, 0, err
}

// idOf returns the ID in a subject.
func idOf(subject string) string { return subject[strings.LastIndexByte(subject, '.')+1:] }

// states returns the states of the messages in a partition that were changed. They are
// asked for one by one: only the leader of the stream is sure to have the newest ones.
func (s *Store) states(ctx context.Context, n int) (map[string]state, error) {
	s.mu.Lock()
	stream := s.places.states
	s.mu.Unlock()
	var info *jetstream.StreamInfo
	err := s.try(func(ctx context.Context) (err error) {
		info, err = stream.Info(ctx, jetstream.WithSubjectFilter(s.stateSubject(n, "*")))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the stream of states: %w", err)
	}
	states := map[string]state{}
	for subject := range info.State.Subjects {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		raw, err := s.last(stream, subject)
		if errors.Is(err, queue.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading the stream of states: %w", err)
		}
		states[idOf(subject)] = state{raw.Sequence, raw.Data}
	}
	return states, nil
}

// read calls f for the header of each message that a stream has now.
func (s *Store) read(ctx context.Context, stream, filter string, f func(msg jetstream.Msg, seq uint64) error) error {
	c, err := s.js.OrderedConsumer(ctx, stream, jetstream.OrderedConsumerConfig{FilterSubjects: []string{filter}, HeadersOnly: true,
		DeliverPolicy: jetstream.DeliverAllPolicy, MaxResetAttempts: 5, InactiveThreshold: time.Minute})
	if err != nil {
		return fmt.Errorf("reading the stream %s: %w", stream, err)
	}
	if info := c.CachedInfo(); info != nil && info.NumPending == 0 {
		return nil
	}
	it, err := c.Messages(jetstream.PullMaxMessages(readAtOnce))
	if err != nil {
		return fmt.Errorf("reading the stream %s: %w", stream, err)
	}
	defer it.Stop()
	for {
		msg, err := it.Next(jetstream.NextMaxWait(idleCheck))
		if errors.Is(err, nats.ErrTimeout) && ctx.Err() == nil {
			if info, infoErr := c.Info(ctx); infoErr == nil && info.NumPending == 0 {
				return nil
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("reading the stream %s: %w", stream, err)
		}
		meta, err := msg.Metadata()
		if err != nil {
			return err
		}
		if err := f(msg, meta.Sequence.Stream); err != nil || meta.NumPending == 0 {
			return err
		}
	}
}
