package directory

import (
	"errors"
	"io"

	"github.com/reconvene/reconvene/relay/queue"
)

// recoverJournal writes the files of messages anew that the journal has and the disk
// has not, makes all messages of the journal durable by their files, and begins a new
// journal.
func (s *Store) recoverJournal() error {
	var files [2]JournalFile
	var records [2][]record
	for i, name := range journalNames {
		f, err := s.fs.OpenJournal(name)
		if err != nil {
			return err
		}
		files[i] = f
		if records[i], err = s.readRecords(f); err != nil {
			return err
		}
	}
	live := map[string]record{}
	var order []string
	for _, r := range inOrder(records) {
		switch {
		case r.kind == kindStart || !queue.IsID(r.id):
			continue
		case r.kind == kindRemoved:
			delete(live, r.id)
			if err := s.removeAll(r.id+extBody, r.id+extEnvelope, r.id+extNew, r.id+extBodyNew, r.id+extGone); err != nil {
				return err
			}
			continue
		}
		live[r.id] = r
		order = append(order, r.id)
	}
	for _, id := range order {
		r, ok := live[id]
		if !ok {
			continue
		}
		if err := s.restore(r); err != nil {
			return err
		}
	}
	if err := s.settle(order); err != nil {
		return err
	}
	j, err := newJournal(files, s.journalSize, max(serialOf(records[0]), serialOf(records[1])), s.settle)
	if errors.Is(err, queue.ErrFull) { // until the next start each message is synced by itself
		return errors.Join(files[0].Close(), files[1].Close())
	}
	if err != nil {
		return err
	}
	if err := s.syncer.sync(); err != nil { // the names of the journal
		return err
	}
	s.journal = j
	return nil
}

// readRecords returns the valid records at the beginning of a file, all of one use.
func (s *Store) readRecords(f ReadFile) (list []record, err error) {
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	b := make([]byte, min(size, s.journalSize))
	if n, err := f.ReadAt(b, 0); n < len(b) && err != nil && err != io.EOF {
		return nil, err
	}
	for {
		r, err := parseRecord(b)
		if err != nil || (len(list) == 0) != (r.kind == kindStart) || len(list) > 0 && r.serial != list[0].serial {
			return list, nil
		}
		list = append(list, r)
		b = b[r.size:]
	}
}

// inOrder returns the records of both files, those of the earlier use first.
func inOrder(lists [2][]record) []record {
	if serialOf(lists[0]) > serialOf(lists[1]) {
		lists[0], lists[1] = lists[1], lists[0]
	}
	return append(lists[0], lists[1]...)
}

func serialOf(list []record) uint64 {
	if len(list) == 0 {
		return 0
	}
	return list[0].serial
}

// restore writes the files of a message, unless they are complete.
func (s *Store) restore(r record) error {
	stored, err := queue.ParseEnvelope(r.envelope, r.id)
	if err != nil {
		return nil // a record that only we write; its checksum is right: nothing to send
	}
	if m, err := s.readEnvelope(r.id + extEnvelope); err == nil && s.isComplete(r.id, m) {
		return nil
	}
	if f, err := s.fs.Open(r.id + extGone); err == nil {
		return f.Close() // it was being removed
	}
	if !s.isComplete(r.id, stored) {
		if err := s.rewrite(r.id+extBody, r.body); err != nil {
			return err
		}
	}
	return s.rewrite(r.id+extEnvelope, r.envelope)
}

// isComplete reports whether the body of a message is what was stored.
func (s *Store) isComplete(id string, m *queue.Message) bool {
	f, err := s.fs.Open(id + extBody)
	if err != nil {
		return false
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return false
	}
	same, err := m.Matches(f, size)
	return err == nil && same
}

// rewrite writes a file anew and syncs it.
func (s *Store) rewrite(name string, b []byte) error {
	if err := s.removeAll(name); err != nil {
		return err
	}
	f, err := s.fs.Create(name)
	if err != nil {
		return full(err)
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	return full(errors.Join(err, f.Close()))
}
