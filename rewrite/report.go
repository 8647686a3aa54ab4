package rewrite

import (
	"slices"

	"github.com/reconvene/reconvene/rewrite/remedy"
)

// Report lists what was found, what was changed and what was left alone. Log,
// metrics, diff and the commands use it. Its JSON form is stable.
type Report struct {
	Changed  bool      `json:"changed"`
	Meetings []Meeting `json:"meetings,omitempty"`
	Skipped  []Skip    `json:"skipped,omitempty"`
	Vetoed   []string  `json:"vetoed,omitempty"` // remedies that the guard reverted
	Enclosed []Meeting `json:"-"`                // in messages that the message encloses: read, never repaired
}

// Meeting is one calendar that was found.
type Meeting struct {
	Part         string           `json:"part,omitempty"` // "1.2"; "" for a bare calendar
	Method       string           `json:"method,omitempty"`
	UID          string           `json:"uid,omitempty"`
	Sequence     int              `json:"sequence"`
	RecurrenceID string           `json:"recurrence_id,omitempty"` // of the first component
	Organizer    string           `json:"organizer,omitempty"`     // calendar user address as written
	Summary      string           `json:"summary,omitempty"`
	Profile      remedy.Profile   `json:"profile"`
	Findings     []remedy.Finding `json:"findings,omitempty"`
	Applied      []string         `json:"applied,omitempty"`     // IDs, each once, in the order of work
	Components   []Component      `json:"-"`                     // all of them
	Enclosed     bool             `json:"-"`                     // it is in a message that the message encloses
	Update       bool             `json:"-"`                     // a REQUEST of which attendees may have an earlier revision, as far as can be seen
	Conformance  *Conformance     `json:"conformance,omitempty"` // nil unless asked for, or without a violation
	text         []byte           // as it is sent, see Sent
	early        *early           // what Options.Keep asks for; nil: it is read when it is asked for
}

// Skip is something that was left alone although it is, or may be, a meeting.
type Skip struct {
	What string `json:"what"` // "message" or "part 1.2"
	Why  string `json:"why"`  // "signed: multipart/signed", …
}

// Findings returns the findings of all meetings.
func (r Report) Findings() []remedy.Finding {
	var out []remedy.Finding
	for _, m := range r.Meetings {
		out = append(out, m.Findings...)
	}
	return out
}

// Applied returns the IDs of the remedies that changed something, each once.
func (r Report) Applied() []string {
	var out []string
	seen := map[string]bool{}
	for _, m := range r.Meetings {
		for _, id := range m.Applied {
			if !seen[id] {
				seen[id] = true
				out = append(out, id)
			}
		}
	}
	return out
}

// failed returns the report of a message that is sent unchanged because of an error:
// the findings stay, none of them applied.
func (r Report) failed(err error) Report {
	r.Changed = false
	withdraw(r.Meetings)
	r.Skipped = append([]Skip{{What: "message", Why: err.Error()}}, r.Skipped...)
	return r
}

// withdraw marks meetings as not changed.
func withdraw(meetings []Meeting) {
	for i := range meetings {
		m := &meetings[i]
		m.Applied, m.Findings, m.Components = nil, slices.Clone(m.Findings), received(m.Components)
		for k := range m.Findings {
			m.Findings[k].Applied = false
		}
		if m.Conformance != nil {
			m.Conformance = &Conformance{Before: m.Conformance.Before, After: m.Conformance.Before}
		}
	}
}

// received is a list of components that go out as they came.
func received(list []Component) []Component {
	var out []Component
	for _, c := range list {
		if c.Received != (Revision{}) {
			c.Sent = c.Received
			out = append(out, c)
		}
	}
	return out
}

// AsReceived returns the meeting as it is when the message is sent unchanged.
func (m Meeting) AsReceived() Meeting {
	list := []Meeting{m}
	withdraw(list)
	return list[0]
}
