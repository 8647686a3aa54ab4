//go:build unix

package ledger

import (
	"errors"
	"os"
	"syscall"
)

// lock locks a file for this process until it is closed or the process ends. held reports
// that another process has the lock.
func lock(f *os.File) (held bool, err error) {
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	return errors.Is(err, syscall.EWOULDBLOCK), err
}
