package directory

import (
	"errors"
	"sync"
	"time"
)

// pending is the small messages that are durable by the journal and whose files are not
// written yet. Most are delivered before that, and never get any. The files are written
// when a message is still there after pendingAge, when its state changes, and when the
// journal needs its space.
type pending struct {
	mu  sync.Mutex
	all map[string]*pendingMessage
}

// pendingMessage is one of them.
type pendingMessage struct {
	envelope []byte
	body     []byte
	since    time.Time
	writing  chan struct{} // closed when its files were written, or could not be; nil: nobody writes them
}

// pendingAge is after what time the files of a message are written.
const pendingAge = time.Second

func (p *pending) put(id string, envelope, body []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil {
		p.all = map[string]*pendingMessage{}
	}
	p.all[id] = &pendingMessage{envelope: envelope, body: body, since: time.Now()}
}

// get returns a message, nil when its files were written.
func (p *pending) get(id string) *pendingMessage {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.all[id]
}

// take removes a message whose files nobody writes. It returns false when there is
// none: if its files are being written, after that.
func (p *pending) take(id string) bool {
	for {
		p.mu.Lock()
		m := p.all[id]
		if m == nil || m.writing == nil {
			delete(p.all, id)
			p.mu.Unlock()
			return m != nil
		}
		wait := m.writing
		p.mu.Unlock()
		<-wait
	}
}

// older returns the messages that have waited for a while.
func (p *pending) older(than time.Duration) (ids []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, m := range p.all {
		if time.Since(m.since) >= than {
			ids = append(ids, id)
		}
	}
	return ids
}

// writeFiles writes the files of a message, if that was not done yet. They are not
// synced: the journal has the message.
func (s *Store) writeFiles(id string) error {
	p := &s.pending
	for {
		p.mu.Lock()
		m := p.all[id]
		if m == nil {
			p.mu.Unlock()
			return nil
		}
		if wait := m.writing; wait != nil {
			p.mu.Unlock()
			<-wait
			continue
		}
		done := make(chan struct{})
		m.writing = done
		p.mu.Unlock()
		err := s.writeBoth(id, m.envelope, m.body)
		p.mu.Lock()
		if m.writing = nil; err == nil {
			delete(p.all, id)
		}
		p.mu.Unlock()
		close(done)
		return err
	}
}

// writeBoth writes both files of a message, unsynced.
func (s *Store) writeBoth(id string, envelope, body []byte) error {
	if err := s.removeAll(id+extBodyNew, id+extNew); err != nil { // of an attempt that failed
		return err
	}
	f, err := s.fs.Create(id + extBodyNew)
	if err != nil {
		return full(err)
	}
	_, err = f.Write(body)
	if err = errors.Join(err, f.Close()); err != nil {
		s.fs.Remove(id + extBodyNew)
		return full(err)
	}
	if err := s.writeEnvelope(id, envelope, false); err != nil {
		s.fs.Remove(id + extBodyNew)
		return err
	}
	return s.nameFiles(id)
}

// nameFiles gives both files of a message their names. From then on an interrupted
// commit is completed at the next start.
func (s *Store) nameFiles(id string) error {
	if err := s.fs.Rename(id+extNew, id+extEnvelope); err != nil {
		return full(err)
	}
	if err := s.fs.Rename(id+extBodyNew, id+extBody); err != nil {
		return errors.Join(full(err), s.fs.Remove(id+extEnvelope))
	}
	return nil
}

// writePending writes the files of messages that have waited for a while, until stop
// is closed. What cannot be written stays in memory, and in the journal.
func (s *Store) writePending(stop <-chan struct{}) {
	tick := time.NewTicker(pendingAge / 2)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			for _, id := range s.pending.older(pendingAge) {
				_ = s.writeFiles(id)
			}
		}
	}
}
