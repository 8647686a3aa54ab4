package jetstream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/reconvene/reconvene/relay/queue"
)

const (
	// sweepEvery is how often the object store is swept.
	sweepEvery = time.Hour
	// orphanAge is how old a body without a message must be: younger ones may belong
	// to a message that is being stored.
	orphanAge = time.Hour
)

// sweep deletes large bodies whose messages are gone: a relay died between storing the
// body and the message, or between deleting them.
func (s *Store) sweep() {
	p, err := s.ready()
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(s.ctx, loadTimeout)
	defer cancel()
	list, err := p.bodies.List(ctx)
	if err != nil {
		return // there are none, or it is tried again
	}
	for _, info := range list {
		if ctx.Err() == nil && time.Since(info.ModTime) > orphanAge && s.isOrphan(p, info.Name) {
			s.deleteObject(p, info.Name)
		}
	}
}

// isOrphan reports whether no message uses a large body, and none that was set aside.
func (s *Store) isOrphan(p places, id string) bool {
	if _, _, _, err := s.find(id); !errors.Is(err, queue.ErrNotFound) {
		return false
	}
	_, err := s.last(p.states, fmt.Sprintf("%s%s.%s.%s", s.opt.Name, statesSuffix, damagedToken, id))
	return errors.Is(err, queue.ErrNotFound)
}
