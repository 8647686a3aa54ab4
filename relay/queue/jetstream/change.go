package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/reconvene/reconvene/relay/queue"
)

// updateTries is how often a state is stored that another relay has changed meanwhile.
const updateTries = 3

// Update implements queue.Store. A recipient whose delivery another relay has ended
// meanwhile stays so.
func (s *Store) Update(m *queue.Message) error {
	p, at, _, err := s.find(m.ID)
	if err != nil {
		return err
	}
	for range updateTries {
		var seq uint64
		if seq, err = s.putState(m, at); err == nil {
			s.changed(m.ID, seq)
			return nil
		}
		stored, rev, readErr := s.getState(p, at, m.ID)
		switch {
		case readErr != nil:
			return errors.Join(err, readErr)
		case stored != nil && rev != at.state:
			merge(m, stored)
		case !isWrongSequence(err):
			return full(err) // nothing was stored
		}
		at.state = rev
	}
	return full(err)
}

// putState stores a state after the one that is known.
func (s *Store) putState(m *queue.Message, at place) (uint64, error) {
	b, err := json.Marshal(m)
	if err != nil {
		return 0, err
	}
	if limit := s.nc.MaxPayload() - 1024; int64(len(b)) > limit {
		if b, err = json.Marshal(slim(m)); err != nil {
			return 0, err
		}
	}
	var seq uint64
	err = s.try(func(ctx context.Context) error {
		ack, err := s.js.PublishMsg(ctx, &nats.Msg{Subject: s.stateSubject(at.partition, m.ID), Data: b}, jetstream.WithExpectLastSequencePerSubject(at.state))
		if err == nil {
			seq = ack.Sequence
		}
		return err
	})
	return seq, err
}

// slim returns a message without what was said in the last attempts: with thousands
// of recipients that may be larger than a message of NATS.
func slim(m *queue.Message) *queue.Message {
	short := *m
	short.Recipients = append([]queue.Recipient(nil), m.Recipients...)
	for i := range short.Recipients {
		if last := short.Recipients[i].Last; last != nil {
			brief := *last
			brief.Text, brief.Dialogue = nil, nil
			short.Recipients[i].Last = &brief
		}
	}
	return &short
}

// merge takes over the deliveries that have ended in the stored state.
func merge(m, stored *queue.Message) {
	for i := range m.Recipients {
		if i < len(stored.Recipients) && stored.Recipients[i].State != queue.Queued && m.Recipients[i].State == queue.Queued {
			m.Recipients[i] = stored.Recipients[i]
		}
	}
}

// changed remembers the number of a state. The body is read again for a later attempt.
func (s *Store) changed(id string, seq uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at := s.known[id]; at != nil {
		at.state = seq
		s.cached -= int64(len(at.body))
		at.body = nil
	}
}

// Remove implements queue.Store. The message is deleted before its state: a message
// without its state would be sent to all its recipients.
func (s *Store) Remove(id string) error {
	p, at, _, err := s.find(id)
	if err != nil {
		return err
	}
	if err := s.deleteMsg(s.opt.Name, at.seq); err != nil {
		if errors.Is(err, queue.ErrNotFound) {
			s.removed(id)
		}
		return err
	}
	s.removed(id)
	if at.state != 0 || !s.holds(at.partition) {
		s.removeState(p, at.partition, id)
	}
	if at.large {
		s.deleteObject(p, id)
	}
	return nil
}

func (s *Store) removed(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(id)
}

// removeState deletes the state of a message that is gone. One that stays is harmless,
// and deleted when its partition is read the next time.
func (s *Store) removeState(p places, partition int, id string) {
	ctx, cancel := s.request()
	defer cancel()
	_ = p.states.Purge(ctx, jetstream.WithPurgeSubject(s.stateSubject(partition, id)))
}

// damagedToken is in the subject of messages that were set aside.
const damagedToken = "damaged"

// SetAside implements queue.Store: the message is stored in the stream of states, with
// the reason in its header.
func (s *Store) SetAside(id, why string) error {
	p, at, raw, err := s.find(id)
	if err != nil {
		return err
	}
	if raw == nil {
		if raw, err = s.get(p.messages, at.seq); err != nil {
			return err
		}
	}
	msg := &nats.Msg{Subject: fmt.Sprintf("%s%s.%s.%s", s.opt.Name, statesSuffix, damagedToken, id), Header: raw.Header, Data: raw.Data}
	if msg.Header == nil {
		msg.Header = nats.Header{}
	}
	for _, own := range []string{jetstream.MsgIDHeader, jetstream.ExpectedStreamHeader} {
		msg.Header.Del(own)
	}
	msg.Header.Set("Reconvene-Why", why)
	err = s.try(func(ctx context.Context) error {
		_, err := s.js.PublishMsg(ctx, msg)
		return err
	})
	if err != nil {
		return fmt.Errorf("setting a message aside: %w", err)
	}
	if err := s.deleteMsg(s.opt.Name, at.seq); err != nil {
		return err
	}
	s.removed(id)
	s.removeState(p, at.partition, id)
	return nil
}
