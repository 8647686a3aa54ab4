package directory

import (
	"errors"
	"fmt"
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
