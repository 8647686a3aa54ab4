package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/reconvene/reconvene/relay/ledger"
)

// headerNode names the ledger that a change comes from, headerName the relay; headerMark is
// how it stores addresses.
const (
	headerNode = "Reconvene-Node"
	headerName = "Reconvene-Name"
	headerMark = "Reconvene-Mark"
)

// lookAgain is the interval of reading the outbox without a signal of Outgoing.
const lookAgain = 5 * time.Second

// publish publishes the changes in the outbox, until ctx ends or something fails.
func (m *Member) publish(ctx context.Context, s *stream, outbox *ledger.Reader) error {
	for behind := int64(0); ; {
		list, err := outbox.Outbox(ctx, behind)
		if err != nil {
			return fmt.Errorf("reading the outbox of the ledger: %w", err)
		}
		if len(list) == 0 {
			m.countWaiting(ctx, outbox)
			select {
			case <-m.opt.Ledger.Outgoing():
			case <-time.After(lookAgain):
			case <-ctx.Done():
				return ctx.Err()
			}
			continue
		}
		if err := m.publishList(ctx, s, list); err != nil {
			return fmt.Errorf("publishing: %w", err)
		}
		behind = list[len(list)-1].Number
		m.opt.Ledger.Acknowledge(behind)
		m.worked()
		m.countWaiting(ctx, outbox)
	}
}

// publishList publishes changes and waits until the stream has all of them.
func (m *Member) publishList(ctx context.Context, s *stream, list []ledger.Outgoing) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	type publication struct {
		id  string
		ack jetstream.PubAckFuture
	}
	var pending []publication
	for _, o := range list {
		if o.Change == nil { // pruned meanwhile
			continue
		}
		body, err := o.Change.Encode()
		if errors.Is(err, ledger.ErrTooLarge) {
			m.logUnshared(o.Change.ID, err)
			continue
		}
		if err != nil {
			return err
		}
		f, err := s.js.PublishMsgAsync(&nats.Msg{Subject: s.subject, Data: body, Header: nats.Header{headerNode: {s.state.Node}, headerName: {m.opt.Name}, headerMark: {m.opt.Ledger.Mark()}}}, jetstream.WithMsgID(o.Change.ID))
		if errors.Is(err, nats.ErrMaxPayload) {
			m.logUnshared(o.Change.ID, err)
			continue
		}
		if err != nil {
			return err
		}
		pending = append(pending, publication{o.Change.ID, f})
	}
	for _, p := range pending {
		select {
		case <-p.ack.Ok():
		case err := <-p.ack.Err():
			if !refusesSize(err) {
				return err
			}
			m.logUnshared(p.id, err)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// errMessageTooLarge is JetStream's code for a message above max_msg_size of the stream.
const errMessageTooLarge = 10054

// refusesSize reports whether the stream does not accept this one message.
func refusesSize(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == errMessageTooLarge
}

// logUnshared logs that a change stays unknown to other relays.
func (m *Member) logUnshared(id string, err error) {
	m.log(slog.LevelError, "cluster-failed", slog.String("id", id), slog.String("error", err.Error()),
		slog.String("why", "mail is not affected; the ledgers of the other relays do not get this record"))
}

// countWaiting is for the metrics only.
func (m *Member) countWaiting(ctx context.Context, outbox *ledger.Reader) {
	if n, err := outbox.Waiting(ctx); err == nil {
		m.mu.Lock()
		m.counts.Waiting = n
		m.mu.Unlock()
	}
}
