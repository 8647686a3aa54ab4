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

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/reconvene/reconvene/relay"
)

// job is other work for the goroutine that writes.
type job struct {
	do   func(context.Context, *sql.DB) error
	done chan error
}

// waiting is a record that is to be written.
type waiting struct {
	record       *Record // or
	bounce       *bounce
	remote       bool          // another relay has published it
	position     uint64        // of the change in the stream; 0: it is our own
	acknowledged int64         // all changes up to this number of the outbox were published; 0: nothing new
	done         chan struct{} // closed when it is committed
}

const (
	// gather bounds one transaction.
	gather = 500
	// spacing is the least time between two transactions under load: what comes
	// meanwhile shares the pages that are written, and the commit. A record that comes
	// alone does not wait.
	spacing = 300 * time.Microsecond
	// retryAfter is how long the file is left alone after a failure.
	retryAfter = time.Second
	// pruneEvery is how often it is looked for what is too old.
	pruneEvery = time.Minute
	// pruneAgain is the pause between two steps.
	pruneAgain = 50 * time.Millisecond
)

// Message stores the event of a message. It returns when the record is committed or
// after Options.Wait, and at once while the file cannot be written.
func (l *Ledger) Message(e *relay.Event) {
	l.mu.Lock()
	s := l.addresses
	l.mu.Unlock()
	if r := s.record(e); r != nil {
		l.Add(r)
	} else if r := s.bodiless(e); r != nil {
		l.Add(r)
	}
	if b := s.bounce(e); b != nil {
		l.put(&waiting{bounce: b, done: make(chan struct{})})
	}
}

// Add stores a record, as Message does for an event.
func (l *Ledger) Add(r *Record) { l.put(&waiting{record: r, done: make(chan struct{})}) }

// put hands something to the goroutine that writes and waits for it.
func (l *Ledger) put(w *waiting) {
	if l.enqueue(w) {
		l.wait(w)
	}
}

// wait returns when something is committed, or after Wait.
func (l *Ledger) wait(w *waiting) {
	patience := time.NewTimer(l.opt.Wait)
	defer patience.Stop()
	select {
	case <-w.done:
	case <-patience.C:
		l.fail(fmt.Errorf("it did not reply within %v", l.opt.Wait))
	case <-l.done:
	}
}

// enqueue hands something to the goroutine that writes; false when it is not worth to
// wait for it.
func (l *Ledger) enqueue(w *waiting) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.queue) >= l.opt.Waiting {
		l.lost++
		l.counts.Lost++
		return false
	}
	l.queue = append(l.queue, w)
	select {
	case l.wake <- struct{}{}:
	default:
	}
	return l.trouble == nil
}

// run is the goroutine that writes.
func (l *Ledger) run(ctx context.Context) {
	defer close(l.done)
	var db *sql.DB
	var stmts *statements
	shut := func() {
		if stmts != nil {
			stmts.close()
		}
		if db != nil {
			db.Close()
			db, stmts = nil, nil
		}
	}
	defer shut()
	var file fs.FileInfo // that db has
	tick := time.NewTimer(l.opt.pruneEvery)
	defer tick.Stop()
	var first sync.Once
	for {
		pause(ctx, spacing-time.Since(l.committed))
		more, err := func() (more bool, err error) {
			defer func() { first.Do(func() { close(l.opened) }) }()
			if db != nil && !sameFile(l.path, file) {
				l.fail(fmt.Errorf("%s was deleted or replaced while the server ran; the ledger begins anew", l.path))
				shut() // the engine would write on into a file that has no name any more
			}
			if db == nil {
				if db, err = openWriter(ctx, l.path); err == nil {
					file, err = os.Stat(l.path)
				}
				if err == nil {
					err = l.keepKey()
				}
				if err == nil {
					err = l.leaveCluster(ctx, db)
				}
				if err == nil {
					l.joined = false
					stmts, err = prepare(ctx, db)
				}
				if err == nil {
					err = errors.Join(l.memory.loadRaised(ctx, db), l.memory.loadReceivers(ctx, db, l.opt.Now()), l.memory.loadForms(ctx, db, l.opt.Now()))
					l.warmRecall(ctx)
				}
			}
			if err == nil {
				more, err = l.drain(ctx, db, stmts)
			}
			return more, err
		}()
		l.mu.Lock()
		ended := l.closed && (len(l.queue) == 0 || err != nil)
		l.mu.Unlock()
		if err != nil {
			l.fail(err)
			shut()
		}
		if ended || ctx.Err() != nil {
			return
		}
		if err != nil {
			pause(ctx, retryAfter)
			continue
		}
		if more {
			continue
		}
		select {
		case <-l.wake:
		case j := <-l.jobs:
			err := j.do(ctx, db)
			if l.joined && stmts != nil {
				stmts.share = true
			}
			j.done <- err
		case <-tick.C:
			next := l.opt.pruneEvery
			if more, err := l.prune(ctx, db); err != nil {
				l.fail(err)
				shut()
			} else if more {
				next = pruneAgain
			}
			tick.Reset(next)
		case <-ctx.Done():
		}
	}
}

func (l *Ledger) prune(ctx context.Context, db *sql.DB) (more bool, err error) {
	l.mu.Lock()
	c := l.opt.Config
	l.mu.Unlock()
	if c.Keep == 0 || c.MaxSize == 0 {
		return false, nil
	}
	return prune(ctx, db, l.opt.Now().Add(-c.Keep), int64(c.MaxSize))
}

// sameFile reports whether a path still names a file.
func sameFile(path string, file fs.FileInfo) bool {
	now, err := os.Stat(path)
	return err == nil && os.SameFile(now, file)
}

// keepKey writes the key again when somebody has emptied the folder: addresses are
// hashed with it as long as we run.
func (l *Ledger) keepKey() error {
	l.mu.Lock()
	key := l.addresses.key
	l.mu.Unlock()
	if err := writeKey(l.opt.Directory, key); err != nil && !errors.Is(err, fs.ErrExist) {
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

// reader opens the file for reading beside the writer.
func (l *Ledger) reader(ctx context.Context) (*Reader, error) {
	l.mu.Lock()
	c := l.opt.Config
	l.mu.Unlock()
	return OpenReader(ctx, l.opt.Directory, c)
}

// drain writes what waits, in one transaction. more says that there is something left.
func (l *Ledger) drain(ctx context.Context, db *sql.DB, stmts *statements) (more bool, err error) {
	l.mu.Lock()
	batch := l.queue[:min(len(l.queue), gather)]
	l.mu.Unlock()
	if len(batch) == 0 {
		l.recovered()
		return false, nil
	}
	var records []*Record
	for _, w := range batch {
		if w.record != nil {
			records = append(records, w.record)
		}
	}
	// A transaction is short and is not given up in the middle. For a context that can end
	// the engine starts a goroutine for each statement.
	ctx = context.WithoutCancel(ctx)
	if err := l.write(ctx, db, stmts, records); err != nil {
		return false, err
	}
	bounced, err := l.drainBounces(ctx, db, stmts, batch)
	if err != nil {
		return false, err
	}
	if stmts.share {
		early, err := applyEarly(ctx, db, records)
		if err == nil {
			err = storeProgress(ctx, db, batch)
		}
		if err != nil {
			return false, err
		}
		bounced = bounced || early
		select {
		case l.outgoing <- struct{}{}:
		default:
		}
	}
	l.committed = time.Now()
	l.memory.noteRaised(records)
	l.memory.noteReceivers(records)
	l.memory.noteForms(records)
	if bounced {
		if err := errors.Join(l.memory.loadReceivers(ctx, db, l.opt.Now()), l.memory.loadForms(ctx, db, l.opt.Now())); err != nil {
			return false, err
		}
	}
	l.mu.Lock()
	l.queue = append([]*waiting(nil), l.queue[len(batch):]...)
	for _, r := range records {
		if len(r.Components) > 0 {
			l.counts.Written++
		}
	}
	l.mu.Unlock()
	for _, w := range batch {
		close(w.done)
	}
	return true, nil
}

// drainBounces notes what notifications say, after the messages that they may be about.
func (l *Ledger) drainBounces(ctx context.Context, db *sql.DB, stmts *statements, batch []*waiting) (any bool, err error) {
	for _, w := range batch {
		if w.bounce == nil {
			continue
		}
		if stmts.share && !w.remote {
			if err := stmts.tellBounce(ctx, db, w.bounce); err != nil {
				return any, err
			}
		}
		missed, err := w.bounce.write(ctx, db)
		if err == nil && missed && stmts.share {
			err = w.bounce.keepEarly(ctx, db, l.opt.Now())
		}
		if err != nil {
			return any, err
		}
		any = true
	}
	return any, nil
}

// storeProgress stores how far this ledger has read the stream and published its
// outbox.
func storeProgress(ctx context.Context, db *sql.DB, batch []*waiting) error {
	var position uint64
	var told int64
	for _, w := range batch {
		position, told = max(position, w.position), max(told, w.acknowledged)
	}
	if position > 0 {
		if _, err := db.ExecContext(ctx, "UPDATE cluster SET position = max(position, ?)", int64(position)); err != nil {
			return err
		}
	}
	if told > 0 {
		if _, err := db.ExecContext(ctx, "DELETE FROM outbox WHERE id <= ?", told); err != nil {
			return err
		}
	}
	return nil
}

// write writes a batch. A record that no try would get in is left out, so that
// the others do not wait for it for ever.
func (l *Ledger) write(ctx context.Context, db *sql.DB, stmts *statements, records []*Record) error {
	if len(records) == 0 {
		return nil
	}
	err := stmts.write(ctx, db, records)
	if err == nil || !unfit(err) {
		return err
	}
	for _, r := range records {
		if err := stmts.write(ctx, db, []*Record{r}); unfit(err) {
			l.mu.Lock()
			l.counts.Lost++
			l.mu.Unlock()
			l.log(slog.LevelError, "ledger-failed", slog.String("id", r.ID), slog.String("error", err.Error()), slog.String("why", "this message is not in the ledger"))
		} else if err != nil {
			return err
		}
	}
	return nil
}

// unfit reports whether an error is about the record and not about the file.
func unfit(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return false
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_RANGE:
		return true
	}
	return false
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
func (l *Ledger) recovered() {
	l.mu.Lock()
	was, lost := l.trouble, l.lost
	l.trouble, l.lost = nil, 0
	l.mu.Unlock()
	if was != nil {
		l.log(slog.LevelWarn, "ledger-recovered", slog.Int("lost", lost), slog.String("error", was.Error()))
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
