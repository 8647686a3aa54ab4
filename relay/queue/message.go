package queue

import (
	"strings"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// Message is a message in the queue: its envelope, and one state for each recipient.
// The JSON form is what a store keeps beside the body; FormVersion numbers it.
type Message struct {
	Form       int         `json:"form"` // FormVersion
	ID         string      `json:"id"`
	Received   time.Time   `json:"received"` // when it was stored
	Sender     Sender      `json:"from"`
	Recipients []Recipient `json:"recipients"`
	Size       int64       `json:"size"`     // octets of the body
	Sum        uint32      `json:"sum"`      // CRC-32C of the body
	Trace      string      `json:"trace"`    // our Received field, with its CRLF
	Inbound    bool        `json:"inbound"`  // the mail goes to our own Exchange
	MaxSize    int64       `json:"max_size"` // of the listener
	Newlines   string      `json:"bare_newlines,omitempty"`
	Regular    bool        `json:"regular,omitempty"` // no line of the body needs a conversion; false: that is not known
	Conn       string      `json:"conn,omitempty"`
	Client     string      `json:"client,omitempty"`
	Listener   string      `json:"listener,omitempty"`
	User       string      `json:"user,omitempty"`
	MessageID  string      `json:"msgid,omitempty"`
	Subject    string      `json:"subject,omitempty"`
	Meetings   []Meeting   `json:"meetings,omitempty"`
	DeliverBy  *DeliverBy  `json:"deliver_by,omitempty"`
	Priority   int         `json:"priority,omitempty"` // MT-PRIORITY (RFC 6710), -9 to 9
	Held       string      `json:"held,omitempty"`     // why it is not sent; "" when it may be
}

// FormVersion is the version of the JSON form. A store refuses a newer one.
const FormVersion = 1

// Sender is the reverse-path with its parameters; see [envelope.ReversePath].
type Sender struct {
	Path  string `json:"path"`
	Size  int64  `json:"size,omitempty"`
	Body  string `json:"body,omitempty"`
	UTF8  bool   `json:"utf8,omitempty"`
	Ret   string `json:"ret,omitempty"`
	EnvID string `json:"envid,omitempty"`

	RequireTLS  bool `json:"require_tls,omitempty"`
	OptionalTLS bool `json:"optional_tls,omitempty"`
}

// Envelope returns the sender in the form of package envelope.
func (s Sender) Envelope() envelope.ReversePath {
	return envelope.ReversePath{Path: s.Path, Size: s.Size, Body: s.Body, UTF8: s.UTF8, Ret: s.Ret, EnvID: s.EnvID, RequireTLS: s.RequireTLS, OptionalTLS: s.OptionalTLS}
}

// SenderOf returns the stored form of a reverse-path.
func SenderOf(p envelope.ReversePath) Sender {
	return Sender{Path: p.Path, Size: p.Size, Body: p.Body, UTF8: p.UTF8, Ret: p.Ret, EnvID: p.EnvID, RequireTLS: p.RequireTLS, OptionalTLS: p.OptionalTLS}
}

// DeliverBy is the time limit that the client has set with BY (RFC 2852).
type DeliverBy struct {
	At     time.Time `json:"at"`
	Return bool      `json:"return"` // mode R: return the message when the time is over; else a delay notice
}

// Meeting is what identifies a meeting of the message and tells people which one it
// is.
type Meeting struct {
	UID       string    `json:"uid"`
	Method    string    `json:"method,omitempty"`
	Summary   string    `json:"summary,omitempty"`
	Start     time.Time `json:"start,omitzero"`
	Organizer string    `json:"organizer,omitempty"`
	Revision  string    `json:"revision,omitempty"` // differs between revisions, and between occurrences
}

// State is what became of a recipient.
type State string

// A recipient is queued until one of the other states ends its delivery. While
// [Recipient.Untold] is set, the sender was not told of that.
const (
	Queued    State = "queued"
	Delivered State = "delivered" // the next hop has accepted the message for it
	Bounced   State = "bounced"   // refused permanently; the sender was told if it wants to be
	Expired   State = "expired"   // not accepted in time; the sender was told if it wants to be
	Removed   State = "removed"   // by an administrator, without a notification
)

// Recipient is a recipient and its state.
type Recipient struct {
	Path     string    `json:"path"`
	Notify   string    `json:"notify,omitempty"`
	ORcpt    string    `json:"orcpt,omitempty"`
	State    State     `json:"state"`
	Attempts int       `json:"attempts,omitempty"` // that reached the next hop or its DNS
	Next     time.Time `json:"next,omitzero"`      // no attempt before; zero: at once
	Last     *Attempt  `json:"last,omitempty"`
	Delayed  bool      `json:"delayed,omitempty"` // the sender was told that it is late
	Untold   bool      `json:"untold,omitempty"`  // bounced or expired; the sender is to be told, not before Next
}

// Envelope returns the recipient in the form of package envelope.
func (r *Recipient) Envelope() envelope.Recipient {
	return envelope.Recipient{Path: r.Path, Notify: r.Notify, ORcpt: r.ORcpt}
}

// Domain returns the domain of the address as it is compared; "" without one.
func (r *Recipient) Domain() string {
	at := strings.LastIndexByte(r.Path, '@')
	if at < 0 {
		return ""
	}
	return envelope.ASCIIDomain(r.Path[at+1:])
}

// Attempt is the last attempt to deliver to a recipient.
type Attempt struct {
	At       time.Time `json:"at"`
	Code     int       `json:"code,omitempty"` // 0: there was no reply
	Enhanced [3]int    `json:"enhanced,omitzero"`
	Text     []string  `json:"text,omitempty"`
	Remote   string    `json:"nexthop,omitempty"` // who replied; "" when the verdict is ours
	Dialogue []string  `json:"dialogue,omitempty"`
}

// Verdict returns the verdict of the attempt.
func (a *Attempt) Verdict() envelope.Verdict {
	if a == nil {
		return envelope.Verdict{}
	}
	return envelope.Verdict{Code: a.Code, Enhanced: a.Enhanced, Text: a.Text, Remote: a.Remote}
}

// pending reports whether something is still to be done for a recipient.
func (r *Recipient) pending() bool { return r.State == Queued || r.Untold }

// Pending reports whether a recipient is still queued, or the sender is still to be told
// of one.
func (m *Message) Pending() bool {
	for i := range m.Recipients {
		if m.Recipients[i].pending() {
			return true
		}
	}
	return false
}
