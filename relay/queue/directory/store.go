package directory

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/reconvene/reconvene/relay/queue"
)

// Store is the queue in one directory. Open opens it.
type Store struct {
	fs      FS
	root    string
	lock    *os.File // nil in tests that bring their own file system
	syncer  *syncer
	journal *journal // nil before Load

	journalSize int64 // of each of its files
	pending     pending
	stop        chan struct{} // ends the writing of files; nil before Load
}

var _ queue.Store = (*Store)(nil)

// Names of files: an ID and one of these, or one of the others.
const (
	extBody     = ".eml"
	extEnvelope = ".json"
	extBodyNew  = ".new"
	extNew      = ".json.new"
	extGone     = ".gone"
	lockName    = "lock"
	damagedName = "damaged"
)

// maxEnvelope bounds an envelope when it is read: a message has at most some
// thousand recipients, each with the last replies.
const maxEnvelope = 64 << 20

// ErrInUse reports that another process uses the directory.
var ErrInUse = errors.New("another running server uses this directory for its queue")

// Open opens the queue in a directory, which is created if necessary. It fails with
// ErrInUse while another process uses it.
func Open(root string) (*Store, error) {
	f, err := newOSFS(root)
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(root, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("queue: %w", err)
	}
	if held, err := lock(file); err != nil {
		file.Close()
		f.Close()
		if held {
			err = ErrInUse
		}
		return nil, fmt.Errorf("queue %s: %w", root, err)
	}
	s := OpenFS(f)
	s.root, s.lock = root, file
	return s, nil
}

// Trouble returns an error after somebody has removed or replaced the directory. Messages
// are still stored and sent, but nothing keeps another server from using it, too.
func (s *Store) Trouble() error {
	if s.lock == nil {
		return nil
	}
	ours, err := s.lock.Stat()
	if err != nil {
		return nil // it is closed
	}
	if now, err := os.Stat(filepath.Join(s.root, lockName)); err == nil && os.SameFile(ours, now) {
		return nil
	}
	return fmt.Errorf("the folder of the queue, %s, was removed or replaced while the server ran: mail goes on, but the command queue does not find the server, and a second server could use the folder; restart it", s.root)
}

// OpenFS opens the queue in a file system of the caller, without a lock.
func OpenFS(f FS) *Store { return &Store{fs: f, syncer: newSyncer(f.Sync), journalSize: journalSize} }

// Close implements queue.Store.
func (s *Store) Close() error {
	var err error
	if s.stop != nil {
		close(s.stop)
	}
	if s.journal != nil {
		err = s.journal.close()
	}
	s.syncer.close()
	err = errors.Join(err, s.fs.Close())
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	return err
}

// Get implements queue.Store.
func (s *Store) Get(id string) (*queue.Message, error) {
	if !queue.IsID(id) {
		return nil, queue.ErrNotFound
	}
	if p := s.pending.get(id); p != nil {
		return queue.ParseEnvelope(p.envelope, id)
	}
	m, err := s.readEnvelope(id + extEnvelope)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, queue.ErrNotFound
	case errors.Is(err, queue.ErrMalformed):
		return nil, errors.Join(queue.ErrDamaged, err, s.SetAside(id, err.Error()))
	}
	return m, err
}

// readEnvelope reads and checks one.
func (s *Store) readEnvelope(name string) (*queue.Message, error) {
	f, err := s.fs.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	if size > maxEnvelope {
		return nil, fmt.Errorf("%w: %d octets", queue.ErrMalformed, size)
	}
	b := make([]byte, size)
	if n, err := f.ReadAt(b, 0); n < len(b) {
		return nil, err
	}
	return queue.ParseEnvelope(b, strings.TrimSuffix(strings.TrimSuffix(name, ".new"), extEnvelope))
}

// Body implements queue.Store.
func (s *Store) Body(id string) (queue.Body, error) {
	if p := s.pending.get(id); p != nil {
		return queue.BodyInMemory(p.body), nil
	}
	f, err := s.fs.Open(id + extBody)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, queue.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	size, err := f.Size()
	if err != nil {
		f.Close()
		return nil, err
	}
	return body{f, size}, nil
}

type body struct {
	ReadFile
	size int64
}

// Size implements queue.Body.
func (b body) Size() int64 { return b.size }

// Update implements queue.Store.
func (s *Store) Update(m *queue.Message) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := s.writeFiles(m.ID); err != nil {
		return err
	}
	if err := s.writeEnvelope(m.ID, b, true); err != nil {
		return err
	}
	return full(s.fs.Rename(m.ID+extNew, m.ID+extEnvelope))
}

// writeEnvelope writes ID.json.new.
func (s *Store) writeEnvelope(id string, b []byte, sync bool) error {
	name := id + extNew
	f, err := s.fs.Create(name)
	if errors.Is(err, fs.ErrExist) { // of an update that failed
		if err = s.fs.Remove(name); err == nil {
			f, err = s.fs.Create(name)
		}
	}
	if err != nil {
		return full(err)
	}
	_, err = f.Write(append(b[:len(b):len(b)], '\n'))
	if err == nil && sync {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		s.fs.Remove(name)
	}
	return full(err)
}

// Remove implements queue.Store.
func (s *Store) Remove(id string) error {
	if s.pending.take(id) {
		return s.journal.remove(id)
	}
	err := s.fs.Rename(id+extEnvelope, id+extGone)
	if errors.Is(err, fs.ErrNotExist) {
		return queue.ErrNotFound
	}
	if err != nil {
		return err
	}
	if err := s.forget(id); err != nil {
		return err
	}
	if err := s.fs.Remove(id + extBody); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return s.fs.Remove(id + extGone)
}

// forget notes in the journal that a message was removed.
func (s *Store) forget(id string) error {
	if s.journal == nil {
		return nil
	}
	return s.journal.remove(id)
}

// SetAside implements queue.Store.
func (s *Store) SetAside(id, why string) error {
	if err := s.writeFiles(id); err != nil {
		return err
	}
	if err := s.fs.Mkdir(damagedName); err != nil {
		return err
	}
	if err := s.forget(id); err != nil {
		return err
	}
	if f, err := s.fs.Create(damagedName + "/" + id + ".txt"); err == nil {
		_, err = io.WriteString(f, why+"\n")
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	var failed error
	for _, ext := range []string{extEnvelope, extBody, extBodyNew} {
		if err := s.fs.Rename(id+ext, damagedName+"/"+id+ext); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// full marks an error that means that no space is left.
func full(err error) error {
	if err != nil && isFull(err) {
		return fmt.Errorf("%w: %w", queue.ErrFull, err)
	}
	return err
}
