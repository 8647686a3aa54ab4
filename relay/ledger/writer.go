package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"
)

// job is other work for the goroutine that writes.
type job struct {
	do   func(context.Context, *sql.DB) error
	done chan error
}

const (
	// gather bounds one transaction.
	gather = 1000
	// collect is how long records wait in the journal for others of their transaction.
	collect = 250 * time.Millisecond
	// retryAfter is how long the file is left alone after a failure.
	retryAfter = time.Second
	// pruneEvery is how often it is looked for what is too old.
	pruneEvery = time.Minute
	// pruneAgain is the pause between two steps.
	pruneAgain = 50 * time.Millisecond
)

// writer is the goroutine that writes, and the file that it has open.
type writer struct {
	*Ledger
	db    *sql.DB     // nil: the file is not open
	stmts *statements // on db
	file  fs.FileInfo // that db has
	wal   fs.FileInfo // what db has written and not moved to file yet
}

// run writes until ctx ends, or until the ledger is closed and nothing waits any more.
func (w *writer) run(ctx context.Context) {
	defer close(w.done)
	defer w.journal.close()
	defer w.shut()
	tick := time.NewTimer(w.opt.pruneEvery)
	defer tick.Stop()
	var first sync.Once
	for {
		more, err := w.step(ctx)
		w.mu.Lock()
		ended := w.closed && (len(w.queue) == 0 || err != nil)
		w.mu.Unlock()
		if err != nil {
			w.fail(err)
			w.shut()
		}
		first.Do(func() { close(w.opened) }) // the first message finds the trouble, too
		switch {
		case ended || ctx.Err() != nil:
			return
		case err != nil:
			pause(ctx, retryAfter)
		case !more:
			w.idle(ctx, tick, nil)
		}
		w.untilDue(ctx, tick)
	}
}

// untilDue waits until the next transaction is due.
func (w *writer) untilDue(ctx context.Context, tick *time.Timer) {
	for ctx.Err() == nil {
		w.mu.Lock()
		left := time.Duration(0)
		if n := len(w.queue); n > 0 && n < gather && !w.urgent && !w.closed && w.trouble == nil {
			left = collect - time.Since(w.since)
		}
		w.mu.Unlock()
		if left <= 0 {
			return
		}
		due := time.NewTimer(left)
		w.idle(ctx, tick, due.C)
		due.Stop()
	}
}

// step writes what waits. more reports that there is something left.
func (w *writer) step(ctx context.Context) (more bool, err error) {
	if w.db != nil && !sameFile(w.path, w.file) {
		w.fail(fmt.Errorf("%s was deleted or replaced while the server ran; the ledger begins anew", w.path))
		w.shut() // the engine would write on into a file that has no name any more
	}
	if w.db != nil && !sameFile(w.path+walSuffix, w.wal) {
		w.fail(fmt.Errorf("%s was deleted or replaced while the server ran; what it had is moved to %s", w.path+walSuffix, w.path))
		if err := w.rescue(ctx); err != nil {
			return false, err
		}
	}
	if w.db == nil {
		if err := w.open(ctx); err != nil {
			return false, err
		}
	}
	return w.drain(ctx)
}

// open opens the file, and reads from it what is remembered.
func (w *writer) open(ctx context.Context) (err error) {
	if w.db, err = openWriter(ctx, w.path); err != nil {
		return err
	}
	if w.file, err = os.Stat(w.path); err != nil {
		return err
	}
	if err := w.keepKey(); err != nil {
		return err
	}
	if err := w.leaveCluster(ctx); err != nil {
		return err
	}
	w.joined = false
	if w.stmts, err = prepare(ctx, w.db); err != nil {
		return err
	}
	if err := w.replay(ctx); err != nil {
		return err
	}
	now := w.opt.Now()
	err = errors.Join(w.memory.loadRaised(ctx, w.db), w.memory.loadReceivers(ctx, w.db, now), w.memory.loadForms(ctx, w.db, now))
	if err != nil {
		return err
	}
	if w.wal, err = os.Stat(w.path + walSuffix); err != nil {
		return err
	}
	w.warmRecall(ctx)
	return nil
}

// shut closes the file.
func (w *writer) shut() {
	if w.stmts != nil {
		w.stmts.close()
	}
	if w.db != nil {
		w.db.Close()
	}
	w.db, w.stmts = nil, nil
}

// walSuffix is what the engine appends to the name of the file for its log.
const walSuffix = "-wal"

// rescue moves what is in a log without a name to the file, and closes both. The last
// connection that is closed removes the names that others would find.
func (w *writer) rescue(ctx context.Context) error {
	_, err := w.db.ExecContext(context.WithoutCancel(ctx), "PRAGMA wal_checkpoint(TRUNCATE)")
	w.dropRecall()
	w.shut()
	return err
}

// idle waits for something to write, or until it is due, and does other work meanwhile.
func (w *writer) idle(ctx context.Context, tick *time.Timer, due <-chan time.Time) {
	select {
	case <-w.wake:
	case <-due:
	case j := <-w.jobs:
		err := j.do(ctx, w.db)
		if w.joined && w.stmts != nil {
			w.stmts.share = true
		}
		j.done <- err
	case <-tick.C:
		next := w.opt.pruneEvery
		if more, err := w.tidy(ctx); err != nil {
			w.fail(err)
			w.shut()
		} else if more {
			next = pruneAgain
		}
		tick.Reset(next)
	case <-ctx.Done():
	}
}

// tidy prunes, and takes over the journal of a process that has ended.
func (w *writer) tidy(ctx context.Context) (more bool, err error) {
	if w.stmts == nil {
		return false, nil
	}
	if w.claim.take(w.opt.Directory) {
		if err := w.replay(ctx); err != nil {
			return false, err
		}
	}
	return w.prune(ctx)
}

func (w *writer) prune(ctx context.Context) (more bool, err error) {
	w.mu.Lock()
	c := w.opt.Config
	w.mu.Unlock()
	if c.Keep == 0 || c.MaxSize == 0 {
		return false, nil
	}
	return prune(ctx, w.db, w.opt.Now().Add(-c.Keep), int64(c.MaxSize))
}

// sameFile reports whether a path still names a file.
func sameFile(path string, file fs.FileInfo) bool {
	now, err := os.Stat(path)
	return err == nil && os.SameFile(now, file)
}

// keepKey writes the key again when somebody has emptied the folder: addresses are
// hashed with it as long as we run.
func (w *writer) keepKey() error {
	w.mu.Lock()
	key := w.addresses.key
	w.mu.Unlock()
	if err := writeKey(w.opt.Directory, key); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// do lets the goroutine that writes do something when it is idle.
func (l *Ledger) do(ctx context.Context, work func(context.Context, *sql.DB) error) error {
	j := job{work, make(chan error, 1)}
	select {
	case l.jobs <- j:
		return <-j.done
	case <-l.done:
		return errors.New("the ledger is closed")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Reader opens the file for reading beside the writer. What is only in the journal is not
// in it yet.
func (l *Ledger) Reader(ctx context.Context) (*Reader, error) {
	l.mu.Lock()
	c := l.opt.Config
	l.mu.Unlock()
	return openBeside(ctx, l.opt.Directory, c)
}

// fail notes trouble and says so once.
func (l *Ledger) fail(err error) {
	l.mu.Lock()
	first := l.trouble == nil && !errors.Is(err, context.Canceled)
	if first {
		l.trouble = err
		l.counts.Late++
	}
	l.mu.Unlock()
	if first {
		l.log(slog.LevelError, "ledger-failed", slog.String("error", err.Error()), slog.String("why", "mail is not affected; records wait in memory"))
	}
}

// recovered notes that all is written again.
func (w *writer) recovered() {
	w.mu.Lock()
	was, lost := w.trouble, w.lost
	w.trouble, w.lost = nil, 0
	w.mu.Unlock()
	if was != nil {
		w.log(slog.LevelWarn, "ledger-recovered", slog.Int("lost", lost), slog.String("error", was.Error()))
	}
}

func (l *Ledger) log(level slog.Level, msg string, attrs ...slog.Attr) {
	if l.opt.Log == nil || !l.opt.Log.Enabled(context.Background(), level) {
		return
	}
	r := slog.NewRecord(l.opt.Now(), level, msg, 0)
	r.AddAttrs(attrs...)
	_ = l.opt.Log.Handle(context.Background(), r)
}

func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
