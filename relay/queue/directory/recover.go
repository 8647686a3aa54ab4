package directory

import (
	"errors"
	"io"
	"maps"
	"slices"

	"github.com/reconvene/reconvene/relay/queue"
)

// recoverJournal writes the files of messages anew that the journal has and the disk
// has not, makes all messages of the journal durable by their files, and begins a new
// journal. Without space for these files it goes on with the journal as it is, and returns
// the messages that have no files.
func (s *Store) recoverJournal() ([]*queue.Message, error) {
	var files [2]JournalFile
	var records [2][]record
	for i, name := range journalNames {
		f, err := s.fs.OpenJournal(name)
		if err != nil {
			return nil, err
		}
		files[i] = f
		if records[i], err = s.readRecords(f); err != nil {
			return nil, err
		}
	}
	live, err := s.needed(records)
	if err != nil {
		return nil, err
	}
	if err := s.restoreAll(live); errors.Is(err, queue.ErrFull) {
		return s.resume(files, records, live)
	} else if err != nil {
		return nil, err
	}
	j, err := newJournal(files, s.journalSize, max(serialOf(records[0]), serialOf(records[1])), s.settle)
	if errors.Is(err, queue.ErrFull) { // until the next start each message is synced by itself
		return nil, errors.Join(files[0].Close(), files[1].Close())
	}
	if err != nil {
		return nil, err
	}
	s.journal = j
	return nil, s.syncer.sync() // the names of the journal
}

// needed returns the records of messages that were not removed, and completes the removal
// of the others.
func (s *Store) needed(records [2][]record) (map[string]record, error) {
	live, removed := replay(records)
	for _, id := range removed {
		if err := s.removeFiles(id); err != nil {
			return nil, err
		}
	}
	return live, nil
}

// replay returns the messages that the records of both files leave, and those that were
// removed.
func replay(records [2][]record) (live map[string]record, removed []string) {
	live = map[string]record{}
	for _, r := range inOrder(records) {
		switch {
		case r.kind == kindStart || !queue.IsID(r.id):
		case r.kind == kindRemoved:
			delete(live, r.id)
			removed = append(removed, r.id)
		default:
			live[r.id] = r
		}
	}
	return live, removed
}

// restoreAll makes messages durable by their files.
func (s *Store) restoreAll(live map[string]record) error {
	for _, r := range live {
		if err := s.restore(r); err != nil {
			return err
		}
	}
	return full(s.settle(slices.Collect(maps.Keys(live))))
}

// removeFiles removes all files of a message.
func (s *Store) removeFiles(id string) error {
	return s.removeAll(id+extBody, id+extEnvelope, id+extNew, id+extBodyNew, id+extGone)
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
	if s.hasFiles(r.id) || s.wasBeingRemoved(r.id) {
		return nil
	}
	if !s.isComplete(r.id, stored) {
		if err := s.rewrite(r.id+extBody, r.body); err != nil {
			return err
		}
	}
	if m, err := s.readEnvelope(r.id + extEnvelope); err == nil && m.Size == stored.Size && m.Sum == stored.Sum {
		return nil // it has what became of the message since
	}
	return s.rewrite(r.id+extEnvelope, r.envelope)
}

// hasFiles reports whether the files of a message are there and complete.
func (s *Store) hasFiles(id string) bool {
	m, err := s.readEnvelope(id + extEnvelope)
	return err == nil && s.isComplete(id, m)
}

// wasBeingRemoved reports whether the removal of a message was begun and not recorded yet.
func (s *Store) wasBeingRemoved(id string) bool {
	_, err := s.fs.Size(id + extGone)
	return err == nil
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
