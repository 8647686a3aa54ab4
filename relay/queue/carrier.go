package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// Carrier delivers messages to their destinations. Its methods may be called from
// many goroutines.
type Carrier interface {
	// Destination returns where a recipient's mail goes.
	Destination(m *Message, r *Recipient) Destination
	// Carry tries to deliver a message to the given recipients (their indexes in
	// m.Recipients), which share a destination, and returns one result for each, in
	// the same order. It does not change m. attempt is 1 for the first one.
	Carry(ctx context.Context, m *Message, body Body, recipients []int, attempt int) []Result
	// Compose writes the notification id for the sender of a message, and returns
	// those of list that it is about. It returns nil without an error when the sender
	// does not want any, and a *LimitError when it has got too many.
	Compose(id string, m *Message, body Body, list []Notice) (*Notification, error)
}

// Destination is where mail for some recipients goes.
type Destination struct {
	Key         string        // recipients with the same key share a schedule; "" when there is none
	Concurrency int           // messages at the same time; 0: no limit
	Interval    time.Duration // between the starts of two messages; 0: none
}

// Result is what became of one recipient in an attempt.
type Result struct {
	Verdict  envelope.Verdict
	Relayed  bool     // delivered, and the next hop does not send the notification that was asked for (RFC 3461 §5.2.2)
	Failed   bool     // the destination could not be reached, or accepted no mail at all
	Dialogue []string // commands and replies
}

// Notice is a recipient of whom the sender is to be told, and what.
type Notice struct {
	Recipient *Recipient
	Action    Action
	RetryTill time.Time // for Delay: when the message is given up
}

// Notification is a mail to the sender of a message.
type Notification struct {
	Mail     []byte
	UTF8     bool // it must be sent with SMTPUTF8
	EightBit bool // it must be sent with BODY=8BITMIME
	About    []Notice
}

// LimitError reports that a sender has got as many notifications as it may get for now.
type LimitError struct {
	Most  int       // notifications in an hour
	Again time.Time // when the next one may be sent
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("the sender has got %d notifications within an hour, and no more before %s", e.Most, e.Again.UTC().Format("2006-01-02 15:04:05 UTC"))
}

// Action is what a notification says of a recipient (RFC 3464 §2.3.3).
type Action string

// What is reported.
const (
	Failure Action = "failed"
	Delay   Action = "delayed"
	Success Action = "relayed" // delivered to a next hop that does not report the delivery itself
)
