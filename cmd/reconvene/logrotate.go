package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/reconvene/reconvene/config"
)

// rotation puts a log file aside when it is large or old enough, and removes the
// oldest ones. The name of a file that was put aside has the time in UTC: it stays
// the same, unlike a number, and does not collide with the names that logrotate
// gives. It is used by one goroutine at a time.
type rotation struct {
	now    func() time.Time
	rename func(from, to string) error
	size   int64         // octets at which a new file begins; 0: never
	age    time.Duration // a new file begins with each period of this length; 0: never
	keep   int           // files that are kept beside the current one; 0: all

	octets  int64     // in the current file
	written time.Time // the last write to it
	next    time.Time // not tried before, after a failure
	problem error     // why the file could not be put aside; nil: all is well
}

// rotationRetry is how long a file that could not be put aside grows before that is
// tried again: on Windows, while another program has it open.
const rotationRetry = time.Minute

// asideLayout is the end of the name of a file that was put aside.
const asideLayout = "20060102T150405.000Z"

func newRotation(cfg config.Log, now func() time.Time) *rotation {
	return &rotation{now: now, rename: os.Rename, size: int64(cfg.RotateSize), age: cfg.RotateAge, keep: cfg.RotateKeep}
}

// opened looks at the file that is written from now on. What is no regular file
// (a device, a pipe) is never put aside.
func (r *rotation) opened(file *os.File) {
	r.octets, r.written = 0, r.now()
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() && info.Size() > 0 {
		r.octets, r.written = info.Size(), info.ModTime()
	}
}

// due reports whether the file is put aside before the next octets are written.
func (r *rotation) due(octets int) bool {
	now := r.now()
	if r.octets == 0 || now.Before(r.next) {
		return false
	}
	return r.size > 0 && r.octets+int64(octets) > r.size || r.age > 0 && !r.period(now).Equal(r.period(r.written))
}

// period is the beginning of the period of a time, counted from a Monday at
// midnight in local time: with an age of a day a file begins at midnight, with 7d
// on Monday.
func (r *rotation) period(t time.Time) time.Time {
	_, offset := t.Local().Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second).Truncate(r.age)
}

// wrote counts what has been written.
func (r *rotation) wrote(octets int) {
	r.octets, r.written = r.octets+int64(octets), r.now()
}

// aside renames the file, which is closed, and removes the oldest ones. An error is
// new: it was not reported before.
func (r *rotation) aside(path string) error {
	to := path + "-" + r.now().UTC().Format(asideLayout)
	if _, err := os.Lstat(to); err == nil {
		return nil // the second within a millisecond: with the next write
	}
	before := r.problem
	if err := r.rename(path, to); err != nil && !os.IsNotExist(err) {
		r.problem, r.next = err, r.now().Add(rotationRetry)
	} else {
		r.problem = r.prune(path)
	}
	if before != nil {
		return nil
	}
	return r.problem
}

// prune removes the oldest files.
func (r *rotation) prune(path string) error {
	if r.keep == 0 {
		return nil
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	var names []string
	for _, e := range entries {
		end, ok := strings.CutPrefix(e.Name(), filepath.Base(path)+"-")
		if _, err := time.Parse(asideLayout, end); ok && err == nil && e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names) // by time, as the layout has it
	for _, name := range names[:max(0, len(names)-r.keep)] {
		if err := os.Remove(filepath.Join(filepath.Dir(path), name)); err != nil {
			return fmt.Errorf("an old file stays: %w", err)
		}
	}
	return nil
}
