package directory

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"path"
	"strings"
	"sync"
	"syscall"
)

// crashFS is a file system in memory that knows what the disk has: only what was
// synced is certain to be there after the power was lost; of the rest any part may be.
type crashFS struct {
	mu      sync.Mutex
	names   map[string]*inode // as programs see them
	durable map[string]*inode // as they were when the directory was last synced
	space   int               // octets that can still be written; below 0: no limit
	ops     int               // changes so far
	stopAt  int               // the change at which everything stops; 0: never
	lies    bool              // Sync does nothing: the test must find out

	noJournal bool // writing to the journal fails
}

// inode is the content of a file.
type inode struct {
	data   []byte
	synced []byte
}

var errStopped = errors.New("the machine has stopped")

func newCrashFS() *crashFS {
	return &crashFS{names: map[string]*inode{}, durable: map[string]*inode{}, space: -1}
}

// step counts a change. The mutex is held.
func (f *crashFS) step() error {
	f.ops++
	if f.stopAt > 0 && f.ops >= f.stopAt {
		return errStopped
	}
	return nil
}

// hasStopped reports whether the change at which everything stops was reached.
func (f *crashFS) hasStopped() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stopAt > 0 && f.ops >= f.stopAt
}

// limit sets how many octets can still be written.
func (f *crashFS) limit(space int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.space = space
}

// afterKill returns what the next process finds: everything that was written.
func (f *crashFS) afterKill() *crashFS {
	f.mu.Lock()
	defer f.mu.Unlock()
	next := newCrashFS()
	for name, at := range f.names {
		next.names[name] = &inode{data: append([]byte{}, at.data...)}
	}
	return next
}

// afterPowerLoss returns what the disk has: each change that was not synced is there
// or not.
func (f *crashFS) afterPowerLoss(r *rand.Rand) *crashFS {
	f.mu.Lock()
	defer f.mu.Unlock()
	next := newCrashFS()
	for _, name := range union(f.names, f.durable) {
		at := f.durable[name]
		if now := f.names[name]; now != at && r.IntN(2) == 0 {
			at = now
		}
		if at == nil {
			continue
		}
		data := at.synced
		switch r.IntN(3) {
		case 0:
			data = at.data
		case 1: // a part of what came after the last sync
			n := r.IntN(1 + len(at.data))
			data = append(append([]byte{}, at.data[:n]...), at.synced[min(n, len(at.synced)):]...)
		}
		kept := &inode{data: append([]byte{}, data...), synced: append([]byte{}, data...)}
		next.names[name], next.durable[name] = kept, kept
	}
	return next
}

func union(a, b map[string]*inode) (list []string) {
	for name := range a {
		list = append(list, name)
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			list = append(list, name)
		}
	}
	return list
}

func (f *crashFS) Create(name string) (File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.step(); err != nil {
		return nil, err
	}
	if f.names[name] != nil {
		return nil, fs.ErrExist
	}
	f.names[name] = &inode{}
	return &crashFile{fs: f, at: f.names[name], name: name}, nil
}

func (f *crashFS) Open(name string) (ReadFile, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.names[name] == nil {
		return nil, fs.ErrNotExist
	}
	return &crashFile{fs: f, at: f.names[name], name: name}, nil
}

func (f *crashFS) Size(name string) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.names[name] == nil {
		return 0, fs.ErrNotExist
	}
	return int64(len(f.names[name].data)), nil
}

func (f *crashFS) OpenJournal(name string) (JournalFile, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.names[name] == nil {
		f.names[name] = &inode{}
	}
	return &crashFile{fs: f, at: f.names[name], name: name}, nil
}

func (f *crashFS) Rename(old, new string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.step(); err != nil {
		return err
	}
	if f.names[old] == nil {
		return fs.ErrNotExist
	}
	f.names[new] = f.names[old]
	delete(f.names, old)
	return nil
}

func (f *crashFS) Remove(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.step(); err != nil {
		return err
	}
	if f.names[name] == nil {
		return fs.ErrNotExist
	}
	delete(f.names, name)
	return nil
}

func (f *crashFS) Names() (list []string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name := range f.names {
		if path.Dir(name) == "." {
			list = append(list, name)
		}
	}
	return list, nil
}

func (f *crashFS) Mkdir(string) error { return nil }

func (f *crashFS) SyncFile(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.names[name] == nil {
		return fs.ErrNotExist
	}
	return f.sync(f.names[name])
}

// sync makes the content of a file durable. The mutex is held.
func (f *crashFS) sync(at *inode) error {
	if err := f.step(); err != nil {
		return err
	}
	if !f.lies {
		at.synced = append([]byte{}, at.data...)
	}
	return nil
}

func (f *crashFS) Sync() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.step(); err != nil {
		return err
	}
	if !f.lies {
		f.durable = map[string]*inode{}
		for name, at := range f.names {
			f.durable[name] = at
		}
	}
	return nil
}

func (f *crashFS) Close() error { return nil }

type crashFile struct {
	fs   *crashFS
	at   *inode
	name string
	pos  int64 // of the next Write
}

func (c *crashFile) Write(p []byte) (int, error) {
	n, err := c.writeAt(p, c.pos)
	c.pos += int64(n)
	return n, err
}

func (c *crashFile) Truncate(size int64) error {
	c.fs.mu.Lock()
	defer c.fs.mu.Unlock()
	if err := c.fs.step(); err != nil {
		return err
	}
	if cut := len(c.at.data) - int(size); cut > 0 {
		c.at.data = append([]byte{}, c.at.data[:size]...)
		if c.fs.space >= 0 {
			c.fs.space += cut
		}
	}
	return nil
}

func (c *crashFile) WriteAt(p []byte, off int64) (int, error) { return c.writeAt(p, off) }

// writeAt writes at an offset. When the machine stops, or the disk is full, a part may
// have been written.
func (c *crashFile) writeAt(p []byte, off int64) (n int, err error) {
	c.fs.mu.Lock()
	defer c.fs.mu.Unlock()
	if err = c.fs.step(); err != nil {
		p = p[:len(p)/2]
	}
	if c.fs.noJournal && strings.HasPrefix(c.name, "journal") {
		return 0, syscall.EIO
	}
	if grow := int(off) + len(p) - len(c.at.data); grow > 0 && c.fs.space >= 0 {
		if grow > c.fs.space {
			p, err = p[:max(len(p)-grow+c.fs.space, 0)], syscall.ENOSPC
		}
		c.fs.space -= min(grow, c.fs.space)
	}
	if grow := int(off) + len(p) - len(c.at.data); grow > 0 {
		c.at.data = append(c.at.data, make([]byte, grow)...)
	}
	return copy(c.at.data[off:], p), err
}

func (c *crashFile) ReadAt(p []byte, off int64) (int, error) {
	c.fs.mu.Lock()
	defer c.fs.mu.Unlock()
	if off >= int64(len(c.at.data)) {
		return 0, io.EOF
	}
	n := copy(p, c.at.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (c *crashFile) Size() (int64, error) {
	c.fs.mu.Lock()
	defer c.fs.mu.Unlock()
	return int64(len(c.at.data)), nil
}

func (c *crashFile) Sync() error {
	c.fs.mu.Lock()
	defer c.fs.mu.Unlock()
	return c.fs.sync(c.at)
}

func (c *crashFile) Close() error { return nil }

func (c *crashFile) Named() bool {
	c.fs.mu.Lock()
	defer c.fs.mu.Unlock()
	return c.fs.names[c.name] == c.at
}
