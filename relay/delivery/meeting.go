package delivery

import (
	"slices"

	"github.com/reconvene/reconvene/rewrite"
)

// Meeting is what was found in a message with a calendar, and what was sent.
type Meeting struct {
	Calendars []rewrite.Meeting // all of them, those of enclosed messages last
	Profile   string
	Findings  []string       // IDs
	Applied   []string       // IDs of those that were repaired
	Vetoed    []string       // IDs of those that the guard reverted
	Skipped   []rewrite.Skip // what was left alone, and why
	Form      string         // see fallback.go; "" when nothing was sent
	DKIM      []string       // the result of each signature, if they were verified
	Refused   []string       // forms whose content the next hop refused, before Form or all of them
	Refusal   string         // its reply to the first of them
	Outcome   Outcome        // the outcome if the message is delivered
	Fault     error          // why the original was sent

	raised bool // the first form was higher than that of the profile
}

// Components returns those of all calendars.
func (m *Meeting) Components() []rewrite.Component {
	if m == nil {
		return nil
	}
	if len(m.Calendars) == 1 {
		return m.Calendars[0].Components
	}
	var all []rewrite.Component
	for _, c := range m.Calendars {
		all = append(all, c.Components...)
	}
	return all
}

// OnlyEnclosed reports whether all calendars are in messages that this message
// encloses (message/rfc822). They are not addressed to its recipients (RFC 6047 §2):
// the recipients get no revision by it, and no profile is chosen for it.
func (m *Meeting) OnlyEnclosed() bool {
	return m != nil && len(m.Calendars) > 0 && m.Calendars[0].Enclosed
}

// Answers reports whether there is a response (REPLY) or a proposal (COUNTER) of an
// attendee.
func (m *Meeting) Answers() bool {
	for _, c := range m.Components() {
		if c.Sent.Method == "REPLY" || c.Sent.Method == "COUNTER" {
			return true
		}
	}
	return false
}

// asReceived returns the meeting of a message that is sent unchanged.
func (m *Meeting) asReceived() *Meeting {
	plain := *m
	plain.Applied, plain.Vetoed, plain.Form, plain.Outcome = nil, nil, formReceived, LeftAlone
	plain.Calendars = slices.Clone(m.Calendars)
	for i := range plain.Calendars {
		plain.Calendars[i] = plain.Calendars[i].AsReceived()
	}
	return &plain
}

// meetingOf returns the meeting of a report; nil without a calendar.
func meetingOf(r rewrite.Report, o rewrite.Options, err error) *Meeting {
	if len(r.Meetings) == 0 && len(r.Skipped) == 0 && err == nil {
		return nil
	}
	m := &Meeting{Calendars: append(r.Meetings[:len(r.Meetings):len(r.Meetings)], r.Enclosed...), Profile: string(o.Profile),
		Applied: r.Applied(), Vetoed: r.Vetoed, Skipped: r.Skipped, Form: formReceived, Fault: err}
	for _, f := range r.Findings() {
		if !slices.Contains(m.Findings, f.ID) {
			m.Findings = append(m.Findings, f.ID)
		}
	}
	switch {
	case len(r.Meetings) > 0:
		m.Profile = string(r.Meetings[0].Profile)
	case m.OnlyEnclosed():
		m.Profile = ""
	}
	switch {
	case err != nil:
		m.Outcome = LeftAlone
	case r.Changed:
		m.Outcome, m.Form = Repaired, formProfile
	case len(r.Skipped) > 0:
		m.Outcome = LeftAlone
	case len(m.Findings) > 0 && o.Mode == rewrite.Observe:
		m.Outcome = Observed
	default:
		m.Outcome = Delivered
	}
	return m
}

// Outcome is what happened to a message.
type Outcome string

const (
	Delivered  Outcome = "delivered"  // as it came: without a calendar, or there was nothing to repair
	Repaired   Outcome = "repaired"   // delivered with at least one repair
	Simplified Outcome = "simplified" // delivered after a refusal, in UTC or as minimal iTIP
	Notice     Outcome = "notice"     // delivered after refusals as a text: the receiver's calendar still shows the old meeting
	LeftAlone  Outcome = "left-alone" // delivered as it came although it has, or may have, a calendar with defects: signed, excepted, a fault
	Observed   Outcome = "observed"   // delivered as it came, with something to repair: the mode is observe
	Refused    Outcome = "refused"    // no recipient got it, permanently
	Deferred   Outcome = "deferred"   // no recipient got it; the client tries again for at least one
	Aborted    Outcome = "aborted"    // no recipient got it; the client aborted it

	// Outcomes of a message that is or was in the queue.
	Queued  Outcome = "queued"  // stored; it is sent later
	Bounced Outcome = "bounced" // no recipient got it, permanently: the sender is told
	Expired Outcome = "expired" // no recipient got it in time: the sender is told
	Removed Outcome = "removed" // taken out by an administrator
)

// Outcomes returns all values of Outcome.
func Outcomes() []Outcome {
	return []Outcome{Delivered, Repaired, Simplified, Notice, LeftAlone, Observed, Refused, Deferred, Aborted, Queued, Bounced, Expired, Removed}
}
