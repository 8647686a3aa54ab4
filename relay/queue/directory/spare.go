package directory

import (
	"strconv"
	"strings"
	"sync"
)

// spares are files of removed messages, which are used again for new ones: file systems
// take longer to delete a file and to make another one than to rename it. Their names
// have no dot, so that no message has one.
type spares struct {
	mu   sync.Mutex
	free []string
	next int
}

// maxSpares is how many are kept.
const maxSpares = 256

const spareName = "spare-"

// findSpares finds those that an earlier process has left.
func (s *Store) findSpares(names []string) error {
	s.spares.mu.Lock()
	defer s.spares.mu.Unlock()
	for _, name := range names {
		number, ok := strings.CutPrefix(name, spareName)
		if !ok {
			continue
		}
		n, err := strconv.Atoi(number)
		if err != nil || len(s.spares.free) >= maxSpares {
			if err := s.removeAll(name); err != nil {
				return err
			}
			continue
		}
		s.spares.free = append(s.spares.free, name)
		s.spares.next = max(s.spares.next, n)
	}
	return nil
}

// create creates a file, from a spare one if there is one. Truncate must be called
// after the last write.
func (s *Store) create(name string) (File, error) {
	s.spares.mu.Lock()
	spare := ""
	if n := len(s.spares.free); n > 0 {
		spare = s.spares.free[n-1]
		s.spares.free = s.spares.free[:n-1]
	}
	s.spares.mu.Unlock()
	if spare != "" && s.fs.Rename(spare, name) == nil {
		return s.fs.Reopen(name)
	}
	return s.fs.Create(name)
}

// remove deletes a small file, or keeps it as a spare one.
func (s *Store) remove(name string) error {
	s.spares.mu.Lock()
	spare := ""
	if len(s.spares.free) < maxSpares {
		s.spares.next++
		spare = spareName + strconv.Itoa(s.spares.next)
	}
	s.spares.mu.Unlock()
	if spare == "" {
		return s.fs.Remove(name)
	}
	if err := s.fs.Rename(name, spare); err != nil {
		return err
	}
	s.spares.mu.Lock()
	defer s.spares.mu.Unlock()
	s.spares.free = append(s.spares.free, spare)
	return nil
}
