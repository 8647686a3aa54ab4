package directory

import (
	"errors"
	"slices"
	"strings"

	"github.com/reconvene/reconvene/relay/queue"
)

// Read calls f for each message in a directory, in the order of the IDs, without
// changing anything: beside a running server, or without one.
func Read(root string, f func(*queue.Message)) error {
	at := &osFS{root: root}
	names, err := at.Names()
	if err != nil {
		return err
	}
	s := &Store{fs: at, journalSize: journalSize}
	var all []*queue.Message
	seen := map[string]bool{}
	for _, one := range group(names) {
		seen[one.id] = one.envelope || one.gone // the journal has what was interrupted
		if !one.envelope {
			continue
		}
		m, err := s.readEnvelope(one.id + extEnvelope)
		if err != nil {
			continue // removed meanwhile, or reported by the server
		}
		all = append(all, m)
	}
	for id, r := range s.unwritten() {
		if m, err := queue.ParseEnvelope(r.envelope, id); err == nil && !seen[id] {
			all = append(all, m)
		}
	}
	slices.SortFunc(all, func(a, b *queue.Message) int { return strings.Compare(a.ID, b.ID) })
	for _, m := range all {
		f(m)
	}
	return nil
}

// ReadBody opens the body of a message in a directory, as Read does.
func ReadBody(root, id string) (queue.Body, error) {
	s := &Store{fs: &osFS{root: root}, journalSize: journalSize}
	b, err := s.Body(id)
	if !errors.Is(err, queue.ErrNotFound) {
		return b, err
	}
	if r, ok := s.unwritten()[id]; ok {
		return queue.BodyInMemory(r.body), nil
	}
	return nil, err
}

// unwritten returns the messages of the journal: those of a server that was killed may
// have no files yet.
func (s *Store) unwritten() map[string]record {
	var records [2][]record
	for i, name := range journalNames {
		f, err := s.fs.Open(name)
		if err != nil {
			continue
		}
		records[i], _ = s.readRecords(f)
		f.Close()
	}
	live, _ := replay(records)
	return live
}
