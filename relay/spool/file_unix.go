//go:build !windows

package spool

import "os"

// openFile opens a file that has no name any more.
func openFile(dir string) (*os.File, error) {
	file, err := os.CreateTemp(dir, "reconvene-*.spool")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}
