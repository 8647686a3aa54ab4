package jetstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/reconvene/reconvene/relay/queue"
	"github.com/reconvene/reconvene/relay/spool"
)

// Get implements queue.Store.
func (s *Store) Get(id string) (*queue.Message, error) {
	p, at, raw, err := s.find(id)
	if err != nil {
		return nil, err
	}
	m, rev, err := s.getState(p, at, id)
	if err == nil && m == nil {
		if raw == nil {
			if raw, err = s.get(p.messages, at.seq); err != nil {
				return nil, err
			}
		}
		m, err = parseEnvelope(raw.Header, raw.Data, id)
	}
	if errors.Is(err, queue.ErrMalformed) {
		return nil, errors.Join(queue.ErrDamaged, err, s.SetAside(id, err.Error()))
	}
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.known[id]; known != nil {
		known.state = rev
	}
	return m, nil
}

// getState returns the newest state of a message, nil if it was not changed, and its
// number.
func (s *Store) getState(p places, at place, id string) (*queue.Message, uint64, error) {
	var raw *jetstream.RawStreamMsg
	err := s.try(func(ctx context.Context) (err error) {
		raw, err = p.states.GetLastMsgForSubject(ctx, s.stateSubject(at.partition, id))
		if err == nil && raw.Sequence < at.state {
			return errBehind
		}
		return err
	})
	if errors.Is(notFound(err), queue.ErrNotFound) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	m, err := queue.ParseEnvelope(raw.Data, id)
	return m, raw.Sequence, err
}

// find returns the place of a message, and the message if it had to be looked for.
func (s *Store) find(id string) (places, place, *jetstream.RawStreamMsg, error) {
	if !queue.IsID(id) {
		return places{}, place{}, nil, queue.ErrNotFound
	}
	p, err := s.ready()
	if err != nil {
		return p, place{}, nil, err
	}
	s.mu.Lock()
	known := s.known[id]
	if known != nil {
		defer s.mu.Unlock()
		return p, *known, nil, nil
	}
	s.mu.Unlock()
	raw, err := s.last(p.messages, s.opt.Name+".*."+id)
	if err != nil {
		return p, place{}, nil, err
	}
	n, err := strconv.Atoi(strings.Split(raw.Subject, ".")[1])
	if err != nil {
		return p, place{}, nil, queue.ErrNotFound
	}
	return p, place{partition: n, seq: raw.Sequence, large: raw.Header.Get(headerLarge) != ""}, raw, nil
}

// parseEnvelope returns the envelope of a message in the stream.
func parseEnvelope(h nats.Header, data []byte, id string) (*queue.Message, error) {
	if text := h.Get(headerEnvelope); text != "" {
		return queue.ParseEnvelope([]byte(text), id)
	}
	n, err := strconv.Atoi(h.Get(headerSplit))
	if err != nil || n < 0 || n > len(data) {
		return nil, fmt.Errorf("%w: the message has none", queue.ErrMalformed)
	}
	return queue.ParseEnvelope(data[:n], id)
}

// Body implements queue.Store.
func (s *Store) Body(id string) (queue.Body, error) {
	p, at, raw, err := s.find(id)
	switch {
	case err != nil:
		return nil, err
	case at.body != nil:
		return queue.BodyInMemory(at.body), nil
	case at.large:
		return s.object(p, id)
	}
	if raw == nil {
		if raw, err = s.get(p.messages, at.seq); err != nil {
			return nil, err
		}
	}
	if raw.Header.Get(headerLarge) != "" {
		return s.object(p, id)
	}
	n, _ := strconv.Atoi(raw.Header.Get(headerSplit))
	return queue.BodyInMemory(raw.Data[min(max(n, 0), len(raw.Data)):]), nil
}

// object reads a large body.
func (s *Store) object(p places, id string) (queue.Body, error) {
	ctx, cancel := context.WithTimeout(s.ctx, 10*requestTimeout)
	defer cancel()
	r, err := p.bodies.Get(ctx, id)
	if errors.Is(err, jetstream.ErrObjectNotFound) {
		return nil, queue.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b := spool.New(spool.Options{InMemory: s.opt.InMemory, Directory: s.opt.Temp})
	if _, err := io.Copy(b, r); err != nil {
		b.Close()
		return nil, fmt.Errorf("reading the body: %w", err)
	}
	return file{b}, nil
}

// file is a large body, which was read from the object store.
type file struct{ *spool.Body }

// Close implements io.Closer.
func (f file) Close() error {
	f.Body.Close()
	return nil
}

// Load implements queue.Store: all messages of all partitions, in the order of their
// IDs. A queue that shares the store gets those of its partitions by Share.
func (s *Store) Load(f func(*queue.Message)) (damage []queue.Damage, err error) {
	if _, err := s.ready(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(s.ctx, loadTimeout)
	defer cancel()
	var list []*queue.Message
	for n := range partitionCount {
		states, err := s.states(ctx, n)
		if err != nil {
			return nil, err
		}
		err = s.read(ctx, s.opt.Name, s.subject(n, "*"), func(msg jetstream.Msg, seq uint64) error {
			m, _, why := s.message(msg, states)
			if why != nil {
				id := idOf(msg.Subject())
				damage = append(damage, queue.Damage{ID: id, Why: why.Error()})
				return s.SetAside(id, why.Error())
			}
			list = append(list, m)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(list, func(a, b *queue.Message) int { return strings.Compare(a.ID, b.ID) })
	for _, m := range list {
		f(m)
	}
	return damage, nil
}
