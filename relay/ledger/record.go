package ledger

import (
	"strings"
	"time"
)

// Record is one message with a meeting, and its result for each recipient. Its JSON
// form has the keys of the log.
type Record struct {
	ID         string    `json:"id"`
	Time       time.Time `json:"time"`
	Inbound    bool      `json:"-"`
	Direction  string    `json:"direction,omitempty"` // "inbound", as in the log
	MessageID  string    `json:"msgid,omitempty"`
	EnvelopeID string    `json:"envid,omitempty"`
	Listener   string    `json:"listener,omitempty"`
	Route      string    `json:"route,omitempty"`
	Client     string    `json:"client,omitempty"`
	User       string    `json:"user,omitempty"`
	Sender     string    `json:"from,omitempty"`
	Program    string    `json:"program,omitempty"` // PRODID
	Size       int64     `json:"size_bytes,omitempty"`
	Profile    string    `json:"profile,omitempty"`
	Form       string    `json:"form,omitempty"`
	Outcome    string    `json:"outcome,omitempty"`
	Findings   []string  `json:"findings,omitempty"`
	Applied    []string  `json:"applied,omitempty"`
	Refused    []string  `json:"refused_forms,omitempty"` // forms whose content the next hop refused
	Refusal    string    `json:"refusal,omitempty"`       // its reply to the first of them
	Vetoed     []string  `json:"vetoed,omitempty"`
	Skipped    string    `json:"left_alone,omitempty"` // why something was left alone
	Why        string    `json:"why,omitempty"`
	Took       float64   `json:"took_ms,omitempty"`

	Evidence   []Evidence  `json:"-"` // of the system behind the domain, beside Program
	Components []Component `json:"components"`
	Deliveries []Delivery  `json:"recipients"`

	remote bool // it was read from the stream of the cluster
}

// Component is one component of the meeting.
type Component struct {
	Name        string     `json:"component,omitempty"`
	UID         string     `json:"uid"` // as sent
	UIDReceived string     `json:"uid_received,omitempty"`
	Occurrence  string     `json:"occurrence,omitempty"` // an instant or a date; "": the whole series
	Method      string     `json:"method,omitempty"`
	MethodSent  string     `json:"method_sent,omitempty"`
	Seq         int        `json:"seq"`
	SeqSent     int        `json:"seq_sent"`
	Stamp       string     `json:"dtstamp,omitempty"`
	StampSent   string     `json:"dtstamp_sent,omitempty"`
	Start       time.Time  `json:"start,omitzero"`
	End         time.Time  `json:"end,omitzero"`
	AllDay      bool       `json:"all_day,omitempty"`
	Zone        string     `json:"zone,omitempty"`
	Rule        string     `json:"rule,omitempty"`
	Summary     string     `json:"summary,omitempty"`
	Location    string     `json:"location,omitempty"`
	Organizer   string     `json:"organizer,omitempty"`
	Attendees   []Attendee `json:"attendees,omitempty"`
	Digest      string     `json:"digest,omitempty"`
	Number      *int       `json:"revision,omitempty"` // the number by which the organizer counts; nil if it is not known
	Kept        string     `json:"kept,omitempty"`     // of an invitation: the calendar, as far as it is kept
	Language    string     `json:"language,omitempty"` // of what is kept
}

// number is what the organizer counts. A record that does not say so has the
// higher of what came and what went.
func (c *Component) number() int {
	if c.Number != nil {
		return *c.Number
	}
	return max(c.Seq, c.SeqSent)
}

// stamp is DTSTAMP as the organizer wrote it; as it was sent where that was none.
func (c *Component) stamp() string {
	if len(c.Stamp) == len("20060102T150405Z") {
		return c.Stamp
	}
	return c.StampSent
}

// Attendee is an attendee of a calendar.
type Attendee struct {
	Address  string `json:"attendee"`
	PartStat string `json:"partstat,omitempty"`
	Untimed  bool   `json:"untimed,omitempty"` // Exchange 2003 has, or gets, no time of the response (KB 938650)
}

// Delivery is the result of a message for one recipient of the envelope.
type Delivery struct {
	Attendee string    `json:"attendee"`
	Verdict  string    `json:"verdict"` // delivered, deferred, refused, aborted
	Code     int       `json:"code,omitempty"`
	Enhanced string    `json:"enhanced,omitempty"`
	Reply    string    `json:"reply,omitempty"` // as the other server sent it
	NextHop  string    `json:"nexthop,omitempty"`
	Bounced  time.Time `json:"bounced,omitzero"` // when a delivery status notification came
	Bounce   string    `json:"bounce,omitempty"` // its text
}

// said is the reply as the log has it: the enhanced code in front.
func (d *Delivery) said() string { return strings.TrimSpace(d.Enhanced + " " + d.Reply) }
