package directory

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"sync"

	"github.com/reconvene/reconvene/relay/queue"
)

// writer writes a message that is not committed yet.
type writer struct {
	s    *Store
	id   string
	file File   // nil as long as all is in memory
	head []byte // what was not written to the file yet: all of a small message
	size int64
	sum  uint32
	err  error // the first one
	done bool
}

// Create implements queue.Store.
func (s *Store) Create(id string) (queue.Writer, error) {
	return &writer{s: s, id: id}, nil
}

// Write implements io.Writer.
func (w *writer) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	w.size += int64(len(p))
	w.sum = queue.UpdateSum(w.sum, p)
	if w.head = append(w.head, p...); len(w.head) >= blockSize {
		w.flush()
	}
	return len(p), w.err
}

// blockSize is how much of a message is written at a time.
const blockSize = 128 << 10

// flush writes what is in memory to the file.
func (w *writer) flush() {
	if len(w.head) == 0 || w.err != nil {
		return
	}
	var err error
	if w.file == nil {
		w.file, err = w.s.fs.Create(w.id + extBodyNew)
	}
	if err == nil {
		_, err = w.file.Write(w.head)
	}
	w.err, w.head = full(err), w.head[:0]
}

// ReadAt implements io.ReaderAt.
func (w *writer) ReadAt(p []byte, off int64) (n int, err error) {
	switch held := w.size - int64(len(w.head)); { // octets in the file
	case off < 0:
		return 0, errors.New("negative offset")
	case off >= w.size:
		return 0, io.EOF
	case off < held:
		if n, err = w.file.ReadAt(p[:min(int64(len(p)), held-off)], off); err != nil || n == len(p) {
			return n, err
		}
		off += int64(n)
	}
	n += copy(p[n:], w.head[off-(w.size-int64(len(w.head))):])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Commit implements queue.Writer. It sets size and checksum of the message.
func (w *writer) Commit(m *queue.Message) error {
	if w.done {
		return errors.New("the message was already committed or discarded")
	}
	err := w.err
	if err == nil {
		m.Form, m.Size, m.Sum = queue.FormVersion, w.size, w.sum
		err = w.commit(m)
	}
	if err != nil {
		w.Discard()
	}
	w.done = true
	return err
}

// commit makes the message durable: by the journal, or by its own files.
func (w *writer) commit(m *queue.Message) error {
	envelope, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if w.file == nil && w.size <= min(journalMost, w.s.journalSize/4) && w.s.journal != nil {
		keep := func() { w.s.pending.put(w.id, envelope, w.head) }
		if w.s.journal.add(w.id, envelope, w.head, keep) == nil {
			return nil
		}
	}
	if w.file == nil { // also when the journal cannot take it
		if err := w.s.writeBoth(w.id, envelope, w.head); err != nil {
			return errors.Join(err, w.s.forget(w.id))
		}
		return w.commitFiles(w.s.settle([]string{w.id}))
	}
	w.flush()
	err = errors.Join(w.err, w.s.writeEnvelope(w.id, envelope, true))
	if err == nil {
		err = w.file.Sync()
	}
	err = errors.Join(err, w.file.Close())
	if w.file = nil; err != nil {
		return errors.Join(full(err), w.s.removeAll(w.id+extNew, w.id+extBodyNew))
	}
	if err := w.s.nameFiles(w.id); err != nil {
		return err
	}
	return w.commitFiles(w.s.syncer.sync())
}

// commitFiles ends a commit by files, which failed with err.
func (w *writer) commitFiles(err error) error {
	if err != nil {
		return errors.Join(full(err), w.s.Remove(w.id))
	}
	return nil
}

// settle makes messages durable by their own files.
func (s *Store) settle(ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	var failed error
	for _, id := range ids {
		if err := s.writeFiles(id); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		for _, name := range []string{id + extEnvelope, id + extBody} {
			if err := s.fs.SyncFile(name); err != nil && !errors.Is(err, fs.ErrNotExist) { // removed meanwhile
				failed = errors.Join(failed, err)
			}
		}
	}
	return errors.Join(failed, s.syncer.sync())
}

// Discard implements queue.Writer.
func (w *writer) Discard() {
	if w.done {
		return
	}
	w.done = true
	if w.file == nil {
		return
	}
	w.file.Close()
	w.s.fs.Remove(w.id + extNew)
	w.s.fs.Remove(w.id + extBodyNew)
}

// syncer gathers the syncs of the directory: those who ask while one is running
// share the next one.
type syncer struct {
	do func() error

	mu      sync.Mutex
	running bool
	waiting []chan error
	ended   *sync.Cond // when running became false
}

func newSyncer(do func() error) *syncer {
	s := &syncer{do: do}
	s.ended = sync.NewCond(&s.mu)
	return s
}

// sync returns when the directory was synced completely after the call began.
func (s *syncer) sync() error {
	mine := make(chan error, 1)
	s.mu.Lock()
	s.waiting = append(s.waiting, mine)
	if !s.running {
		s.running = true
		go s.run()
	}
	s.mu.Unlock()
	return <-mine
}

// run syncs for all who wait, until nobody does.
func (s *syncer) run() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.waiting) > 0 {
		served := s.waiting
		s.waiting = nil
		s.mu.Unlock()
		err := s.do()
		for _, c := range served {
			c <- err
		}
		s.mu.Lock()
	}
	s.running = false
	s.ended.Broadcast()
}

// close waits for the running sync.
func (s *syncer) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.running {
		s.ended.Wait()
	}
}
