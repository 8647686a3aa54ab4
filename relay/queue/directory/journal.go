package directory

import (
	"errors"
	"sync"
	"time"
)

// journal makes small messages durable with one write and one sync for all that come
// together, instead of three syncs for each. It has two files of a fixed size, which
// are used in turn. A record holds the whole message.
//
// When a file is full, the other one is used. The messages of the full one that are
// still in the queue are then made durable by their own files (settle), before it is
// used again. So the journal is read only after a crash, to write files anew that the
// disk did not get.
type journal struct {
	files  [2]JournalFile
	size   int64                    // of each file
	settle func(ids []string) error // makes the files of messages durable

	closing chan struct{} // closed by close

	mu       sync.Mutex // guards what follows
	active   int
	serial   uint64 // the last one: each use of a file has a higher one than those before
	current  uint64 // that of the active file
	at       int64  // end of the records of the active file
	live     [2]map[string]bool
	settling bool
	settled  *sync.Cond // when settling became false, or unsaved changed
	running  bool
	took     time.Duration // the last sync
	waiting  []*journalRecord
	failed   error // the journal cannot be used any more
	unsaved  error // why the messages of the full file are not durable by their own files yet
}

// journalRecord is a record that is to be written.
type journalRecord struct {
	id   string
	b    []byte
	keep func() // is called when it is durable, before its file can be used again
	done chan error
}

// Names and sizes of the journal.
const (
	journalSize = 16 << 20
	journalMost = blockSize // octets of a message; a larger one is synced itself
)

var journalNames = [2]string{"journal-a", "journal-b"}

// removalShare is the share of a file that is kept free for records of removed
// messages.
const removalShare = 16

// newJournal begins to use the files, which have no record that is needed. serial is
// the highest one in them.
func newJournal(files [2]JournalFile, size int64, serial uint64, settle func(ids []string) error) (*journal, error) {
	j := &journal{files: files, size: size, serial: serial, settle: settle, closing: make(chan struct{}), live: [2]map[string]bool{{}, {}}}
	j.settled = sync.NewCond(&j.mu)
	for i := range files { // before there is an error for want of space: none of the old records counts
		if err := errors.Join(j.begin(1-i), files[1-i].Sync()); err != nil {
			return nil, err
		}
	}
	for i := range files {
		if err := fill(files[i], size); err != nil {
			// The space is left to the messages.
			return nil, errors.Join(full(err), files[0].Truncate(recordHeader), files[1].Truncate(recordHeader))
		}
	}
	j.active, j.current, j.at = 0, j.serial, recordHeader
	return j, nil
}

// begin begins a new use of a file: what is in it is no longer valid. j.mu is held.
func (j *journal) begin(i int) error {
	j.serial++
	b := encodeRecord(kindStart, "", nil, nil)
	sealRecord(b, j.serial)
	_, err := j.files[i].WriteAt(b, 0)
	return err
}

// fill gives a file its size, so that a sync later has to write no metadata.
func fill(f JournalFile, whole int64) error {
	size, err := f.Size()
	if err != nil {
		return err
	}
	return writeZeros(f, size, whole)
}

// writeZeros writes zeros from one place to another.
func writeZeros(f JournalFile, from, to int64) error {
	zeros := make([]byte, 1<<20)
	for at := from; at < to; at += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros[:min(to-at, int64(len(zeros)))], at); err != nil {
			return err
		}
	}
	return nil
}

// add makes a message durable. From the call of keep on, settle must find it.
func (j *journal) add(id string, envelope, body []byte, keep func()) error {
	r := &journalRecord{id: id, b: encodeRecord(kindMessage, id, envelope, body), keep: keep, done: make(chan error, 1)}
	j.mu.Lock()
	j.enqueue(r)
	j.mu.Unlock()
	return <-r.done
}

// remove records that a message was removed. That is not durable when it returns, but
// not lost with the process. Without a record, because the journal has failed or is
// full, a removed message may come back after a crash: it is sent twice, and not lost.
func (j *journal) remove(id string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.live[0][id] && !j.live[1][id] {
		return nil
	}
	delete(j.live[0], id)
	delete(j.live[1], id)
	b := encodeRecord(kindRemoved, id, nil, nil)
	if j.failed != nil || j.at+int64(len(b)) > j.size {
		return nil
	}
	return j.write(b)
}

// write writes records behind the others. j.mu is held.
func (j *journal) write(b []byte) error {
	sealRecord(b, j.current)
	if _, err := j.files[j.active].WriteAt(b, j.at); err != nil {
		j.failed = err
		return err
	}
	j.at += int64(len(b))
	return nil
}

// enqueue adds a record, and begins to write if nobody does. j.mu is held.
func (j *journal) enqueue(r *journalRecord) {
	j.waiting = append(j.waiting, r)
	if !j.running {
		j.running = true
		go j.run()
	}
}

// run writes and syncs the records of all who wait, until nobody does.
func (j *journal) run() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for len(j.waiting) > 0 {
		j.gather()
		batch, err := j.next()
		if err == nil {
			err = j.sync(j.files[j.active])
		}
		for _, r := range batch {
			if err == nil {
				r.keep()
			} // else it may have been written, and has to be removed when it is sent
			r.done <- err
		}
	}
	j.running = false
	j.settled.Broadcast()
}

// mostGather bounds how long a sync waits for more messages.
const mostGather = time.Millisecond

// gather waits for more messages, for half of the time that a sync takes: fewer of them then
// have to wait for a sync of their own. j.mu is held.
func (j *journal) gather() {
	wait := min(j.took/2, mostGather)
	j.mu.Unlock()
	time.Sleep(wait)
	j.mu.Lock()
}

// sync syncs a file. j.mu is held.
func (j *journal) sync(file JournalFile) error {
	j.mu.Unlock()
	began := time.Now()
	err := file.Sync()
	took := time.Since(began)
	named := j.files[0].Named() && j.files[1].Named()
	j.mu.Lock()
	j.took = took
	switch {
	case err != nil:
		j.failed = err // what is on the disk is not known any more
	case !named:
		return errNoName
	}
	return err
}

// errNoName reports that somebody has removed or replaced the folder or a file: they can
// still be written, and are lost with this process.
var errNoName = errors.New("the files of the journal were removed or replaced")

// next writes the records that fit into the active file and returns them. j.mu is
// held.
func (j *journal) next() (batch []*journalRecord, err error) {
	if j.failed != nil {
		batch, j.waiting = j.waiting, nil
		return batch, j.failed
	}
	if !j.fits(j.waiting[0]) {
		if err := j.turn(); err != nil {
			batch, j.waiting = j.waiting, nil
			return batch, err
		}
	}
	for len(j.waiting) > 0 && j.fits(j.waiting[0]) && err == nil {
		r := j.waiting[0]
		j.waiting = j.waiting[1:]
		batch = append(batch, r)
		if err = j.write(r.b); err == nil {
			j.live[j.active][r.id] = true
		}
	}
	return batch, err
}

// fits reports whether the active file has space for a message. j.mu is held.
func (j *journal) fits(r *journalRecord) bool {
	return j.at+int64(len(r.b)) <= j.size-j.size/removalShare
}

// turn uses the other file from its beginning on, and makes the messages of the full
// one durable meanwhile. It waits until that was done for those of the other file; an
// error of that is not one of the journal, which is used again afterwards. j.mu is held.
func (j *journal) turn() error {
	for j.settling && j.unsaved == nil {
		j.settled.Wait()
	}
	if j.unsaved != nil { // the disk is full, for example: this message may not fit, either
		return j.unsaved
	}
	full := j.active
	if j.failed == nil {
		j.failed = j.begin(1 - full)
	}
	if j.failed != nil {
		return j.failed
	}
	j.active, j.current, j.at = 1-full, j.serial, recordHeader
	j.retire(full)
	return nil
}

// retire makes the messages of a file durable by their own files, and begins a new use of
// it then. j.mu is held.
func (j *journal) retire(full int) {
	j.settling = true
	ids := make([]string, 0, len(j.live[full]))
	for id := range j.live[full] {
		ids = append(ids, id)
	}
	go func() {
		err := j.settleAll(ids)
		j.mu.Lock()
		if err == nil { // a message that is removed from now on has no record there
			err = j.begin(full)
			j.live[full] = map[string]bool{}
		}
		j.mu.Unlock()
		if err == nil {
			err = j.files[full].Sync()
		}
		j.mu.Lock()
		defer j.mu.Unlock()
		if err != nil {
			j.failed = err
		}
		j.settling = false
		j.settled.Broadcast()
	}()
}

// settleAll makes messages durable by their own files. It tries again until that is
// possible, or the journal is closed.
func (j *journal) settleAll(ids []string) error {
	for {
		err := j.settle(ids)
		j.mu.Lock()
		j.unsaved = err
		j.settled.Broadcast()
		j.mu.Unlock()
		if err == nil {
			return nil
		}
		select {
		case <-time.After(settlePause):
		case <-j.closing:
			return err
		}
	}
}

// settlePause is how long after an error messages are tried to be made durable again.
const settlePause = time.Second

// close waits for what is running, makes all messages durable by their own files, and
// closes the files.
func (j *journal) close() error {
	close(j.closing)
	j.mu.Lock()
	for j.settling || j.running {
		j.settled.Wait()
	}
	var ids []string
	for _, live := range j.live {
		for id := range live {
			ids = append(ids, id)
		}
	}
	j.mu.Unlock()
	err := j.settle(ids)
	for i, f := range j.files {
		if err == nil {
			err = errors.Join(j.begin(i), f.Sync())
		}
		err = errors.Join(err, f.Close())
	}
	return err
}
