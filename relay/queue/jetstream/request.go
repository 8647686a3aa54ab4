package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/reconvene/reconvene/relay/queue"
)

// patience is how long a request is repeated while a stream has no leader: after the
// loss of a NATS server the others choose one within seconds.
const patience = 20 * time.Second

// request returns the context of one request.
func (s *Store) request() (context.Context, context.CancelFunc) {
	return context.WithTimeout(s.ctx, requestTimeout)
}

// try makes a request that may be repeated, until it is answered.
func (s *Store) try(do func(ctx context.Context) error) error {
	end := time.Now().Add(patience)
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		ctx, cancel := s.request()
		err := do(ctx)
		cancel()
		if err == nil || !isTransient(err) || time.Now().After(end) || s.nc.IsClosed() {
			s.failed(err)
			return err
		}
		select {
		case <-s.ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// JetStream's codes for answers that have a meaning here.
const (
	codeUnavailable           = 10008 // there is no leader at present
	codeInsufficientResources = 10023
	codeNoMessage             = 10043 // there is none with this number
	codeStorageExceeded       = 10047
	codeWrongSequence         = 10071 // another one was stored meanwhile
	codeStoreFailed           = 10077 // the limit of the stream is reached, or the disk has failed
)

// code returns JetStream's code of an error; 0 when it is none of an answer.
func code(err error) jetstream.ErrorCode {
	var api *jetstream.APIError
	if errors.As(err, &api) {
		return api.ErrorCode
	}
	return 0
}

// isTransient reports whether the request had no answer, or one that says that there
// is no leader.
func isTransient(err error) bool {
	switch {
	case code(err) == codeUnavailable, errors.Is(err, nats.ErrNoResponders), errors.Is(err, jetstream.ErrNoStreamResponse),
		errors.Is(err, nats.ErrTimeout), errors.Is(err, context.DeadlineExceeded), errors.Is(err, nats.ErrReconnectBufExceeded), errors.Is(err, errBehind):
		return true
	}
	return false
}

// isWrongSequence reports a change that was made to another state than the last one.
func isWrongSequence(err error) bool { return code(err) == codeWrongSequence }

// notFound translates the error of a message that is not there.
func notFound(err error) error {
	if errors.Is(err, jetstream.ErrMsgNotFound) || code(err) == codeNoMessage {
		return queue.ErrNotFound
	}
	return err
}

// full marks an error that means that no space is left.
func full(err error) error {
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return err
	}
	switch api.ErrorCode {
	case codeInsufficientResources, codeStorageExceeded:
		return fmt.Errorf("%w: %w", queue.ErrFull, err)
	case codeStoreFailed:
		if strings.Contains(api.Description, "maximum") || strings.Contains(api.Description, "no space") {
			return fmt.Errorf("%w: %w", queue.ErrFull, err)
		}
	}
	return err
}

// errBehind reports a server that does not have yet what another has shown.
var errBehind = errors.New("the NATS server is behind")

// get reads a message by its number, which the stream has given. A server that does not
// have it yet is asked again: consumers may be on one that is faster than the leader.
func (s *Store) get(stream jetstream.Stream, seq uint64) (raw *jetstream.RawStreamMsg, err error) {
	err = s.try(func(ctx context.Context) (err error) {
		if raw, err = stream.GetMsg(ctx, seq); !errors.Is(notFound(err), queue.ErrNotFound) {
			return err
		}
		info, err := stream.Info(ctx)
		if err != nil {
			return err
		}
		if info.State.LastSeq < seq {
			return errBehind
		}
		raw, err = stream.GetMsg(ctx, seq)
		return err
	})
	return raw, notFound(err)
}

// last reads the last message of a subject.
func (s *Store) last(stream jetstream.Stream, subject string) (raw *jetstream.RawStreamMsg, err error) {
	err = s.try(func(ctx context.Context) (err error) {
		raw, err = stream.GetLastMsgForSubject(ctx, subject)
		return err
	})
	return raw, notFound(err)
}

// deleteMsg deletes a message by its number. The client library has the same request, but
// does not tell why it failed.
func (s *Store) deleteMsg(stream string, seq uint64) error {
	ask, err := json.Marshal(struct {
		Seq     uint64 `json:"seq"`
		NoErase bool   `json:"no_erase"`
	}{seq, true})
	if err != nil {
		return err
	}
	return notFound(s.try(func(ctx context.Context) error {
		reply, err := s.nc.RequestWithContext(ctx, "$JS.API.STREAM.MSG.DELETE."+stream, ask)
		if err != nil {
			return err
		}
		var answer struct {
			Error *jetstream.APIError `json:"error"`
		}
		if err := json.Unmarshal(reply.Data, &answer); err != nil {
			return fmt.Errorf("deleting a message: %w", err)
		}
		if answer.Error != nil {
			return fmt.Errorf("deleting a message: %w", answer.Error)
		}
		return nil
	}))
}
