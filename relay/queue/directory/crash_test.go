package directory

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/reconvene/reconvene/relay/queue"
	"github.com/reconvene/reconvene/relay/queue/storetest"
)

// history is what a store has said before it stopped.
type history struct {
	bodies    map[string][]byte
	committed map[string]bool
	removing  map[string]bool // Remove was called
	removed   map[string]bool // Remove has returned nil
}

// work stores, changes and removes messages until the file system stops.
func work(s *Store, f *crashFS, h *history) {
	if _, err := s.Load(func(*queue.Message) {}); err != nil {
		return
	}
	for i := range 24 {
		id := fmt.Sprintf("m%d", i)
		body := append([]byte(id), storetest.Body...)
		if i%4 == 3 { // too large for the journal
			body = bytes.Repeat(body, 600)
		}
		h.bodies[id] = body
		if storetest.Put(s, storetest.Message(id, "b@example.net"), body) == nil {
			h.committed[id] = true
		}
		if i%5 == 0 { // as after a while
			_ = s.writeFiles(id)
		}
		switch id := fmt.Sprintf("m%d", i-2); {
		case i%3 == 0 && h.committed[id]:
			h.removing[id] = true
			if s.Remove(id) == nil && !f.hasStopped() {
				h.removed[id] = true
			}
		case i%3 == 1 && h.committed[id] && !h.removing[id]:
			if m, err := s.Get(id); err == nil {
				m.Recipients[0].Attempts++
				_ = s.Update(m)
			}
		}
	}
}

// check opens the store again and compares it with the history. It returns what is
// wrong.
func (h *history) check(f *crashFS, killed bool) error {
	s := openSmall(f)
	defer s.Close()
	found := map[string]bool{}
	if _, err := s.Load(func(m *queue.Message) { found[m.ID] = true }); err != nil {
		return err
	}
	for id := range h.committed {
		if !found[id] && !h.removing[id] {
			return fmt.Errorf("%s was committed and is lost", id)
		}
	}
	for id := range found {
		if killed && h.removed[id] {
			return fmt.Errorf("%s was removed and is back", id)
		}
		m, err := s.Get(id)
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		b, err := s.Body(id)
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		got, err := io.ReadAll(io.NewSectionReader(b, 0, b.Size()))
		b.Close()
		if err != nil {
			return err
		}
		// An altered body is found by its checksum before it is sent; that of a message
		// which was committed must not be altered.
		if h.committed[id] && !h.removing[id] && (!bytes.Equal(got, h.bodies[id]) || queue.UpdateSum(0, got) != m.Sum) {
			return fmt.Errorf("%s was altered", id)
		}
	}
	return nil
}

// openSmall opens a store with a journal that is soon full.
func openSmall(f FS) *Store {
	s := OpenFS(f)
	s.journalSize = 4 << 10
	return s
}

func newHistory() *history {
	return &history{bodies: map[string][]byte{}, committed: map[string]bool{}, removing: map[string]bool{}, removed: map[string]bool{}}
}

// Wherever the process is killed or the machine loses its power, no message is lost
// or altered whose commit had returned; and a second failure while the first one is
// being repaired changes nothing of that.
func TestCrashAtEachStep(t *testing.T) {
	whole := newCrashFS()
	work(openSmall(whole), whole, newHistory())
	whole.mu.Lock() // the journal may still be at work
	steps := whole.ops
	whole.mu.Unlock()
	if steps < 100 {
		t.Fatalf("only %d steps", steps)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for stop := 1; stop <= steps+1; stop++ {
		f := newCrashFS()
		f.stopAt = stop
		h := newHistory()
		work(openSmall(f), f, h)
		if err := h.check(f.afterKill(), true); err != nil {
			t.Fatalf("killed at step %d: %v", stop, err)
		}
		for range 6 {
			first := f.afterPowerLoss(r)
			first.stopAt = 1 + r.IntN(60) // while the store is being opened
			_, _ = openSmall(first).Load(func(*queue.Message) {})
			if err := h.check(first.afterPowerLoss(r), false); err != nil {
				t.Fatalf("power lost at step %d: %v", stop, err)
			}
		}
	}
}

// The test above would find a store that does not sync.
func TestCrashIsFound(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	f := newCrashFS()
	f.lies = true
	h := newHistory()
	work(openSmall(f), f, h)
	for range 20 {
		if h.check(f.afterPowerLoss(r), false) != nil {
			return
		}
	}
	t.Error("nothing is synced, and nothing was missing")
}

// Without space a message is not accepted, and nothing of it remains; with space
// again everything goes on.
func TestFull(t *testing.T) {
	for space := 0; space < 6000; space += 97 {
		f := newCrashFS()
		s := openSmall(f)
		storetest.Load(t, s)
		f.limit(space)
		var stored int
		for i := range 10 {
			err := storetest.Put(s, storetest.Message(fmt.Sprintf("m%d", i), "b@example.net"), storetest.Body)
			if err == nil {
				stored++
			} else if !errors.Is(err, queue.ErrFull) {
				t.Fatalf("space %d: %v", space, err)
			}
		}
		f.limit(-1)
		if err := storetest.Put(s, storetest.Message("later", "b@example.net"), storetest.Body); err != nil {
			t.Fatalf("space %d, afterwards: %v", space, err)
		}
		s.Close()
		again := openSmall(f)
		if got := storetest.Load(t, again); len(got) != stored+1 {
			t.Fatalf("space %d: %d messages, %d were stored", space, len(got), stored+1)
		}
		again.Close()
	}
}

// A journal that cannot be written costs speed, and nothing else.
func TestJournalFails(t *testing.T) {
	f := newCrashFS()
	s := openSmall(f)
	storetest.Load(t, s)
	put := func(id string) {
		t.Helper()
		if err := storetest.Put(s, storetest.Message(id, "b@example.net"), storetest.Body); err != nil {
			t.Fatal(err)
		}
	}
	put("before")
	f.mu.Lock()
	f.noJournal = true
	f.mu.Unlock()
	put("after-1")
	put("after-2")
	for _, id := range []string{"before", "after-1"} {
		if err := s.Remove(id); err != nil {
			t.Error(err)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		again := openSmall(f.afterPowerLoss(r))
		found := false // what was removed may be there in part, and is set aside
		if _, err := again.Load(func(m *queue.Message) { found = found || m.ID == "after-2" }); err != nil || !found {
			t.Fatalf("what was committed without the journal is lost: %v", err)
		}
		storetest.CheckBody(t, again, "after-2", storetest.Body)
		again.Close()
	}
}

// Where there is no space for the journal, the store opens nevertheless, and no record
// of before counts.
func TestNoSpaceForJournal(t *testing.T) {
	f := newCrashFS()
	s := openSmall(f)
	storetest.Load(t, s)
	if err := storetest.Put(s, storetest.Message("gone", "b@example.net"), storetest.Body); err != nil {
		t.Fatal(err)
	}
	s = openSmall(f.afterKill()) // which has its record
	f = s.fs.(*crashFS)
	s.journalSize = 64 << 10
	f.limit(10_000)
	if got := storetest.Load(t, s); got["gone"] == nil || s.journal != nil {
		t.Fatalf("found %v, journal %v", got, s.journal)
	}
	if err := s.Remove("gone"); err != nil {
		t.Fatal(err)
	}
	if err := storetest.Put(s, storetest.Message("kept", "b@example.net"), storetest.Body); err != nil {
		t.Fatal(err)
	}
	f.limit(-1)
	again := openSmall(f.afterKill())
	if got := storetest.Load(t, again); len(got) != 1 || got["kept"] == nil {
		t.Errorf("afterwards %v", got)
	}
	again.Close()
}
