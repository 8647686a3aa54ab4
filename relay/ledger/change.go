package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Change is what a relay publishes for the others: a record, or a delivery status
// notification about earlier ones. It is published as JSON.
type Change struct {
	ID       string     `json:"id"` // unique: the same change has the same
	Record   *Record    `json:"record,omitempty"`
	Evidence []Evidence `json:"evidence,omitempty"` // of the record; see Record.Evidence
	Returned *returned  `json:"returned,omitempty"`
}

// returned is a bounce as it is published.
type returned struct {
	At         time.Time     `json:"at"`
	MessageID  string        `json:"msgid,omitempty"`
	EnvelopeID string        `json:"envid,omitempty"`
	UIDs       []string      `json:"uids,omitempty"`
	Failed     []returnedFor `json:"failed"`
}

type returnedFor struct {
	Spellings []string   `json:"spellings"`
	Words     string     `json:"words,omitempty"`
	Evidence  []Evidence `json:"evidence,omitempty"`
}

// maxChange bounds a change, in octets of JSON; NATS takes 1 MB by default.
const maxChange = 900 << 10

// ErrTooLarge is the error for a change that is too large to be published: the other
// relays lack that record.
var ErrTooLarge = errors.New("the record is too large for the cluster")

// Encode returns the JSON form. If a record is too large, its kept calendars are
// omitted, without which other relays cannot cancel the meeting; if it is still too
// large, the error is ErrTooLarge.
func (c *Change) Encode() ([]byte, error) {
	text, err := json.Marshal(c)
	if err != nil || len(text) <= maxChange || c.Record == nil {
		return text, err
	}
	for i := range c.Record.Components {
		c.Record.Components[i].Kept = ""
	}
	if text, err = json.Marshal(c); err == nil && len(text) > maxChange {
		err = fmt.Errorf("%w: %d octets", ErrTooLarge, len(text))
	}
	return text, err
}

// Limits of a change of another relay.
const (
	maxChangeRecipients = 100_000
	maxChangeFailures   = 10_000
)

// DecodeChange decodes a published change and checks its limits.
func DecodeChange(text []byte) (*Change, error) {
	if len(text) > maxChange+1024 {
		return nil, ErrTooLarge
	}
	var c Change
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, err
	}
	switch r := c.Record; {
	case r != nil && (r.ID == "" || len(r.Components) == 0 || len(r.Components) > maxComponents || len(r.Deliveries) > maxChangeRecipients || r.Time.IsZero()):
		return nil, errors.New("a record without an id, a time or a meeting, or with too many")
	case r != nil:
		r.Inbound, r.Evidence = r.Direction == "inbound", c.Evidence
	case c.Returned == nil || len(c.Returned.Failed) == 0 || len(c.Returned.Failed) > maxChangeFailures:
		return nil, errors.New("neither a record nor a notification")
	}
	return &c, nil
}

// change returns a bounce as it is published.
func (b *bounce) change() *Change {
	r := &returned{At: b.at.UTC(), MessageID: b.msgid, EnvelopeID: b.envid, UIDs: b.uids}
	for _, f := range b.failed {
		r.Failed = append(r.Failed, returnedFor{f.spellings, f.words, f.evidence})
	}
	return &Change{ID: b.id + "-returned", Returned: r}
}

// bounce returns the notification that was published.
func (c *Change) bounce() *bounce {
	r := c.Returned
	b := &bounce{at: r.At, msgid: r.MessageID, envid: r.EnvelopeID, uids: r.UIDs}
	for _, f := range r.Failed {
		b.failed = append(b.failed, failure{f.Spellings, f.Words, f.Evidence})
	}
	return b
}
