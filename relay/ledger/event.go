package ledger

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/relay"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/rewrite"
)

// maxComponents bounds what is stored of one message: more stand in nothing but
// feeds of whole calendars, which nobody is invited by.
const maxComponents = 1000

// record returns the record of a message; nil when it has no meeting.
func (s addressWriter) record(e *relay.Event) *Record {
	if e.Meeting == nil || len(e.Recipients) == 0 {
		return nil
	}
	m := e.Meeting
	r := s.envelope(e)
	r.Profile, r.Form, r.Findings, r.Applied, r.Vetoed = m.Profile, m.Form, m.Findings, m.Applied, m.Vetoed
	r.Refused, r.Refusal = m.Refused, m.Refusal
	for _, to := range e.Recipients {
		r.Refusal = s.words(r.Refusal, to.Address)
	}
	if field, ok := fieldEvidence(e.Fields); ok && e.Inbound {
		r.Evidence = append(r.Evidence, field)
	}
	if !e.Inbound && e.Route != "*" && e.Greets != "" { // that of a gateway for all says nothing of one
		r.Evidence = append(r.Evidence, Evidence{Kind: KindGreeting, Profile: e.Greets, Text: e.Greeted})
	}
	var skipped []string
	for _, k := range m.Skipped {
		skipped = append(skipped, k.What+": "+k.Why)
	}
	r.Skipped = strings.Join(skipped, "; ")
	for _, cal := range m.Calendars {
		if cal.Enclosed { // somebody else's mail: its attendees get nothing by this one
			continue
		}
		r.Components = s.components(r, cal)
	}
	if len(r.Components) == 0 {
		return nil
	}
	return r
}

// keeps is what is stored of an invitation.
func (s addressWriter) keeps() rewrite.KeepOptions {
	return rewrite.KeepOptions{Texts: s.texts, People: !s.hashed}
}

// envelope returns what is stored of each message, with the result for each
// recipient.
func (s addressWriter) envelope(e *relay.Event) *Record {
	r := &Record{ID: recordID(e), Time: e.At.UTC().Truncate(time.Millisecond), Inbound: e.Inbound, MessageID: e.MessageID, EnvelopeID: e.EnvID, Listener: e.Listener, Route: e.Route, Client: e.Client,
		User: e.User, Sender: s.address(e.From), Size: e.Size, Outcome: string(e.Outcome), Why: e.Why, Took: float64(e.Took.Microseconds()) / 1000}
	for _, to := range e.Recipients {
		v := to.Verdict
		d := Delivery{Attendee: s.address(to.Address), Verdict: verdict(v), Code: v.Code, Reply: s.words(strings.Join(v.Text, " "), to.Address), NextHop: to.NextHop}
		if v.Enhanced != [3]int{} {
			d.Enhanced = strconv.Itoa(v.Enhanced[0]) + "." + strconv.Itoa(v.Enhanced[1]) + "." + strconv.Itoa(v.Enhanced[2])
		}
		r.Deliveries = append(r.Deliveries, d)
	}
	return r
}

// recordID returns the ID of a record: that of the message in the log, and for the
// queue the one of the attempt, too, since a message may have several.
func recordID(e *relay.Event) string {
	if e.Transaction == "" || e.Transaction == e.ID {
		return e.ID
	}
	return e.ID + "/" + e.Transaction
}

// ofQueue reports whether a record is of an attempt of the queue, which tries again.
func (r *Record) ofQueue() bool { return strings.Contains(r.ID, "/") }

// verdict returns what is stored of a verdict. A recipient that was refused while the
// message was in the queue is refused: a bounce is what another server sends later.
func verdict(v envelope.Verdict) string {
	if v.Queue == envelope.Bounced {
		return "refused"
	}
	return v.Class()
}

// components adds those of one calendar.
func (s addressWriter) components(r *Record, cal rewrite.Meeting) []Component {
	list, again := r.Components, cal.Sent()
	details := again.Details()
	if len(details) > 0 {
		r.Program = details[0].Program
	}
	untimed := cal.Untimed()
	var kept []rewrite.Kept
	if cal.Method == "REQUEST" {
		kept = again.Keep(s.keeps())
	}
	for _, c := range cal.Components {
		sent, came := c.Sent, c.Received
		if sent == (rewrite.Revision{}) || len(list) == maxComponents { // taken out by a repair
			continue
		}
		if came == (rewrite.Revision{}) {
			came = sent
		}
		if sent.UID == "" {
			continue
		}
		out := Component{Name: c.Name, UID: sent.UID, Occurrence: sent.RecurrenceID, Method: came.Method, MethodSent: sent.Method,
			Seq: came.Sequence, SeqSent: sent.Sequence, Stamp: came.DTStamp, StampSent: sent.DTStamp, Number: &came.Number}
		if came.UID != sent.UID {
			out.UIDReceived = came.UID
		}
		for i, d := range details {
			if d.UID == sent.UID && d.RecurrenceID == sent.RecurrenceID {
				markUntimed(d, untimed, r.Inbound && isAnswer(out.MethodSent))
				s.detail(&out, d)
				details = append(details[:i:i], details[i+1:]...)
				break
			}
		}
		for _, k := range kept {
			if k.Occurrence == out.Occurrence && k.UID == out.UID {
				out.Kept, out.Language = string(k.Text), k.Language
			}
		}
		if !slices.ContainsFunc(list, func(o Component) bool {
			return o.UID == out.UID && o.Occurrence == out.Occurrence && o.MethodSent == out.MethodSent && o.SeqSent == out.SeqSent && o.StampSent == out.StampSent
		}) { // a file beside the calendar says the same once more
			list = append(list, out)
		}
	}
	return list
}

// detail adds what people know the meeting by.
func (s addressWriter) detail(c *Component, d rewrite.Details) {
	c.Start, c.End, c.AllDay, c.Zone, c.Rule = d.Start.UTC(), d.End.UTC(), d.AllDay, d.Zone, d.Rule
	c.Occurrence, c.Organizer = d.Occurrence, s.address(d.Organizer)
	seen := strings.Join([]string{d.Start.UTC().String(), d.End.UTC().String(), strconv.FormatBool(d.AllDay), d.Rule, d.Excluded, d.Summary, d.Location}, "\x00")
	c.Digest = s.digest(seen)[:16]
	if s.texts {
		c.Summary, c.Location = d.Summary, d.Location
	}
	for _, a := range d.Attendees {
		if a.Address != "" {
			c.Attendees = append(c.Attendees, Attendee{Address: s.address(a.Address), PartStat: a.PartStat, Untimed: strings.HasPrefix(a.Replied, year1601)})
		}
	}
}

// year1601 is how Windows writes a time that is not set.
const year1601 = "1601"

// markUntimed marks the attendees of whose response Exchange 2003 has no time: those
// whom the message itself or a finding about it names, and the sender of a response
// without it.
func markUntimed(d rewrite.Details, found []string, answer bool) {
	for i := range d.Attendees {
		a := &d.Attendees[i]
		if slices.Contains(found, a.Address) || answer && d.Responded == "" {
			a.Replied = year1601
		}
	}
}

func isAnswer(method string) bool { return method == "REPLY" || method == "COUNTER" }
