package directory

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// FS is the file system below a store: one directory and its subdirectory for
// damaged messages. Tests replace it by one that loses what was not synced. Names
// are relative, with slashes.
type FS interface {
	// Create creates a file; it must not exist.
	Create(name string) (File, error)
	// Open opens a file for reading.
	Open(name string) (ReadFile, error)
	// Rename gives a file another name, and replaces the file that has it.
	Rename(old, new string) error
	Remove(name string) error
	// Size returns the size of a file.
	Size(name string) (int64, error)
	// OpenJournal opens a file for reading and writing at any place, and creates it
	// if necessary.
	OpenJournal(name string) (JournalFile, error)
	// Names returns the names of all files of the directory, in any order.
	Names() ([]string, error)
	// Mkdir creates the subdirectory, unless it exists.
	Mkdir(name string) error
	// SyncFile makes the content of a closed file durable.
	SyncFile(name string) error
	// Sync makes the names in the directory durable.
	Sync() error
	Close() error
}

// File is a file that is written.
type File interface {
	io.Writer
	io.ReaderAt
	Sync() error
	Close() error
}

// ReadFile is a file that is read.
type ReadFile interface {
	io.ReaderAt
	io.Closer
	Size() (int64, error)
}

// JournalFile is a file that is read and written at any place.
type JournalFile interface {
	ReadFile
	io.WriterAt
	Truncate(size int64) error
	Sync() error // of the data, and of the size
	// Named reports whether its name still leads to it: the next start finds it.
	Named() bool
}

// osFS is a directory of the operating system.
type osFS struct {
	root string
	dir  *os.File // for Sync; nil where a directory cannot be synced
}

// newOSFS creates the directory if necessary, for this user only.
func newOSFS(root string) (*osFS, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, err
	}
	f := &osFS{root: root}
	if !syncsDirectories {
		return f, nil
	}
	dir, err := os.Open(root)
	if err != nil {
		return nil, err
	}
	f.dir = dir
	return f, nil
}

func (f *osFS) path(name string) string { return filepath.Join(f.root, filepath.FromSlash(name)) }

// Create implements FS.
func (f *osFS) Create(name string) (File, error) {
	return os.OpenFile(f.path(name), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
}

// Open implements FS.
func (f *osFS) Open(name string) (ReadFile, error) {
	file, err := os.Open(f.path(name))
	if err != nil {
		return nil, err
	}
	return osFile{file}, nil
}

// Size implements FS.
func (f *osFS) Size(name string) (int64, error) {
	info, err := os.Stat(f.path(name))
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, fs.ErrInvalid
	}
	return info.Size(), nil
}

// OpenJournal implements FS.
func (f *osFS) OpenJournal(name string) (JournalFile, error) {
	file, err := os.OpenFile(f.path(name), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, err
	}
	return osJournal{osFile{file}, info, f.path(name)}, nil
}

// Rename implements FS.
func (f *osFS) Rename(old, new string) error { return rename(f.path(old), f.path(new)) }

// Remove implements FS.
func (f *osFS) Remove(name string) error { return os.Remove(f.path(name)) }

// Names implements FS.
func (f *osFS) Names() ([]string, error) {
	dir, err := os.Open(f.root)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return dir.Readdirnames(-1)
}

// Mkdir implements FS.
func (f *osFS) Mkdir(name string) error {
	err := os.Mkdir(f.path(name), 0o700)
	if os.IsExist(err) {
		return nil
	}
	return err
}

// SyncFile implements FS.
func (f *osFS) SyncFile(name string) error {
	file, err := os.OpenFile(f.path(name), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// Sync implements FS.
func (f *osFS) Sync() error {
	if f.dir == nil {
		return nil
	}
	return f.dir.Sync()
}

// Close implements FS.
func (f *osFS) Close() error {
	if f.dir == nil {
		return nil
	}
	return f.dir.Close()
}

type osFile struct{ *os.File }

// Size implements ReadFile.
func (f osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, fs.ErrInvalid
	}
	return info.Size(), nil
}

type osJournal struct {
	osFile
	info os.FileInfo
	path string
}

// Sync implements JournalFile.
func (f osJournal) Sync() error { return syncData(f.File) }

// Named implements JournalFile.
func (f osJournal) Named() bool {
	now, err := os.Stat(f.path)
	return err == nil && os.SameFile(now, f.info)
}
