package directory

import (
	"sync"

	"github.com/reconvene/reconvene/relay/queue"
)

// resume goes on with the journal of an earlier process where there is no space to write
// the files of its messages: a server must start with a full disk, too, because it sends
// what takes the space. The messages without files are kept as after their Commit, and
// returned.
func (s *Store) resume(files [2]JournalFile, records [2][]record, live map[string]record) ([]*queue.Message, error) {
	var list []*queue.Message
	var removed []string
	for id, r := range live {
		if s.wasBeingRemoved(id) {
			removed = append(removed, id)
			continue
		}
		m, err := queue.ParseEnvelope(r.envelope, id)
		if err != nil || s.hasFiles(id) {
			continue
		}
		if err := s.removeFiles(id); err != nil { // what could be written of them
			return nil, err
		}
		s.pending.put(id, r.envelope, r.body)
		list = append(list, m)
	}
	j, err := resumeJournal(files, s.journalSize, records, live, s.settle)
	if err != nil {
		return nil, err
	}
	s.journal = j
	for _, id := range removed {
		if err := j.remove(id); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// resumeJournal goes on behind the records of the later use. The messages of the other
// file are made durable by their own files when that is possible, as after a turn.
func resumeJournal(files [2]JournalFile, size int64, records [2][]record, live map[string]record, settle func(ids []string) error) (*journal, error) {
	j := &journal{files: files, size: size, settle: settle, closing: make(chan struct{}), live: [2]map[string]bool{{}, {}}}
	j.settled = sync.NewCond(&j.mu)
	if serialOf(records[1]) > serialOf(records[0]) {
		j.active = 1
	}
	j.current = serialOf(records[j.active])
	j.serial = j.current
	for _, r := range records[j.active] {
		j.at += r.size
	}
	for i, list := range records {
		for _, r := range list {
			if _, ok := live[r.id]; ok {
				j.live[i][r.id] = true
			}
		}
	}
	f := files[j.active]
	end, err := f.Size()
	if err == nil { // what was written last may be there in part, with whole records behind it
		err = writeZeros(f, j.at, min(end, size))
	}
	if err != nil {
		return nil, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.retire(1 - j.active)
	return j, nil
}
