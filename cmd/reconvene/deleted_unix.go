//go:build unix

package main

import (
	"os"
	"syscall"
)

// deleted reports whether an open file has no name any more, so that nobody can read
// what is written to it. A file that was renamed has one.
func deleted(f *os.File) bool {
	info, err := f.Stat()
	if err != nil {
		return false
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && s.Nlink == 0
}
