package queue

import (
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// Observer is told of what happens in the queue besides attempts. Its methods must
// not block.
type Observer interface {
	// Damaged reports a message that was set aside.
	Damaged(Damage)
	// Ended reports recipients that are given up without an attempt at that moment.
	Ended(m *Message, recipients []int, why string)
	// Pending reports recipients of a mail about a meeting that have waited for a
	// while without an attempt, once.
	Pending(m *Message, recipients []int)
	// Notified reports a notification that was stored with the ID id; id is "" when
	// none was, and why says the reason.
	Notified(m *Message, id string, list []Notice, why string)
	// Waiting reports that a destination failed, and when it is tried again.
	Waiting(destination string, failures int, again time.Time, last envelope.Verdict)
	// Back reports that a destination works again after failures.
	Back(destination string)
	// Trouble reports an error of the store; id may be "".
	Trouble(id, what string, err error)
}

// nobody observes nothing.
type nobody struct{}

func (nobody) Damaged(Damage)                                   {}
func (nobody) Ended(*Message, []int, string)                    {}
func (nobody) Pending(*Message, []int)                          {}
func (nobody) Notified(*Message, string, []Notice, string)      {}
func (nobody) Waiting(string, int, time.Time, envelope.Verdict) {}
func (nobody) Back(string)                                      {}
func (nobody) Trouble(string, string, error)                    {}
