package queue

import (
	"errors"
	"io"
)

// Store keeps messages durably. Its methods may be called from many goroutines, and
// those that change one message are called one at a time for that message.
//
// A store never loses a message whose Commit has returned nil, whatever ends the
// process or the machine; and never returns one that was not committed.
type Store interface {
	// Create begins to store a message. Commit or Discard must be called.
	Create(id string) (Writer, error)
	// Load calls f for each message, in the order of their IDs, and sets damaged ones
	// aside. It is called once, before any other method.
	Load(f func(*Message)) ([]Damage, error)
	// Get returns a message. ErrNotFound reports that there is none, ErrDamaged that
	// it cannot be read; it was set aside then.
	Get(id string) (*Message, error)
	// Body opens the body of a message, as Get does.
	Body(id string) (Body, error)
	// Update replaces what is stored of a message besides its body: afterwards the
	// old or the new form is there, never a mixture.
	Update(m *Message) error
	// Remove deletes a message. It need not be durable when it returns: a message
	// that comes back is sent twice, and never lost.
	Remove(id string) error
	// SetAside moves a message that cannot be sent out of the way, for a person to
	// look at.
	SetAside(id, why string) error
	// Close ends the use of the store.
	Close() error
}

// Writer receives the body of a message that is to be stored.
type Writer interface {
	io.Writer
	io.ReaderAt // of what was written, before Commit
	// Commit stores the message. When it returns nil, the message is durable, and
	// its body is complete and unaltered. On an error nothing is stored.
	Commit(m *Message) error
	// Discard drops what was written. It does nothing after Commit.
	Discard()
}

// Body is a stored body. Close must be called.
type Body interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// Damage is a message that was set aside because it cannot be read.
type Damage struct {
	ID      string
	Why     string
	Missing bool // there was nothing to set aside
}

// Errors of a Store.
var (
	ErrNotFound = errors.New("there is no such message in the queue")
	ErrDamaged  = errors.New("the message in the queue is damaged and was set aside")
	ErrFull     = errors.New("no space is left for the queue")
)
