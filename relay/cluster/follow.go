package cluster

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/reconvene/reconvene/relay/ledger"
)

// applyMost bounds what is stored in one transaction.
const applyMost = 200

// follow stores the changes of the stream, until ctx ends or something fails.
func (m *Member) follow(ctx context.Context, s *stream) error {
	c, err := s.js.OrderedConsumer(ctx, s.name, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: s.state.Position + 1, MaxResetAttempts: 5})
	if err != nil {
		return fmt.Errorf("reading the stream: %w", err)
	}
	it, err := c.Messages(jetstream.PullMaxMessages(2 * applyMost))
	if err != nil {
		return fmt.Errorf("reading the stream: %w", err)
	}
	defer it.Stop()
	came, ended := make(chan jetstream.Msg, applyMost), make(chan error, 1)
	go func() {
		for {
			msg, err := it.Next()
			if err != nil {
				ended <- err
				return
			}
			select {
			case came <- msg:
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-ended:
			return fmt.Errorf("reading the stream: %w", err)
		case msg := <-came:
			if err := m.apply(s, msg, came); err != nil {
				return err
			}
		}
	}
}

// apply stores a change and those that were received after it.
func (m *Member) apply(s *stream, first jetstream.Msg, came <-chan jetstream.Msg) error {
	var list []ledger.Applied
	others := 0
	for msg := first; msg != nil; {
		meta, err := msg.Metadata()
		if err != nil {
			return err
		}
		// Our own are applied as well: a ledger that was restored from a backup lacks some.
		a := ledger.Applied{Position: meta.Sequence.Stream}
		if a.Change, err = ledger.DecodeChange(msg.Data()); err != nil {
			m.logUnshared(msg.Headers().Get(jetstream.MsgIDHeader), err)
		}
		if msg.Headers().Get(headerNode) != s.state.Node {
			others++
			m.compare(msg.Headers(), meta.Timestamp)
		}
		list = append(list, a)
		msg = nil
		if len(list) < applyMost {
			select {
			case msg = <-came:
			default:
			}
		}
	}
	if !m.opt.Ledger.Apply(list) {
		return errors.New("the ledger cannot be written")
	}
	m.worked()
	m.mu.Lock()
	m.counts.Applied += uint64(others)
	m.mu.Unlock()
	return nil
}
