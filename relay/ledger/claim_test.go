package ledger_test

import (
	"strings"
	"testing"

	"github.com/reconvene/reconvene/relay/ledger"
)

// Two relays that share a state folder are told, both of them work, and the second one is no
// longer told when the first one has gone.
func TestSharedFolder(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir, nil)
	second := open(t, dir, (*ledger.Options).Hurry)
	if err := first.Foreign(); err != nil {
		t.Error(err)
	}
	if err := second.Foreign(); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("nothing is said: %v", err)
	}
	first.Add(journaled(1))
	second.Add(journaled(2))
	if n := strings.Count(export(t, dir), "\n"); n != 2 {
		t.Errorf("%d records", n)
	}
	first.Close()
	wait(t, "it is said still", func() bool { return second.Foreign() == nil })
	third := open(t, dir, nil)
	if third.Foreign() == nil {
		t.Error("the second one has not taken the lock")
	}
}

// A relay that shares the folder of another one leaves the journal to that one.
func TestSharedFolderJournal(t *testing.T) {
	dir := t.TempDir()
	open(t, dir, nil)
	second, free := locked(t, dir, nil)
	added := make(chan struct{})
	go func() {
		defer close(added)
		second.Add(journaled(2))
	}()
	wait(t, "it does not wait for the database", func() bool { return second.Counts().Waiting == 1 })
	free()
	<-added
}
