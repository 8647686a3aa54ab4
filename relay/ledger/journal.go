package ledger

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// Each record is appended to a journal, which takes one write, and the database stores many
// of them in one transaction a moment later: one record alone changes nearly as many of its
// pages as a hundred.
//
// There are two files, so that one of them can be emptied while the other one grows. An
// entry is a line of JSON, as a change is published. To store an entry again changes nothing.

// journalNames are the names of the two files in the state directory.
var journalNames = [2]string{"ledger.journal-1", "ledger.journal-2"}

// maxEntry bounds an entry: a larger record waits for its transaction instead.
const maxEntry = 1 << 20

// journal appends records to the current one of two files. It is safe for concurrent use.
type journal struct {
	mu      sync.Mutex
	files   [2]journalFile
	current int
	broken  error // why nothing is appended: a file cannot be read, or has a part of an entry that could not be removed
}

type journalFile struct {
	path string
	file *os.File // nil: not open
	size int64
	last uint64 // the highest number of an entry that this process wrote; 0: none
}

func newJournal(dir string) *journal {
	j := new(journal)
	for i, name := range journalNames {
		j.files[i].path = filepath.Join(dir, name)
	}
	return j
}

// append writes an entry. What was appended is read again after the process was killed.
func (j *journal) append(number uint64, entry []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	f := &j.files[j.current]
	if j.broken != nil {
		return j.broken
	}
	if err := f.open(); err != nil {
		return err
	}
	if _, err := f.file.WriteAt(entry, f.size); err != nil {
		if e := f.file.Truncate(f.size); e != nil {
			j.broken = errors.Join(err, e)
		}
		return err
	}
	f.size += int64(len(entry))
	f.last = max(f.last, number)
	return nil
}

// open opens the file. What an earlier process wrote to it stays.
func (f *journalFile) open() error {
	if f.file != nil {
		return nil
	}
	file, err := os.OpenFile(f.path, os.O_CREATE|os.O_RDWR, 0o600) // not to append: Windows does not let such a file be emptied
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return err
	}
	f.file, f.size, f.last = file, info.Size(), 0
	return nil
}

// turn lets later entries go into the other file if that is empty, so that the present one
// can be emptied when its entries are stored.
func (j *journal) turn() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if next := &j.files[1-j.current]; next.size == 0 && j.files[j.current].size > 0 {
		next.reopen()
		j.current = 1 - j.current
	}
}

// reopen closes a file whose name is gone, with what is in it: further entries would be lost.
func (f *journalFile) reopen() {
	if f.file == nil {
		return
	}
	if info, err := f.file.Stat(); err != nil || !sameFile(f.path, info) {
		f.file.Close()
		f.file, f.size, f.last = nil, 0, 0
	}
}

// trim empties the files all of whose entries are stored: those up to a number, and those
// of an earlier process.
func (j *journal) trim(stored uint64) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i := range j.files {
		f := &j.files[i]
		if f.size == 0 || f.last > stored {
			continue
		}
		if err := f.file.Truncate(0); err != nil {
			return err
		}
		if f.size, f.last = 0, 0; i == j.current {
			j.broken = nil
		}
	}
	return nil
}

// left returns the entries of earlier processes, and of this one if it has some. After they
// are stored, trim must be called. After an error nothing is appended any more.
func (j *journal) left() (list []*Record, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	defer func() { j.broken = err }()
	for i := range j.files {
		f := &j.files[i]
		if f.reopen(); f.file == nil {
			if info, err := os.Stat(f.path); err != nil || info.Size() == 0 {
				continue // it is created when it is needed
			}
		}
		if err := f.open(); err != nil {
			return list, err
		}
		found, err := readEntries(io.NewSectionReader(f.file, 0, f.size))
		if list = append(list, found...); err != nil {
			return list, err
		}
	}
	return list, nil
}

// close closes the files, and removes those that are empty.
func (j *journal) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i := range j.files {
		f := &j.files[i]
		if f.file == nil {
			continue
		}
		f.file.Close()
		if f.file = nil; f.size == 0 {
			_ = os.Remove(f.path)
		}
	}
	j.broken = errors.New("the journal is closed")
}
