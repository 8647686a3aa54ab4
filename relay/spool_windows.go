//go:build windows

package relay

import (
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/windows"
)

// openSpoolFile opens a file that the system deletes with its last handle, also
// when the process dies. Nobody else can open it.
func openSpoolFile(dir string) (*os.File, error) {
	if dir == "" {
		dir = os.TempDir()
	}
	var random [8]byte
	if err := windows.RtlGenRandom(random[:]); err != nil {
		return nil, err
	}
	name := "reconvene-"
	for _, b := range random {
		name += strconv.FormatUint(uint64(b)+256, 16)
	}
	name = filepath.Join(dir, name+".spool")
	path, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	handle, err := windows.CreateFile(path, windows.GENERIC_READ|windows.GENERIC_WRITE|windows.DELETE, 0, nil,
		windows.CREATE_NEW, windows.FILE_ATTRIBUTE_TEMPORARY|windows.FILE_FLAG_DELETE_ON_CLOSE, 0)
	if err != nil {
		return nil, &os.PathError{Op: "create", Path: name, Err: err}
	}
	return os.NewFile(uintptr(handle), name), nil
}
