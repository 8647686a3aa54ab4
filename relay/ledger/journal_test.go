package ledger_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/ledger"
)

// locked opens a ledger and holds its database, so that records stay in the journal until
// free is called.
func locked(t *testing.T, dir string, change func(*ledger.Options)) (l *ledger.Ledger, free func()) {
	t.Helper()
	l = open(t, dir, change)
	db, err := sql.Open("sqlite", filepath.Join(dir, ledger.FileName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	return l, func() {
		if _, err := db.Exec("ROLLBACK"); err != nil {
			t.Error(err)
		}
	}
}

func journaled(i int) *ledger.Record {
	r := mail{0, "REQUEST", 0, 0, "", i, "bob", "bob=250"}.record(i)
	r.Components[0].UID = fmt.Sprint("u", i, "@example.com")
	r.Inbound = i%2 == 1
	r.Evidence = []ledger.Evidence{{Kind: ledger.KindGreeting, Profile: "domino", Text: "220 Domino"}}
	return r
}

// killed copies what a killed process would leave behind.
func killed(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// A record that had its reply while the database was busy is found after a kill, once: by a
// command, and by serve.
func TestJournalAfterKill(t *testing.T) {
	dir := t.TempDir()
	l, free := locked(t, dir, nil)
	l.Add(journaled(1))
	l.Add(journaled(2))
	l.Add(journaled(3))
	after, later := killed(t, dir), killed(t, dir)
	free()
	l.Close()
	stored := export(t, dir)
	if n := strings.Count(stored, "\n"); n != 3 {
		t.Fatalf("%d records", n)
	}
	for _, line := range strings.SplitAfter(stored, "\n")[:3] {
		for what, dir := range map[string]string{"command": after, "serve": later} {
			if what == "serve" {
				open(t, dir, nil).Close()
			}
			if got := export(t, dir); strings.Count(got, line) != 1 {
				t.Errorf("%s: not once in the ledger: %s\n%s", what, line, got)
			}
		}
	}
	open(t, after, nil).Close() // stores the same once more
	if got := export(t, after); got != export(t, later) {
		t.Errorf("after a command and then serve:\n%s", got)
	}
	for _, dir := range []string{dir, after, later} {
		if names, _ := filepath.Glob(filepath.Join(dir, "ledger.journal*")); len(names) > 0 {
			t.Errorf("left behind: %v", names)
		}
	}
	known, err := reader(t, later).Receivers(context.Background(), nine)
	if err != nil || len(known) != 1 || known[0].Profile != "domino" {
		t.Errorf("what the journal says of receivers: %+v %v", known, err)
	}
}

// What a killed process wrote only a part of had no reply and is passed over.
func TestJournalTorn(t *testing.T) {
	dir := t.TempDir()
	l, free := locked(t, dir, nil)
	l.Add(journaled(2))
	after := killed(t, dir)
	free()
	l.Close()
	file := filepath.Join(after, "ledger.journal-1")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	torn := strings.Replace(string(whole), `"t-2"`, `"t-5"`, -1)
	if err := os.WriteFile(file, append(append([]byte("\x00\x00\n{}\n"), whole...), torn[:len(torn)/2]...), 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, after, nil).Close()
	if got := export(t, after); strings.Count(got, "\n") != 1 || !strings.Contains(got, `"t-2"`) {
		t.Errorf("%s", got)
	}
}

// A look-up for a repair finds the messages that had a reply, although the database has them
// only a moment later: in either place, and nothing that was not delivered to the recipients.
func TestJournalLookup(t *testing.T) {
	for _, where := range []string{"journal", "database"} {
		t.Run(where, func(t *testing.T) {
			l, free := locked(t, t.TempDir(), nil)
			if where == "database" {
				free()
			}
			first, second, other, refused := journaled(2), journaled(4), journaled(6), journaled(8)
			for i, r := range []*ledger.Record{first, second, other, refused} {
				c := &r.Components[0]
				c.UID, c.Kept, c.Seq, c.SeqSent, c.Number = "u@example.com", fmt.Sprint("calendar ", i), i, i, &i
			}
			second.Components[0].Occurrence = "20260301T100000Z"
			other.Deliveries[0].Attendee = address("carol")
			refused.Deliveries[0].Verdict = "refused"
			for _, r := range []*ledger.Record{first, second, other, refused} {
				l.Add(r)
			}
			if where == "database" {
				wait(t, "not stored", func() bool { return l.Counts().Written == 4 })
			}
			for _, tt := range []struct {
				inbound bool
				to      []string
				want    []int // SEQUENCE of the revisions
			}{
				{false, []string{address("bob")}, []int{0, 1}},
				{false, []string{address("bob"), address("carol")}, []int{0, 1, 2}},
				{false, []string{address("dave")}, nil},
				{false, nil, nil},
				{true, []string{address("bob")}, nil},
			} {
				p, ok := l.Recall(tt.inbound, tt.to).Meeting("u@example.com")
				var got []int
				for _, r := range p.Revisions {
					got = append(got, r.SeqSent)
				}
				if !ok || !slices.Equal(got, tt.want) || string(p.Invitation) != "calendar 2" {
					t.Errorf("inbound %t to %v: %v, want %v; kept %q", tt.inbound, tt.to, got, tt.want, p.Invitation)
				}
			}
			if _, ok := l.Recall(false, []string{address("bob")}).Meeting("another@example.com"); ok {
				t.Error("another meeting was found")
			}
			if where == "journal" {
				free()
			}
		})
	}
}

// Of a meeting with many revisions a look-up reads the newest of each occurrence, and no more
// than a repair needs.
func TestRecallIsBounded(t *testing.T) {
	for copies, want := range map[int]int{5: 6, 20: 9, 300: 8} {
		dir := t.TempDir()
		l := open(t, dir, nil)
		for i := range 1 + copies {
			r := journaled(2 * i)
			c := &r.Components[0]
			c.UID, c.SeqSent, c.Number = "u@example.com", i, &i
			if i == 0 {
				c.Occurrence = "20260301T100000Z"
			}
			l.Add(r)
		}
		wait(t, "not stored", func() bool { return l.Counts().Written == uint64(1+copies) })
		p, _ := l.Recall(false, []string{address("bob")}).Meeting("u@example.com")
		if n := len(p.Revisions); n != want || p.Revisions[n-1].SeqSent != copies {
			t.Errorf("%d copies: %d revisions, want %d; the last %+v", copies, n, want, p.Revisions[n-1])
		}
	}
}

// Where the journal cannot be written, a message waits for the database.
func TestJournalUnwritable(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "ledger.journal-1"), 0o700); err != nil {
		t.Fatal(err)
	}
	l, free := locked(t, dir, nil)
	added := make(chan struct{})
	go func() {
		defer close(added)
		l.Add(journaled(2))
	}()
	wait(t, "the record does not wait", func() bool { return l.Counts().Waiting == 1 })
	select {
	case <-added:
		t.Error("it did not wait for the database")
	case <-time.After(20 * time.Millisecond):
	}
	free()
	<-added
	if n := l.Counts().Written; n != 1 {
		t.Errorf("%d records are written", n)
	}
}

// A command that may not store what is in the journal says so.
func TestJournalUnreadable(t *testing.T) {
	dir := t.TempDir()
	open(t, dir, nil).Close()
	if err := os.Mkdir(filepath.Join(dir, "ledger.journal-2"), 0o700); err != nil {
		t.Fatal(err)
	}
	r, err := ledger.OpenReader(context.Background(), dir, config.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, why := r.Lacks(); why == nil {
		t.Error("nothing is said")
	}
}

// A change of another relay that finds no room is read again, and is not lost; a message is.
func TestFull(t *testing.T) {
	l, free := locked(t, t.TempDir(), func(o *ledger.Options) { o.Waiting = 1 })
	l.Add(journaled(1))
	if l.Apply([]ledger.Applied{{Position: 1, Change: &ledger.Change{ID: "r", Record: journaled(2)}}}) {
		t.Error("there is no room")
	}
	l.Acknowledge(1)
	if n := l.Counts().Lost; n != 0 {
		t.Errorf("%d are lost", n)
	}
	l.Add(journaled(3))
	if n := l.Counts().Lost; n != 1 {
		t.Errorf("%d messages are lost", n)
	}
	free()
}
