package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/reconvene/reconvene/rewrite"
)

// checkOutput refuses an --output that makes no sense.
func (f fixFlags) checkOutput(args []string) error {
	if f.output == "" {
		return nil
	}
	if f.inPlace || f.diff || f.report != "" {
		return usageError("--output cannot be combined with --in-place, --diff or --report")
	}
	if len(args) > 1 && !isFolder(f.output) {
		return usageError("--output %s is not a folder, and there are %d files; create the folder first", visible(f.output), len(args))
	}
	names := make(map[string]bool)
	for _, name := range args {
		if base := filepath.Base(name); isFolder(f.output) && (name == "-" || names[base]) {
			return usageError("--output %s: %s has no file name to use in the folder; name a file", visible(f.output), visible(name))
		} else {
			names[base] = true
		}
	}
	return nil
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// writeOutput writes the result into the file or folder of --output, in one step. The
// mail itself is never overwritten: that is what --in-place is for.
func (f fixFlags) writeOutput(in *input, res rewrite.Result) (err error) {
	name := f.output
	if isFolder(name) {
		name = filepath.Join(name, filepath.Base(in.name))
	}
	if old, err := os.Stat(name); err == nil && in.file != nil {
		if info, err := in.file.Stat(); err == nil && os.SameFile(old, info) {
			return fmt.Errorf("%w: %s is the input file; use --in-place", errOutput, name)
		}
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".reconvene-*")
	if err != nil {
		return fmt.Errorf("%w: %w", errOutput, err)
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if _, err = res.WriteTo(tmp); err == nil {
		err = errors.Join(tmp.Chmod(0o644), tmp.Sync(), tmp.Close())
	}
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errOutput, err)
	}
	return nil
}
