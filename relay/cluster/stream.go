package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/reconvene/reconvene/relay/ledger"
)

// stream is the stream as one session uses it.
type stream struct {
	js      jetstream.JetStream
	name    string
	subject string
	state   ledger.ClusterState
}

const (
	// inFlight bounds what is published and not acknowledged yet.
	inFlight = 256
	// duplicates is how long the stream recognises a change that was published before. The
	// ledgers do so for ever.
	duplicates = 10 * time.Minute
)

// openStream finds the stream, or makes it. A stream that is another one than the ledger
// has followed is followed from its beginning, and is told everything.
func (m *Member) openStream(ctx context.Context, nc *nats.Conn) (*stream, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(inFlight))
	if err != nil {
		return nil, err
	}
	s := &stream{js: js, name: m.opt.Config.Stream, subject: m.opt.Config.Stream + ".change"}
	found, err := js.Stream(ctx, s.name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		found, err = js.CreateStream(ctx, m.streamConfig(s))
	}
	if err != nil {
		return nil, fmt.Errorf("stream %s: %w", s.name, err)
	}
	info := found.CachedInfo()
	if s.state, err = m.opt.Ledger.Cluster(ctx); err != nil {
		return nil, fmt.Errorf("the ledger: %w", err)
	}
	created := info.Created.UnixNano()
	switch {
	case s.state.Created == 0:
		err = m.opt.Ledger.Follow(ctx, created, false)
	case s.state.Created != created || s.state.Position > info.State.LastSeq:
		s.state.Position = 0
		err = m.opt.Ledger.Follow(ctx, created, true)
	}
	if err != nil {
		return nil, fmt.Errorf("the ledger: %w", err)
	}
	return s, nil
}

func (m *Member) streamConfig(s *stream) jetstream.StreamConfig {
	window := duplicates
	if keep := m.opt.Keep; keep > 0 {
		window = min(window, keep)
	}
	return jetstream.StreamConfig{
		Name: s.name, Subjects: []string{s.subject}, Description: "meetings that passed through the relays of Reconvene",
		Storage: jetstream.FileStorage, Replicas: m.opt.Config.Replicas, MaxAge: m.opt.Keep, Duplicates: window,
		Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardOld, Compression: jetstream.S2Compression,
	}
}
