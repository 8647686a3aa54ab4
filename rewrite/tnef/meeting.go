package tnef

import (
	"errors"
	"net/mail"
	"time"
)

// ErrNoMeeting says that a message is of no class that stands for a meeting.
var ErrNoMeeting = errors.New("no meeting")

// Outer is what the mail around a stream says. A stream of Outlook has no
// subject, no organizer and no addresses of its own, so a meeting is built
// from both. The zero value of each field means that the mail does not say.
type Outer struct {
	From, Sender *mail.Address
	To, Cc       []*mail.Address
	Date         time.Time
	Subject      string
	Text         string // the mail's own text/plain; it is preferred to the stream's
}

// Meeting is a meeting that was rebuilt from a stream.
type Meeting struct {
	Method   string // REQUEST, CANCEL, REPLY, COUNTER or PUBLISH
	Calendar []byte // the iCalendar text: UTF-8, CRLF, folded

	UID      string
	Sequence int64
	Start    time.Time // an instant; with AllDay midnight of the day in time.UTC
	End      time.Time // as Start; zero when the stream has none
	AllDay   bool
	Series   bool      // Calendar has a recurrence rule
	Replaces time.Time // the start that RECURRENCE-ID names, as Start; zero for the whole meeting

	Warnings []string // what the stream says in vain
}

// Meeting builds the iCalendar text of a meeting. The error wraps
// ErrNoMeeting for other messages; any other error says why this meeting
// cannot be told truly in iCalendar.
func (m *Message) Meeting(o Outer) (*Meeting, error) { return nil, ErrNoMeeting }
