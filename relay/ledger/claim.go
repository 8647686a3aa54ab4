package ledger

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// claim is the lock of a state directory, on its key file. The ledger works without it, and
// without a journal then: the database can have several writers, the journal has one.
type claim struct {
	mu      sync.Mutex
	file    *os.File // that is locked
	foreign bool     // another process has the lock
}

// take tries to get the lock. Where locks do not work, nobody has it. freed reports that
// another process had it before.
func (c *claim) take(dir string) (freed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.file != nil {
		return false
	}
	was := c.foreign
	c.foreign = false
	f, err := os.OpenFile(filepath.Join(dir, keyFile), os.O_RDWR, 0)
	if err != nil {
		return was
	}
	if c.foreign, err = lock(f); err != nil {
		f.Close()
		return was && !c.foreign
	}
	c.file = f
	return was
}

// taken reports whether another process has the lock.
func (c *claim) taken() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.foreign
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
	if !l.claim.taken() {
		return nil
	}
	return fmt.Errorf("another Reconvene uses the folder %s, too: each relay needs one of its own", l.opt.Directory)
}
