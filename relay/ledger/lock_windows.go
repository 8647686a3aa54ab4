package ledger

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lock locks a file for this process until it is closed or the process ends. held reports
// that another process has the lock. The octet that is locked is far behind the content,
// which others may read.
func lock(f *os.File) (held bool, err error) {
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &windows.Overlapped{OffsetHigh: 1})
	return errors.Is(err, windows.ERROR_LOCK_VIOLATION), err
}
