// Package storetest has the tests that every store of the queue must pass. Only tests
// import it.
package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/queue"
)

// Body is a body that has every octet, lines with dots, and no line end at its end.
var Body = func() []byte {
	var b bytes.Buffer
	b.WriteString("Subject: test\r\n\r\n.\r\n..\r\n")
	for i := range 256 {
		b.WriteByte(byte(i))
	}
	return b.Bytes()
}()

// Message returns a message with recipients.
func Message(id string, recipients ...string) *queue.Message {
	m := &queue.Message{ID: id, Received: time.Date(2026, 3, 1, 9, 0, 0, 5, time.UTC), Sender: queue.Sender{Path: "a@example.com", EnvID: "e+3D"},
		Trace: "Received: from x (y)\r\n\tby z\r\n"}
	for _, r := range recipients {
		m.Recipients = append(m.Recipients, queue.Recipient{Path: r, State: queue.Queued})
	}
	return m
}

// Put stores a message with a body.
func Put(s queue.Store, m *queue.Message, body []byte) error {
	w, err := s.Create(m.ID)
	if err != nil {
		return err
	}
	defer w.Discard()
	for piece := range slices.Chunk(body, 32<<10) {
		if _, err := w.Write(piece); err != nil {
			return err
		}
	}
	return w.Commit(m)
}

// Load returns all messages of a store, by ID.
func Load(t testing.TB, s queue.Store) map[string]*queue.Message {
	t.Helper()
	all := map[string]*queue.Message{}
	damage, err := s.Load(func(m *queue.Message) { all[m.ID] = m })
	if err != nil || len(damage) > 0 {
		t.Fatalf("Load: %v, damage %v", err, damage)
	}
	return all
}

// CheckBody compares a stored body.
func CheckBody(t testing.TB, s queue.Store, id string, want []byte) {
	t.Helper()
	b, err := s.Body(id)
	if err != nil {
		t.Fatalf("body of %s: %v", id, err)
	}
	defer b.Close()
	got, err := io.ReadAll(io.NewSectionReader(b, 0, b.Size()))
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("body of %s: %d octets, want %d; %v", id, len(got), len(want), err)
	}
}

// Run runs the tests. open opens the store at the same place again: the one before it
// was closed, or abandoned without Close as by a crash.
func Run(t *testing.T, open func(t *testing.T) (reopen func() queue.Store)) {
	for _, tt := range []struct {
		name string
		test func(t *testing.T, reopen func() queue.Store)
	}{
		{"stored and read", storedAndRead},
		{"discarded", discarded},
		{"read while it is written", readWhileWritten},
		{"changed and removed", changedAndRemoved},
		{"set aside", setAside},
		{"names that nobody has given", unknownNames},
		{"many at a time", manyAtATime},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, open(t)) })
	}
}

// large is a body of which a store may keep less in memory.
var large = bytes.Repeat([]byte("0123456789abcde\n"), 40_000)

// storedAndRead checks that messages of all sizes are there again after a restart.
func storedAndRead(t *testing.T, reopen func() queue.Store) {
	s := reopen()
	Load(t, s)
	for id, body := range map[string][]byte{"small": Body, "empty": nil, "large": large} {
		if err := Put(s, Message(id, "b@example.net", "c@example.net"), body); err != nil {
			t.Fatal(err)
		}
	}
	check := func(s queue.Store) {
		CheckBody(t, s, "small", Body)
		CheckBody(t, s, "empty", nil)
		CheckBody(t, s, "large", large)
		m, err := s.Get("small")
		if err != nil || m.Sender.EnvID != "e+3D" || len(m.Recipients) != 2 || m.Size != int64(len(Body)) || !m.Received.Equal(Message("x").Received) {
			t.Fatalf("%+v %v", m, err)
		}
	}
	check(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = reopen()
	if got := Load(t, s); len(got) != 3 {
		t.Fatalf("%d messages", len(got))
	}
	check(s)
	s.Close()
}

// discarded checks that what was discarded never existed.
func discarded(t *testing.T, reopen func() queue.Store) {
	s := reopen()
	Load(t, s)
	w, err := s.Create("d1")
	if err != nil {
		t.Fatal(err)
	}
	w.Write(Body)
	w.Discard()
	w.Discard()
	wantNone(t, s, "d1", reopen)
}

// readWhileWritten checks that a body can be read before it is committed.
func readWhileWritten(t *testing.T, reopen func() queue.Store) {
	s := reopen()
	defer s.Close()
	Load(t, s)
	for _, body := range [][]byte{Body, large} {
		w, err := s.Create("r1")
		if err != nil {
			t.Fatal(err)
		}
		w.Write(body)
		got := make([]byte, len(body))
		if n, err := w.ReadAt(got, 0); n != len(body) || err != nil && err != io.EOF || !bytes.Equal(got, body) {
			t.Errorf("%d of %d octets, %v", n, len(body), err)
		}
		if n, err := w.ReadAt(got, int64(len(body))); n != 0 || err != io.EOF {
			t.Errorf("behind the end: %d, %v", n, err)
		}
		w.Discard()
	}
}

// changedAndRemoved checks that changes and removals last.
func changedAndRemoved(t *testing.T, reopen func() queue.Store) {
	s := reopen()
	Load(t, s)
	for _, id := range []string{"m1", "m2"} {
		if err := Put(s, Message(id, "b@example.net"), Body); err != nil {
			t.Fatal(err)
		}
	}
	m, _ := s.Get("m1")
	m.Recipients[0].Attempts, m.Held = 7, "why"
	if err := s.Update(m); err != nil {
		t.Fatal(err)
	}
	if err := s.Remove("m2"); err != nil {
		t.Fatal(err)
	}
	if err := s.Remove("m2"); !errors.Is(err, queue.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
	if _, err := s.Body("m2"); !errors.Is(err, queue.ErrNotFound) {
		t.Errorf("body: %v", err)
	}
	s.Close()
	s = reopen()
	got := Load(t, s)
	if len(got) != 1 || got["m1"] == nil || got["m1"].Recipients[0].Attempts != 7 || got["m1"].Held != "why" {
		t.Errorf("%v", got)
	}
	s.Close()
}

// wantNone checks that a message is not found, and that none is loaded after the store, which
// it closes, was opened again.
func wantNone(t *testing.T, s queue.Store, id string, reopen func() queue.Store) {
	t.Helper()
	if _, err := s.Get(id); !errors.Is(err, queue.ErrNotFound) {
		t.Errorf("Get: %v", err)
	}
	s.Close()
	s = reopen()
	if got := Load(t, s); len(got) != 0 {
		t.Errorf("%v", got)
	}
	s.Close()
}

// setAside checks that a message that was set aside is not loaded.
func setAside(t *testing.T, reopen func() queue.Store) {
	s := reopen()
	Load(t, s)
	if err := Put(s, Message("a1", "b@example.net"), Body); err != nil {
		t.Fatal(err)
	}
	if err := s.SetAside("a1", "it is broken"); err != nil {
		t.Fatal(err)
	}
	wantNone(t, s, "a1", reopen)
}

// unknownNames checks that a name that is none is not found, and reaches no other file.
func unknownNames(t *testing.T, reopen func() queue.Store) {
	s := reopen()
	defer s.Close()
	Load(t, s)
	for _, id := range []string{"", "none", "../x", "a/b", "lock", strings.Repeat("x", 300)} {
		if _, err := s.Get(id); !errors.Is(err, queue.ErrNotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// manyAtATime checks that concurrent messages do not mix.
func manyAtATime(t *testing.T, reopen func() queue.Store) {
	s := reopen()
	Load(t, s)
	var wg sync.WaitGroup
	for c := range 8 {
		wg.Go(func() {
			for i := range 40 {
				id := fmt.Sprintf("c%d-%d", c, i)
				if err := Put(s, Message(id, "b@example.net"), append([]byte(id), Body...)); err != nil {
					t.Error(err)
				}
				if i%2 == 1 {
					if err := s.Remove(id); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	s.Close()
	s = reopen()
	got := Load(t, s)
	if len(got) != 160 {
		t.Errorf("%d messages", len(got))
	}
	for id := range got {
		CheckBody(t, s, id, append([]byte(id), Body...))
	}
	s.Close()
}
