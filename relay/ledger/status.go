package ledger

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// Cell is the copy of one revision for one attendee, and the attendee's answer. Its
// JSON form has the keys of the log.
type Cell struct {
	UID        string    `json:"uid"`
	Occurrence string    `json:"occurrence,omitempty"`
	Attendee   string    `json:"attendee"`
	Method     string    `json:"method"`
	Seq        int       `json:"seq"` // as sent
	Stamp      string    `json:"dtstamp,omitempty"`
	Start      time.Time `json:"start,omitzero"`
	Status     string    `json:"status"`
	Time       time.Time `json:"time,omitzero"`
	Code       int       `json:"code,omitempty"`
	Reply      string    `json:"reply,omitempty"`
	NextHop    string    `json:"nexthop,omitempty"`
	ID         string    `json:"id,omitempty"`
	Mark       string    `json:"mark,omitempty"`     // what is odd about a copy, see [Marks]
	PartStat   string    `json:"partstat,omitempty"` // the last answer
	Answered   time.Time `json:"answered,omitzero"`
	Suspect    string    `json:"suspect,omitempty"` // see [Suspect.Why]
	Proposed   time.Time `json:"proposed_start,omitzero"`
}

// StatusNever is that of an attendee without a copy of a revision; other cells
// have the outcome of the message, "bounced", or the verdict on the recipient.
const (
	StatusNever   = "never-sent"
	StatusBounced = "bounced"
)

// answer is what an attendee replied to a meeting, by REPLY or COUNTER.
type answer struct {
	Attendee   string
	Occurrence string
	PartStat   string
	Seq        int
	Proposed   time.Time // the start that a COUNTER proposes
	Time       time.Time // when it was forwarded
	Stamp      string
}

// Revision is one revision of a meeting or of an occurrence of it.
type Revision struct {
	Copy           // the first that passed, or was tried
	Cells   []Cell // by attendee
	Applied []string
}

// Part is the series, or an occurrence with a history of its own.
type Part struct {
	Occurrence string
	Attendees  []string
	Revisions  []Revision // the oldest first
}

// Parts returns the series and each occurrence with a history of its own, also
// occurrences that a later revision of the series has replaced.
func (m *Meeting) Parts() []Part {
	by := m.outgoing()
	answers, marks := m.answers(), m.Marks()
	var names []string
	for name := range by {
		names = append(names, name)
	}
	slices.Sort(names)
	var list []Part
	for _, name := range names {
		p := Part{Occurrence: name, Attendees: attendees(by[name])}
		for _, group := range revisions(by[name]) {
			p.Revisions = append(p.Revisions, m.revision(name, p.Attendees, group, answers, marks))
		}
		list = append(list, p)
	}
	return list
}

// revisions puts the copies of one revision together. An update that changes
// nothing that people see belongs to the one before.
func revisions(copies []Copy) [][]Copy {
	var groups [][]Copy
	for _, c := range copies {
		if n := len(groups); n > 0 && covers(groups[n-1][0], c) {
			groups[n-1] = append(groups[n-1], c)
			continue
		}
		groups = append(groups, []Copy{c})
	}
	return groups
}

func (m *Meeting) revision(occurrence string, people []string, group []Copy, answers []answer, marks Marks) Revision {
	rev := Revision{Copy: group[0]}
	for _, c := range group {
		for _, id := range c.Record.Applied {
			if !slices.Contains(rev.Applied, id) {
				rev.Applied = append(rev.Applied, id)
			}
		}
	}
	for _, a := range people {
		cell := Cell{UID: m.UID, Occurrence: occurrence, Attendee: a, Method: group[0].Component.MethodSent, Seq: group[0].Component.SeqSent,
			Stamp: group[0].Component.StampSent, Start: group[0].Component.Start, Status: StatusNever}
		best := -1
		for i, c := range group {
			if c.Delivery.Attendee != a {
				continue
			}
			cell.Mark = stronger(cell.Mark, marks.ofComponent(c.Component, c.Delivery))
			if best < 0 || better(c, group[best]) {
				best = i
			}
		}
		if best >= 0 {
			cell.fill(group[best])
		}
		if x, ok := lastAnswer(answers, a, occurrence); ok {
			cell.PartStat, cell.Answered, cell.Proposed = x.PartStat, x.Time, x.Proposed
		}
		rev.Cells = append(rev.Cells, cell)
	}
	return rev
}

// better reports whether a says more of what the attendee has than b: one that
// passed, else the later.
func better(a, b Copy) bool {
	if a.passed() != b.passed() {
		return a.passed()
	}
	return !a.Record.Time.Before(b.Record.Time)
}

func (c *Cell) fill(from Copy) {
	d := from.Delivery
	c.Time, c.Code, c.Reply, c.NextHop, c.ID = from.Record.Time, d.Code, d.said(), d.NextHop, from.Record.ID
	switch {
	case !d.Bounced.IsZero():
		c.Status, c.Reply, c.Time = StatusBounced, d.Bounce, d.Bounced
	case d.Verdict == "delivered" && from.Record.Outcome != "":
		c.Status = from.Record.Outcome
	default:
		c.Status = d.Verdict
	}
}

// Notified reports whether the cell says that the attendee was notified.
func (c Cell) Notified() bool {
	switch c.Status {
	case StatusNever, StatusBounced, "refused", "deferred", "aborted", envelope.Queued, envelope.Expired, envelope.Removed:
		return false
	}
	return true
}

// answers returns the answers of attendees, the oldest first, each once.
func (m *Meeting) answers() []answer {
	var list []answer
	for _, r := range m.Records {
		for i := range r.Components {
			c := &r.Components[i]
			if !isAnswer(c.MethodSent) || !r.anyDelivered() {
				continue
			}
			for _, a := range c.Attendees {
				x := answer{Attendee: a.Address, Occurrence: c.Occurrence, PartStat: a.PartStat, Seq: c.SeqSent, Time: r.Time, Stamp: c.StampSent}
				if c.MethodSent == "COUNTER" {
					x.Proposed = c.Start
				}
				if c.MethodSent == "COUNTER" && len(c.Attendees) > 1 && a.Address != r.Sender {
					continue // the others whom the proposal names said nothing
				}
				list = append(list, x)
			}
		}
	}
	slices.SortFunc(list, func(a, b answer) int {
		return cmp.Or(a.Time.Compare(b.Time), strings.Compare(a.Stamp, b.Stamp), strings.Compare(a.Attendee, b.Attendee))
	})
	return list
}

func (r *Record) anyDelivered() bool {
	return slices.ContainsFunc(r.Deliveries, func(d Delivery) bool { return d.Verdict == "delivered" })
}

// lastAnswer is the newest answer of an attendee: the latest by DTSTAMP, so that
// one that was held up counts for less.
func lastAnswer(list []answer, attendee, occurrence string) (best answer, ok bool) {
	for _, a := range list {
		if a.Attendee == attendee && a.Occurrence == occurrence && (!ok || a.Stamp >= best.Stamp) {
			best, ok = a, true
		}
	}
	return best, ok
}

// Summary is a summary of one meeting. Its JSON form has the keys of the log.
type Summary struct {
	UID       string    `json:"uid"`
	Time      time.Time `json:"time"` // of the newest message
	Summary   string    `json:"summary,omitempty"`
	Location  string    `json:"location,omitempty"`
	Start     time.Time `json:"start,omitzero"`
	End       time.Time `json:"end,omitzero"`
	AllDay    bool      `json:"all_day,omitempty"`
	Rule      string    `json:"rule,omitempty"`
	Organizer string    `json:"organizer,omitempty"`
	Method    string    `json:"method"` // of the newest revision
	Seq       int       `json:"seq"`
	State     string    `json:"state"` // planned, cancelled
	Told      int       `json:"told"`  // attendees who got the newest revision
	Untold    int       `json:"untold"`
	Missing   int       `json:"not_notified"`
	Suspect   int       `json:"suspect"`               // responses for which Exchange may be unable to send the next revision
	Occurs    int       `json:"occurrences,omitempty"` // with a history of their own

	Suspects []Suspect `json:"suspects,omitempty"`
}

// Summarize returns the summary of a meeting.
func (m *Meeting) Summarize(now time.Time, rule Rule) Summary {
	s := Summary{UID: m.UID, Time: m.last(), State: "planned", Missing: len(m.notNotified(now, rule))}
	s.Suspects = m.suspects(now, rule)
	s.Suspect = len(s.Suspects)
	parts := m.Parts()
	if len(parts) == 0 { // only answers, or on its way in
		last := m.Records[len(m.Records)-1]
		s.describe(last.Components[len(last.Components)-1])
		for _, d := range last.Deliveries {
			s.count(d.Verdict == "delivered")
		}
		return s
	}
	main := parts[0]
	newest := main.Revisions[len(main.Revisions)-1]
	for i := len(main.Revisions) - 1; i >= 0; i-- { // the newest that says what it is about
		s.describe(*main.Revisions[i].Component)
		if s.Summary != "" && !s.Start.IsZero() {
			break
		}
	}
	s.Method, s.Seq = newest.Component.MethodSent, newest.Component.SeqSent
	if newest.cancels() && main.Occurrence == "" {
		v := view{meeting: m, copies: m.outgoing()[""]}
		if before, ok := v.invitation(newest.Copy); !ok || slices.ContainsFunc(before.Component.Attendees, func(a Attendee) bool {
			return !newest.names(a.Address) && v.cancelledFor(newest.Copy, a.Address)
		}) || !slices.ContainsFunc(before.Component.Attendees, func(a Attendee) bool { return !newest.names(a.Address) }) {
			s.State = "cancelled"
		}
	}
	for _, c := range newest.Cells {
		s.count(c.Notified())
	}
	for _, p := range parts {
		if p.Occurrence != "" {
			s.Occurs++
		}
	}
	return s
}

func (s *Summary) count(told bool) {
	if told {
		s.Told++
	} else {
		s.Untold++
	}
}

func (s *Summary) describe(c Component) {
	if s.Summary == "" {
		s.Summary = c.Summary
	}
	if s.Location == "" {
		s.Location = c.Location
	}
	if s.Start.IsZero() {
		s.Start, s.End, s.AllDay, s.Rule = c.Start, c.End, c.AllDay, c.Rule
	}
	if s.Organizer == "" {
		s.Organizer = c.Organizer
	}
	s.Method, s.Seq = c.MethodSent, c.SeqSent
}
