package ledger

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
)

// Why somebody was not notified.
const (
	WhyRefused = "refused"    // the next hop refused their copy
	WhyBounced = "bounced"    // it was accepted, and a notification reported later that it was not delivered
	WhyWaiting = "deferred"   // no copy was accepted within the grace, and the last attempt was deferred
	WhyQueued  = "queued"     // their copy is still in the queue of this server
	WhyExpired = "expired"    // it was not accepted in time, or an administrator removed it from the queue
	WhyNever   = "never-sent" // no copy for them was received within the grace
	WhyRemoved = "removed"    // the newest revision no longer names them, and no cancellation for them was received
)

// Missing is an attendee who was not notified of the newest revision of a meeting.
// Its JSON form has the keys of the log.
type Missing struct {
	UID        string    `json:"uid"`
	Occurrence string    `json:"occurrence,omitempty"`
	Summary    string    `json:"summary,omitempty"`
	Start      time.Time `json:"start,omitzero"`
	Organizer  string    `json:"organizer,omitempty"`
	Attendee   string    `json:"attendee"`
	Method     string    `json:"method"` // of the revision that they miss
	Seq        int       `json:"seq"`
	Stamp      string    `json:"dtstamp,omitempty"`
	Since      time.Time `json:"since"` // when its first copy was forwarded
	HasMethod  string    `json:"has_method,omitempty"`
	HasSeq     int       `json:"has_seq"`
	HasStamp   string    `json:"has_dtstamp,omitempty"`
	HasStart   time.Time `json:"has_start,omitzero"` // when the meeting begins in the attendee's calendar
	Why        string    `json:"why"`
	Code       int       `json:"code,omitempty"`
	Reply      string    `json:"reply,omitempty"`
	NextHop    string    `json:"nexthop,omitempty"`
	ID         string    `json:"id,omitempty"` // of the message that was not delivered to them
	Advice     string    `json:"advice"`

	sender string // of the newest revision, in the envelope
}

// Rule is the configuration of who counts as not notified.
type Rule struct {
	Grace      time.Duration
	OwnDomains []string
}

// RuleOf returns the rule of a configuration.
func RuleOf(c config.Ledger) Rule { return Rule{Grace: c.Grace, OwnDomains: c.OwnDomains} }

// own reports whether Exchange serves an attendee itself.
func (r Rule) own(address string) bool {
	d := domainOf(address)
	return slices.ContainsFunc(r.OwnDomains, func(o string) bool {
		o = strings.ToLower(o)
		if below, ok := strings.CutPrefix(o, "*."); ok {
			return strings.HasSuffix(d, "."+below)
		}
		return d == o
	})
}

// NotNotified returns who was not notified of the meetings of which something was
// forwarded since a time.
func (r *Reader) NotNotified(ctx context.Context, since, now time.Time, rule Rule) ([]Missing, error) {
	meetings, err := r.changed(ctx, since)
	if err != nil {
		return nil, err
	}
	list := []Missing{}
	for _, m := range meetings {
		list = append(list, m.notNotified(now, rule)...)
	}
	slices.SortStableFunc(list, func(a, b Missing) int { return b.Since.Compare(a.Since) })
	return list, r.explain(ctx, list, rule.Grace)
}

// notNotified returns who was not notified of the newest revision: an earlier one
// was sent to them through this server, and their copy of the newest was refused,
// bounced, or not delivered within the grace after the first copy for anybody.
func (m *Meeting) notNotified(now time.Time, rule Rule) []Missing {
	var list []Missing
	for _, v := range m.views() {
		for _, a := range v.everybody() {
			if rule.own(a) {
				continue
			}
			if miss, ok := v.missing(a, now, rule.Grace); ok {
				list = append(list, miss)
			}
		}
	}
	return list
}

// everybody who may have something of it: of an occurrence those of the series,
// too.
func (v view) everybody() []string {
	return attendees(append(slices.Clone(v.copies), v.series...))
}

// missing judges one attendee.
func (v view) missing(address string, now time.Time, grace time.Duration) (Missing, bool) {
	newest, ok := v.newestFor(address)
	if !ok {
		return Missing{}, false
	}
	has, had := v.has(address)
	if !had || covers(has, newest) {
		return Missing{}, false
	}
	miss := v.describe(address, newest, has)
	if has.cancels() && !newest.names(address) {
		return miss, false // they were removed and told so
	}
	last, tried := v.lastTry(address, newest)
	if !newest.cancels() && has.names(address) && len(newest.Component.Attendees) > 0 && !newest.names(address) {
		miss.Why, miss.Method, tried = WhyRemoved, "CANCEL", false
		if c, ok := v.triedCancel(address, has); ok {
			last, tried = c, true
			miss.Seq, miss.Stamp = c.Component.SeqSent, c.Component.StampSent
		}
	}
	late := now.Sub(miss.Since) > grace
	if tried {
		miss.Code, miss.Reply, miss.NextHop, miss.ID = last.Delivery.Code, last.Delivery.said(), last.Delivery.NextHop, last.Record.ID
		switch {
		case !last.Delivery.Bounced.IsZero():
			miss.Why, miss.Reply, late = WhyBounced, last.Delivery.Bounce, true
		case last.Delivery.Verdict == "refused":
			miss.Why, late = WhyRefused, true
		case last.Delivery.Verdict == envelope.Expired, last.Delivery.Verdict == envelope.Removed:
			miss.Why, late = WhyExpired, true
		case last.Delivery.Verdict == envelope.Queued, last.Delivery.Verdict == "deferred" && last.Record.ofQueue():
			miss.Why = WhyQueued
		default:
			miss.Why = WhyWaiting
		}
	} else if miss.Why == "" {
		miss.Why = WhyNever
	}
	miss.Advice = advice(miss)
	return miss, late
}

// newestFor is the newest revision that an attendee has to know of.
func (v view) newestFor(address string) (Copy, bool) {
	for i := len(v.copies) - 1; i >= 0; i-- {
		if c := v.copies[i]; !c.cancels() || v.cancelledFor(c, address) {
			return c, true
		}
	}
	return Copy{}, false
}

// cancelledFor reports whether a cancellation concerns an attendee. One that
// names nobody, them, or more than half of those whom the invitation before
// named, cancels the meeting; another one only tells others that they were
// removed.
func (v view) cancelledFor(c Copy, address string) bool {
	named := map[string]bool{}
	for _, o := range v.copies {
		if order(o, c) != 0 {
			continue
		}
		if len(o.Component.Attendees) == 0 || o.names(address) || o.Delivery.Attendee == address {
			return true
		}
		for _, a := range o.Component.Attendees {
			named[a.Address] = true
		}
	}
	invited, ok := v.invitation(c)
	if !ok {
		return true
	}
	n := 0
	for _, a := range invited.Component.Attendees {
		if named[a.Address] {
			n++
		}
	}
	return 2*n > len(invited.Component.Attendees)
}

// invitation is the newest one before a copy: of the occurrence, else of the
// series.
func (v view) invitation(c Copy) (Copy, bool) {
	for _, list := range [][]Copy{v.copies, v.series} {
		for i := len(list) - 1; i >= 0; i-- {
			if o := list[i]; !o.cancels() && order(o, c) <= 0 && len(o.Component.Attendees) > 0 {
				return o, true
			}
		}
	}
	return Copy{}, false
}

// has is the newest revision that an attendee has of it.
func (v view) has(address string) (Copy, bool) {
	var best Copy
	found := false
	for _, list := range [][]Copy{v.copies, v.series} {
		for _, c := range list {
			if c.Delivery.Attendee == address && c.passed() && (!found || newer(c, best) > 0) {
				best, found = c, true
			}
		}
	}
	return best, found
}

// lastTry is the last copy of a revision for an attendee.
func (v view) lastTry(address string, newest Copy) (last Copy, ok bool) {
	for _, c := range v.copies {
		if c.Delivery.Attendee == address && covers(c, newest) && (!ok || c.Record.Time.After(last.Record.Time)) {
			last, ok = c, true
		}
	}
	return last, ok
}

// triedCancel is the last cancellation for an attendee after what they have.
func (v view) triedCancel(address string, has Copy) (last Copy, ok bool) {
	for _, c := range v.copies {
		if c.Delivery.Attendee == address && c.cancels() && order(c, has) > 0 {
			last, ok = c, true
		}
	}
	return last, ok
}

func (v view) describe(address string, newest, has Copy) Missing {
	c := newest.Component
	m := Missing{UID: v.meeting.UID, Occurrence: v.occurrence, Summary: c.Summary, Start: c.Start, Organizer: c.Organizer, Attendee: address,
		Method: c.MethodSent, Seq: c.SeqSent, Stamp: c.StampSent, Since: v.firstPassed(newest), HasMethod: has.Component.MethodSent,
		HasSeq: has.Component.SeqSent, HasStamp: has.Component.StampSent, HasStart: has.Component.Start, sender: newest.Record.Sender}
	if m.Summary == "" {
		m.Summary = has.Component.Summary
	}
	return m
}

// advice returns what an administrator can do.
func advice(m Missing) string {
	what := "the update"
	if m.Method == "CANCEL" {
		what = "the cancellation"
	}
	switch m.Why {
	case WhyRefused:
		return "the receiver refused " + what + ": read its reply, correct the cause and let the organizer send it again, or inform " + m.Attendee + " by other means"
	case WhyBounced:
		return "the receiver accepted " + what + " and returned it later: read its reply, then let the organizer send it again, or inform " + m.Attendee + " by other means"
	case WhyWaiting:
		return "the next hop defers " + what + ": read its reply and check Exchange's queue; it is sent when the next hop accepts mail again"
	case WhyQueued:
		return what + ` waits in the queue of this server: "reconvene queue list" says why; inform ` + m.Attendee + " by other means if the meeting is near"
	case WhyExpired:
		return what + " was given up: correct the cause and let the organizer send it again, or inform " + m.Attendee + " by other means"
	case WhyRemoved:
		return `they were removed from the invitation and not notified: let the organizer cancel it for them, or use "reconvene meetings cancel"`
	}
	return "Exchange did not send " + what + ` to them: check its queue and event log (KB 938650), or use "reconvene meetings cancel" if the meeting is cancelled`
}
