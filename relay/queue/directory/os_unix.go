//go:build unix

package directory

import (
	"errors"
	"os"
	"syscall"
)

// syncsDirectories reports whether a directory is synced as a file is.
const syncsDirectories = true

// lock locks a file for this process until it is closed or the process ends.
// held reports that another process has the lock.
func lock(f *os.File) (held bool, err error) {
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	return errors.Is(err, syscall.EWOULDBLOCK), err
}

// isFull reports whether an error means that there is no space.
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

// rename gives a file another name, and replaces the file that has it.
func rename(old, new string) error { return os.Rename(old, new) }
