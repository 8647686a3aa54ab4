package directory

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/reconvene/reconvene/relay/queue"
	"github.com/reconvene/reconvene/relay/queue/storetest"
)

// When there is space again, the journal is used again: what is removed from then on has a
// record there, and does not come back after a kill.
func TestJournalAfterFullDisk(t *testing.T) {
	f := newCrashFS()
	s := openSmall(f)
	storetest.Load(t, s)
	put := func(id string) error {
		return storetest.Put(s, storetest.Message(id, "b@example.net"), storetest.Body)
	}
	f.limit(0)
	var stored []string
	for i := 0; ; i++ {
		id := fmt.Sprintf("m%d", i)
		if err := put(id); errors.Is(err, queue.ErrFull) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, id)
	}
	f.limit(-1)
	for _, id := range stored {
		if err := s.Remove(id); err != nil {
			t.Fatal(err)
		}
	}
	if err := put("later"); err != nil {
		t.Fatal(err)
	}
	if got := storetest.Load(t, openSmall(f.afterKill())); len(got) != 1 || got["later"] == nil {
		t.Errorf("after a kill there are %d messages; %d had been removed", len(got), len(stored))
	}
	s.Close()
}

// A file of the journal is used again only when its messages have files: those that nobody
// keeps count as removed.
func TestKeptBeforeJournalTurns(t *testing.T) {
	f := newCrashFS()
	var files [2]JournalFile
	for i, name := range journalNames {
		files[i], _ = f.OpenJournal(name)
	}
	var mu sync.Mutex
	kept := map[string]bool{}
	early := 0
	settle := func(ids []string) error {
		mu.Lock()
		defer mu.Unlock()
		for _, id := range ids {
			if !kept[id] {
				early++
			}
		}
		return nil
	}
	j, err := newJournal(files, 4<<10, 0, settle)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 2000 {
		id := fmt.Sprintf("m%d", i)
		wg.Go(func() {
			err := j.add(id, nil, storetest.Body, func() {
				mu.Lock()
				defer mu.Unlock()
				kept[id] = true
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := j.close(); err != nil {
		t.Error(err)
	}
	if early > 0 || len(kept) != 2000 {
		t.Errorf("%d messages were made durable before they were kept, %d kept", early, len(kept))
	}
}

// Somebody has removed or replaced a file of the journal: the next start does not find what
// is written to it, so that messages get files of their own.
func TestJournalReplaced(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open can be neither removed nor replaced")
	}
	for _, name := range journalNames {
		for what, replace := range map[string]func(name string) error{
			"removed": os.Remove,
			"replaced": func(name string) error {
				b, err := os.ReadFile(name)
				if err != nil {
					return err
				}
				return errors.Join(os.WriteFile(name+".copy", b, 0o600), os.Rename(name+".copy", name))
			},
		} {
			t.Run(name+" "+what, func(t *testing.T) {
				root := t.TempDir()
				s := open(t, root)
				storetest.Load(t, s)
				if err := replace(filepath.Join(root, name)); err != nil {
					t.Fatal(err)
				}
				for _, id := range []string{"m1", "m2"} {
					if err := storetest.Put(s, storetest.Message(id, "b@example.net"), storetest.Body); err != nil {
						t.Fatal(err)
					}
				}
				if err := s.Remove("m1"); err != nil {
					t.Fatal(err)
				}
				killed := t.TempDir()
				if err := os.CopyFS(killed, os.DirFS(root)); err != nil {
					t.Fatal(err)
				}
				s.Close()
				again := open(t, killed)
				if got := storetest.Load(t, again); len(got) != 1 || got["m2"] == nil {
					t.Errorf("after a kill there are %v", got)
				}
				again.Close()
			})
		}
	}
}

// After a kill with a full disk the store opens, has all messages, and takes what there is
// space for; later they get their files.
func TestKilledWithFullDisk(t *testing.T) {
	for space := 0; space < 9000; space += 211 {
		f := newCrashFS()
		s := openSmall(f)
		storetest.Load(t, s)
		want := map[string]bool{}
		for i := range 12 {
			id := fmt.Sprintf("m%d", i)
			if err := storetest.Put(s, storetest.Message(id, "b@example.net"), storetest.Body); err != nil {
				t.Fatal(err)
			}
			want[id] = true
		}
		if err := s.Remove("m3"); err != nil {
			t.Fatal(err)
		}
		delete(want, "m3")
		for i := range 3 { // and two further kills
			f = f.afterKill()
			f.limit(space)
			s = openSmall(f)
			expect(t, space, s, want)
			id := fmt.Sprintf("m%d", 5+i)
			if err := s.Remove(id); err != nil {
				t.Fatal(err)
			}
			delete(want, id)
			switch err := storetest.Put(s, storetest.Message(id+"later", "b@example.net"), storetest.Body); {
			case err == nil:
				want[id+"later"] = true
			case !errors.Is(err, queue.ErrFull):
				t.Fatal(err)
			}
		}
		f.limit(-1)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		f = f.afterKill()
		s = openSmall(f)
		expect(t, space, s, want)
		for id := range want {
			if _, err := f.Size(id + extBody); err != nil {
				t.Errorf("space %d: %s has no file: %v", space, id, err)
			}
		}
		s.Close()
	}
}

// expect loads a store and compares what it has.
func expect(t *testing.T, space int, s *Store, want map[string]bool) {
	t.Helper()
	got := storetest.Load(t, s)
	for id := range want {
		if got[id] == nil {
			t.Fatalf("space %d: %s is lost", space, id)
		}
		storetest.CheckBody(t, s, id, storetest.Body)
	}
	if len(got) != len(want) {
		t.Fatalf("space %d: there are %d messages, %d were stored and not removed", space, len(got), len(want))
	}
}

// A server that was killed while it wrote the files of a message: who reads the folder
// finds it in the journal.
func TestReadInterruptedWrite(t *testing.T) {
	root := t.TempDir()
	s := open(t, root)
	storetest.Load(t, s)
	for _, id := range []string{"m1", "m2"} {
		if err := storetest.Put(s, storetest.Message(id, "b@example.net"), storetest.Body); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(root, "m1"+extBodyNew), "a part")
	write(t, filepath.Join(root, "m2"+extGone), "being removed")
	var got []string
	if err := Read(root, func(m *queue.Message) { got = append(got, m.ID) }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0] != "m1" {
		t.Errorf("found %v", got)
	}
	s.Close()
}

// The disk did not get the body of a message whose state has changed: the journal has the
// body, and the state of its recipients stays.
func TestStateIsKeptWithoutBody(t *testing.T) {
	f := newCrashFS()
	s := openSmall(f)
	storetest.Load(t, s)
	if err := storetest.Put(s, storetest.Message("m1", "b@example.net", "c@example.net"), storetest.Body); err != nil {
		t.Fatal(err)
	}
	m, err := s.Get("m1")
	if err != nil {
		t.Fatal(err)
	}
	m.Recipients[0].State = queue.Delivered
	if err := s.Update(m); err != nil {
		t.Fatal(err)
	}
	next := f.afterKill()
	next.names["m1"+extBody] = &inode{}
	again := openSmall(next)
	got := storetest.Load(t, again)
	if got["m1"] == nil || got["m1"].Recipients[0].State != queue.Delivered {
		t.Errorf("there is %+v", got["m1"])
	}
	storetest.CheckBody(t, again, "m1", storetest.Body)
	again.Close()
	s.Close()
}
