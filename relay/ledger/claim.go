package ledger

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// claim is the lock of a state directory, on its key file. The ledger works without it: the
// database can have several writers, but the journal of one relay may be emptied by another.
type claim struct {
	mu      sync.Mutex
	file    *os.File // that is locked
	foreign bool     // another process has the lock
}

// take tries to get the lock. Where locks do not work, nobody has it.
func (c *claim) take(dir string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.file != nil {
		return
	}
	c.foreign = false
	f, err := os.OpenFile(filepath.Join(dir, keyFile), os.O_RDWR, 0)
	if err != nil {
		return
	}
	if c.foreign, err = lock(f); err != nil {
		f.Close()
		return
	}
	c.file = f
}

func (c *claim) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.file != nil {
		c.file.Close()
		c.file = nil
	}
}

// Foreign returns an error while another process has opened the ledger of this directory for
// writing, too. It is looked at again every minute.
func (l *Ledger) Foreign() error {
	l.claim.mu.Lock()
	defer l.claim.mu.Unlock()
	if !l.claim.foreign {
		return nil
	}
	return fmt.Errorf("another Reconvene uses the folder %s, too: each relay needs one of its own", l.opt.Directory)
}
