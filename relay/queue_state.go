package relay

import (
	"fmt"
	"log/slog"
	"sync"
)

// queueState is whether messages can be stored. It is safe for concurrent use.
type queueState struct {
	mu  sync.Mutex
	err error // the last error; nil after a message was stored
}

// set stores the result of storing a message, and reports whether it differs in kind
// from the last one.
func (q *queueState) set(err error) (changed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	changed = (err == nil) != (q.err == nil)
	q.err = err
	return changed
}

// storedMessage notes whether a message could be stored, and logs when that changes:
// "queue-failed", "queue-recovered".
func (s *Server) storedMessage(err error) {
	if !s.storing.set(err) {
		return
	}
	if err != nil {
		s.opt.Log.queueTrouble("", "storing a message; clients are told to try again", err)
		return
	}
	s.opt.Log.line(slog.LevelWarn, "queue-recovered").write()
}

// QueueTrouble returns why messages cannot be stored in the queue at present, or what else
// is wrong with its store, or nil.
func (s *Server) QueueTrouble() error {
	s.storing.mu.Lock()
	defer s.storing.mu.Unlock()
	if s.storing.err == nil {
		if store, ok := s.opt.Store.(interface{ Trouble() error }); ok {
			return store.Trouble()
		}
		return nil
	}
	return fmt.Errorf("messages cannot be stored in the queue, clients are told to try again: %w", s.storing.err)
}
