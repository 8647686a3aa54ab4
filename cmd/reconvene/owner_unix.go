//go:build unix

package main

import (
	"os"
	"syscall"
)

// copyOwner gives a new file the owner of the one that it replaces. Only root
// can do that for everyone; where it fails, the file belongs to who ran us.
func copyOwner(f *os.File, old os.FileInfo) {
	if st, ok := old.Sys().(*syscall.Stat_t); ok {
		_ = f.Chown(int(st.Uid), int(st.Gid))
	}
}
