package control

import (
	"errors"
	"fmt"

	"github.com/reconvene/reconvene/relay/queue"
)

// Version is that of the protocol. Client and server must have the same: they are the
// same program, unless the server runs an older one since an upgrade.
const Version = 1

// Limits of what is sent.
const (
	maxRequest = 256 << 10 // octets of a request
	maxReply   = 64 << 20  // octets of a reply line: a message with all its recipients and dialogues
	chunk      = 48 << 10  // octets of a message in a reply
	maxClients = 16        // connections at the same time; others are closed
)

// Do is what a request asks for.
type Do string

// The requests. All but List, Groups and Export change the messages that match.
const (
	List    Do = "list"    // one Item for each message and destination, oldest first
	Groups  Do = "groups"  // one Group for each destination
	Retry   Do = "retry"   // see queue.Queue for these
	Hold    Do = "hold"    //
	Release Do = "release" //
	Remove  Do = "remove"  //
	Bounce  Do = "bounce"  //
	Export  Do = "export"  // the message with the ID of the filter, in pieces
)

// Request is what a client asks for.
type Request struct {
	Version int          `json:"version"`
	Secret  string       `json:"secret,omitempty"` // where the connection itself does not show who asks
	Do      Do           `json:"do"`
	Filter  queue.Filter `json:"filter"`
	Most    int          `json:"most,omitempty"` // of Groups: items of each
	Why     string       `json:"why,omitempty"`  // of Hold, Remove and Bounce
}

// Whole is the queue of several relays, of which the one that is asked has a part.
type Whole struct {
	Partitions int    `json:"partitions"` // of the queue
	Held       int    `json:"held"`       // of these, those of the relay that is asked
	Known      bool   `json:"known"`      // whether Messages is known
	Messages   uint64 `json:"messages"`   // of all relays
}

// Reply is one line of the answer. Exactly one of the fields before Done is set, or
// none in the last one. Whole comes first, unless the filter names messages.
type Reply struct {
	Whole *Whole       `json:"whole,omitempty"` // of List and Groups, where relays share the queue
	Item  *queue.Item  `json:"item,omitempty"`
	Group *queue.Group `json:"group,omitempty"`
	Body  []byte       `json:"body,omitempty"`
	Done  bool         `json:"done,omitempty"`  // the last reply
	Count int          `json:"count,omitempty"` // of messages that were changed
	Error string       `json:"error,omitempty"` // in the last reply: why the request was not carried out, or not completely
}

// check returns why a request is not carried out.
func (r *Request) check(secret string) error {
	switch {
	case r.Version != Version:
		return fmt.Errorf("the running server has version %d of the control protocol, and this program %d: use the program that the server runs, or restart the server",
			Version, r.Version)
	case !same(r.Secret, secret):
		return errors.New("the secret is not the one of the running server")
	case r.Do == Export && len(r.Filter.IDs) != 1:
		return errors.New("one message is exported at a time")
	}
	switch r.Do {
	case List, Groups, Retry, Hold, Release, Remove, Bounce, Export:
		return nil
	}
	return fmt.Errorf("unknown request %q", r.Do)
}
