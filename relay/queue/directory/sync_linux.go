package directory

import (
	"os"
	"syscall"
)

// syncData makes the data of a file durable, and its size, but no times.
func syncData(f *os.File) error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if err != syscall.EINTR {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}
