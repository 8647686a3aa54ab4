package ledger_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/ledger"
)

// smallDisk is a folder with room for that many octets, and a way to mount it
// otherwise. It takes the rights of root.
func smallDisk(t *testing.T, octets int) (dir string, remount func(flags uintptr, options string)) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", octets)); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir, func(flags uintptr, options string) {
		t.Helper()
		if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|flags, options); err != nil {
			t.Fatal(err)
		}
	}
}

// A disk that is full, or that was mounted read-only, is trouble that passes: what
// is to be remembered waits, nothing is lost, and the file is sound afterwards.
func TestTroubleWithTheDisk(t *testing.T) {
	for _, tt := range []struct {
		name        string
		size        int
		spoil, cure func(remount func(uintptr, string), dir string)
	}{
		{"full", 400_000, func(_ func(uintptr, string), dir string) { fillDisk(t, dir) },
			func(remount func(uintptr, string), _ string) { remount(0, "size=20000000") }},
		{"read-only", 8_000_000, func(remount func(uintptr, string), _ string) { remount(syscall.MS_RDONLY, "") },
			func(remount func(uintptr, string), _ string) { remount(0, "") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, remount := smallDisk(t, tt.size)
			l := open(t, dir, func(o *ledger.Options) { o.Wait = 5 * time.Second })
			l.Add(conversations[0].mails[0].record(1))
			if err := l.Trouble(); err != nil {
				t.Fatal(err)
			}
			if tt.name == "read-only" { // nobody may have a file open for writing then
				l.Close()
				tt.spoil(remount, dir)
				l = open(t, dir, func(o *ledger.Options) { o.Wait = 5 * time.Second })
			} else {
				tt.spoil(remount, dir)
			}
			n := 1
			for end := time.Now().Add(30 * time.Second); l.Trouble() == nil; n++ {
				if time.Now().After(end) {
					t.Fatal("no trouble")
				}
				l.Add(conversations[0].mails[0].record(n + 1))
			}
			t.Log(l.Trouble())
			tt.cure(remount, dir)
			wait(t, "it stays in trouble", func() bool { return l.Trouble() == nil })
			l.Close()
			r := reader(t, dir)
			if s, err := r.Stats(t.Context()); err != nil || s.Messages != int64(n) {
				t.Errorf("%d messages of %d: %v", s.Messages, n, err)
			}
			if faults, err := r.Check(t.Context()); err != nil || len(faults) > 0 {
				t.Errorf("%v %v", faults, err)
			}
			r.Close()
		})
	}
}

// fillDisk leaves no room.
func fillDisk(t *testing.T, dir string) {
	t.Helper()
	f, err := os.Create(dir + "/fill")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 4096); ; {
		if _, err := f.Write(block); err != nil {
			return
		}
	}
}

// A folder that is emptied while the server runs gets a ledger again, with the key by
// which addresses are hashed.
func TestEmptiedFolder(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, func(o *ledger.Options) { o.Wait = 50 * time.Millisecond })
	added := 0
	add := func() {
		added++
		l.Add(conversations[0].mails[0].record(added))
	}
	wait(t, "no file", func() bool {
		add()
		return l.Counts().Written > 0
	})
	key, err := os.ReadFile(filepath.Join(dir, "ledger.key"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	wait(t, "no file", func() bool {
		add()
		_, err := os.Stat(filepath.Join(dir, ledger.FileName))
		return err == nil && l.Trouble() == nil
	})
	if again, err := os.ReadFile(filepath.Join(dir, "ledger.key")); err != nil || string(again) != string(key) {
		t.Errorf("the key is %q, was %q (%v)", again, key, err)
	}
	wait(t, "not stored", func() bool { return l.Counts().Written == uint64(added) }) // then the sizes stay as they are
	var size int64
	files, _ = filepath.Glob(filepath.Join(dir, ledger.FileName+"*"))
	s, err := reader(t, dir).Stats(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if info, err := os.Stat(f); err == nil && !strings.HasSuffix(f, "-shm") {
			size += info.Size()
		}
	}
	if s.Bytes != size {
		t.Errorf("%d octets, but the files have %d", s.Bytes, size)
	}
}

// The log of the database is deleted while the server runs: nothing that was recorded is
// lost with the process, and other processes can read the ledger.
func TestDeletedLog(t *testing.T) {
	for _, names := range [][]string{{"-wal"}, {"-wal", "-shm"}} {
		dir := t.TempDir()
		l := open(t, dir, nil)
		stored := func(i int) {
			l.Add(journaled(i))
			wait(t, "not stored", func() bool { return l.Counts().Written == uint64(i) && l.Trouble() == nil })
		}
		stored(1)
		for _, name := range names {
			if err := os.Remove(filepath.Join(dir, ledger.FileName+name)); err != nil {
				t.Fatal(err)
			}
		}
		stored(2)
		stored(3)
		if got := export(t, killed(t, dir)); strings.Count(got, "\n") != 3 {
			t.Errorf("without %v: after a kill the ledger has %s", names, got)
		}
		l.Close()
		if got := export(t, dir); strings.Count(got, "\n") != 3 {
			t.Errorf("without %v: %s", names, got)
		}
	}
}
