package ledger

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/reconvene/reconvene/config"
)

// Options is what a Ledger needs.
type Options struct {
	Directory string
	Config    config.Ledger
	Now       func() time.Time // nil means time.Now
	Log       slog.Handler     // nil logs nothing
	Wait      time.Duration    // for which Message waits for the commit at most; 0 means 2s
	Share     bool             // what is stored is put into the outbox for other relays; see [Ledger.Cluster]
	Waiting   int              // records that may wait in memory; 0 means 20,000

	missingInterval time.Duration // for tests
	pruneEvery      time.Duration // for tests
	recallWait      time.Duration // for tests
}

// Ledger records messages. It implements [relay.Sink]. Open opens it; Close writes
// the records that wait, and closes it. All methods may be called from any
// goroutine.
type Ledger struct {
	opt  Options
	path string

	mu        sync.Mutex
	addresses addressWriter
	queue     []*waiting
	trouble   error // why nothing is written at present
	lost      int   // records that did not fit
	counts    Counts
	memory    lookupState
	closed    bool
	number    uint64    // of the last that was put into the queue
	urgent    bool      // somebody waits for the database
	since     time.Time // since when records wait that are in the journal; zero: there are none

	joined bool // the cluster, since the file was opened; of the same goroutine

	journal     *journal
	patience    *patience
	claim       claim
	wake        chan struct{}
	outgoing    chan struct{} // see Outgoing
	jobs        chan job
	done        chan struct{}
	opened      chan struct{} // closed when the file was opened, or could not be
	missingDone chan struct{}
	stop        context.CancelFunc
	stopMissing context.CancelFunc
}

// Counts has the values of the metrics.
type Counts struct {
	Written, Lost, Late uint64
	Waiting             int
	Missing             int           // attendees who were not notified
	Recalls             uint64        // look-ups for repairs
	RecallsFailed       uint64        // those without a result in time
	RecallTook          time.Duration // the total time of all look-ups
	Trouble             bool
}

// Open opens the ledger of a directory. It fails only when the directory cannot be
// used at all. A file that cannot be read or written is reported by Trouble, and
// records are kept in memory meanwhile.
func Open(opt Options) (*Ledger, error) {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	opt.Wait = cmp.Or(opt.Wait, 2*time.Second)
	opt.Waiting = cmp.Or(opt.Waiting, 20_000)
	opt.missingInterval = cmp.Or(opt.missingInterval, missingInterval)
	opt.pruneEvery = cmp.Or(opt.pruneEvery, pruneEvery)
	opt.recallWait = cmp.Or(opt.recallWait, recallWait)
	if info, err := os.Stat(opt.Directory); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s is not a folder", opt.Directory)
	}
	key, err := openKey(opt.Directory, true)
	if err != nil {
		return nil, err
	}
	l := &Ledger{opt: opt, path: filepath.Join(opt.Directory, FileName), journal: newJournal(opt.Directory), patience: newPatience(opt.Wait), wake: make(chan struct{}, 1), outgoing: make(chan struct{}, 1), jobs: make(chan job),
		done: make(chan struct{}), opened: make(chan struct{}), missingDone: make(chan struct{})}
	l.addresses.key = key
	l.claim.take(opt.Directory)
	l.memory.raised, l.memory.receivers, l.memory.forms = map[string]bool{}, map[string]Receiver{}, newForms()
	l.Use(opt.Config)
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	go (&writer{Ledger: l}).run(ctx)
	watching, unwatch := context.WithCancel(ctx)
	l.stopMissing = unwatch
	go l.followMissing(watching)
	select { // so that the first message finds what is remembered
	case <-l.opened:
	case <-time.After(opt.Wait):
	}
	return l, nil
}

// Use applies another configuration.
func (l *Ledger) Use(c config.Ledger) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.opt.Config = c
	l.addresses.hashed, l.addresses.texts = c.Addresses == "hashed", c.Texts
}

// Trouble returns why nothing can be written at present, or nil.
func (l *Ledger) Trouble() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.trouble == nil {
		return nil
	}
	return fmt.Errorf("the ledger cannot be written, %d records wait, %d are lost: %w", len(l.queue), l.lost, l.trouble)
}

// Counts returns the values of the metrics.
func (l *Ledger) Counts() Counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.counts
	c.Trouble = l.trouble != nil
	for _, w := range l.queue {
		if !w.brief || c.Trouble { // the others are on the disk
			c.Waiting++
		}
	}
	return c
}

// Close writes the records that wait, for a limited time, and closes the ledger.
func (l *Ledger) Close() {
	l.stopMissing()
	<-l.missingDone
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	grace := time.AfterFunc(2*l.opt.Wait, l.stop)
	defer grace.Stop()
	select {
	case l.wake <- struct{}{}:
	default:
	}
	<-l.done
	l.stop()
	l.closeRecall()
	l.claim.release()
}
