package directory

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/reconvene/reconvene/relay/queue"
)

// found is which files of a message exist.
type found struct {
	id                  string
	envelope, fresh     bool // ID.json, ID.json.new
	body, bodyNew, gone bool // ID.eml, ID.new, ID.gone
}

// Load implements queue.Store. It completes or undoes what was interrupted.
func (s *Store) Load(f func(*queue.Message)) ([]queue.Damage, error) {
	kept, err := s.recoverJournal()
	if err != nil {
		return nil, err
	}
	s.stop = make(chan struct{})
	go s.writePending(s.stop)
	names, err := s.fs.Names()
	if err != nil {
		return nil, err
	}
	list := group(names)
	loaded := map[string]bool{}
	for _, m := range kept {
		loaded[m.ID] = true
		f(m)
	}
	list = slices.DeleteFunc(list, func(one found) bool { return loaded[one.id] }) // whose files are written meanwhile
	var mu sync.Mutex
	var damage []queue.Damage
	var failed error
	each(list, func(one found) {
		m, why, err := s.recover(one)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err != nil:
			failed = errors.Join(failed, fmt.Errorf("message %s: %w", one.id, err))
		case why != "":
			damage = append(damage, queue.Damage{ID: one.id, Why: why})
		case m != nil:
			f(m)
		}
	})
	return damage, failed
}

// each calls do for each element, on all processors.
func each(list []found, do func(found)) {
	var wg sync.WaitGroup
	n := runtime.GOMAXPROCS(0)
	for part := range slices.Chunk(list, max(1, (len(list)+n-1)/n)) {
		wg.Go(func() {
			for _, one := range part {
				do(one)
			}
		})
	}
	wg.Wait()
}

// group collects the files of each message, in the order of the IDs.
func group(names []string) []found {
	slices.Sort(names)
	var list []found
	at := func(id string) *found {
		if n := len(list); n == 0 || list[n-1].id != id {
			list = append(list, found{id: id})
		}
		return &list[len(list)-1]
	}
	for _, name := range names {
		id, ext, ok := strings.Cut(name, ".")
		if !ok || id == "" {
			continue
		}
		switch "." + ext {
		case extEnvelope:
			at(id).envelope = true
		case extNew:
			at(id).fresh = true
		case extBody:
			at(id).body = true
		case extBodyNew:
			at(id).bodyNew = true
		case extGone:
			at(id).gone = true
		}
	}
	return list
}

// recover returns the message of these files, or why it was set aside; neither when
// there is none.
func (s *Store) recover(one found) (m *queue.Message, why string, err error) {
	id := one.id
	switch {
	case one.gone:
		return nil, "", s.removeAll(id+extBody, id+extEnvelope, id+extNew, id+extGone)
	case !one.envelope && one.fresh && one.body:
		// The renames were not made durable in their order; both files are.
		if err := s.fs.Rename(id+extNew, id+extEnvelope); err != nil {
			return nil, "", err
		}
		one.fresh = false
	case !one.envelope && !one.body:
		return nil, "", s.removeAll(id+extNew, id+extBodyNew) // never committed
	case !one.envelope:
		why = "the envelope is missing"
	case !one.body && one.bodyNew:
		if err := s.fs.Rename(id+extBodyNew, id+extBody); err != nil {
			return nil, "", err
		}
	case !one.body:
		why = "the body is missing"
	}
	if why == "" {
		m, err = s.readEnvelope(id + extEnvelope)
		switch {
		case errors.Is(err, queue.ErrMalformed):
			why = err.Error()
		case err != nil:
			return nil, "", err
		default:
			if err := s.checkSize(id+extBody, m); err != nil {
				why = err.Error()
			}
		}
	}
	if why != "" {
		return nil, why, s.SetAside(id, why)
	}
	if one.fresh {
		s.fs.Remove(id + extNew) // an update that was interrupted
	}
	if one.body && one.bodyNew {
		s.fs.Remove(id + extBodyNew)
	}
	return m, "", nil
}

// checkSize reports a body that does not have the size that was stored. The checksum
// is compared when the message is sent.
func (s *Store) checkSize(name string, m *queue.Message) error {
	size, err := s.fs.Size(name)
	if err != nil {
		return err
	}
	if size != m.Size {
		return fmt.Errorf("the body has %d octets, and %d were stored", size, m.Size)
	}
	return nil
}

// removeAll removes files that may be missing.
func (s *Store) removeAll(names ...string) error {
	var failed error
	for _, name := range names {
		if err := s.fs.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}
