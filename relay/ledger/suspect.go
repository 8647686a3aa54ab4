package ledger

import (
	"slices"
	"strings"
	"time"
)

// Why Exchange may be unable to send the next revision of a meeting.
const (
	// WhyUntimed is a response that was delivered to Exchange 2003 without the time
	// of the response: Exchange stores the year 1601.
	WhyUntimed = "untimed-response"
	// WhyStored is a message from Exchange that contains this year.
	WhyStored = "stored-1601"
)

// Suspect is an attendee for whose response Exchange 2003 has stored the year 1601,
// so that it cannot build the next update or cancellation (KB 938650). Its JSON form
// has the keys of the log.
type Suspect struct {
	UID        string    `json:"uid"`
	Occurrence string    `json:"occurrence,omitempty"`
	Attendee   string    `json:"attendee"`
	Why        string    `json:"why"`
	Stuck      bool      `json:"stuck"` // a later revision exists that somebody did not get
	Time       time.Time `json:"time"`  // of the message that shows it
	ID         string    `json:"id,omitempty"`
	Advice     string    `json:"advice"`
}

// suspects returns the responses because of which Exchange may be unable to send the
// next revision. An attendee is not listed any more after a later response with the
// time, after a later revision from Exchange was delivered to them, and when the
// meeting is over.
func (m *Meeting) suspects(now time.Time, rule Rule) []Suspect {
	if !m.mayBeUntimed() || m.over(now) {
		return nil
	}
	t := tracking{meeting: m, exchange2003: m.fromExchange2003(), open: map[seat]Suspect{}, tried: map[string]Copy{}, known: map[string]bool{}}
	for _, copies := range m.outgoing() {
		for _, c := range copies {
			t.known[c.Delivery.Attendee] = t.known[c.Delivery.Attendee] || c.passed()
		}
	}
	for _, r := range m.Records {
		for i := range r.Components {
			if r.Inbound {
				t.answer(r, &r.Components[i])
			} else {
				t.revision(r, &r.Components[i])
			}
		}
	}
	var list []Suspect
	missing := m.notNotified(now, rule)
	for _, s := range t.open {
		s.Stuck = slices.ContainsFunc(missing, func(x Missing) bool {
			return (x.Why == WhyNever || x.Why == WhyRemoved) && (x.Occurrence == s.Occurrence || s.Occurrence == "")
		})
		s.Advice = s.advise()
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b Suspect) int {
		return strings.Compare(a.Occurrence+" "+a.Attendee, b.Occurrence+" "+b.Attendee)
	})
	return list
}

// seat is one attendee of the series, or of an occurrence: Exchange keeps the
// responses to each by themselves.
type seat struct{ occurrence, attendee string }

// tracking follows what Exchange knows of the responses, message by message.
type tracking struct {
	meeting      *Meeting
	exchange2003 bool
	open         map[seat]Suspect
	tried        map[string]Copy // the first copy of the newest revision so far, by occurrence
	known        map[string]bool // to whom anything of the meeting was delivered
}

// answer notes a response that Exchange got.
func (t *tracking) answer(r *Record, c *Component) {
	if !isAnswer(c.MethodSent) || !r.anyDelivered() {
		return
	}
	people := c.Attendees
	if c.MethodSent == "COUNTER" && len(people) > 1 || len(people) == 0 { // the others whom a proposal names said nothing
		people = []Attendee{{Address: r.Sender, Untimed: slices.ContainsFunc(people, func(a Attendee) bool { return a.Untimed })}}
	}
	for _, a := range people {
		at := seat{c.Occurrence, a.Address}
		if !a.Untimed && !r.untimedByFinding() {
			delete(t.open, at)
		} else if t.exchange2003 {
			t.suspect(at, WhyUntimed, r)
		}
	}
}

func (t *tracking) suspect(at seat, why string, r *Record) {
	t.open[at] = Suspect{UID: t.meeting.UID, Occurrence: at.occurrence, Attendee: at.attendee, Why: why, Time: r.Time, ID: r.ID}
}

// revision notes what left Exchange. One that it has built since the response is a
// proof that it can, for those whom it reached; a copy of what was tried before is
// none. Somebody to whom nothing ever goes through here may have another address
// there: for them it counts whom else it reached.
func (t *tracking) revision(r *Record, c *Component) {
	if !slices.Contains(toAttendees, c.MethodSent) || len(r.Deliveries) == 0 {
		return
	}
	this := Copy{r, c, &r.Deliveries[0]}
	newest, tried := t.tried[c.Occurrence]
	if !tried || order(this, newest) > 0 {
		newest = this
		t.tried[c.Occurrence] = newest
	}
	reached := map[string]bool{}
	for i := range r.Deliveries {
		if d := &r.Deliveries[i]; (Copy{r, c, d}).passed() {
			reached[d.Attendee] = true
		}
	}
	for at, s := range t.open {
		switch covered := at.occurrence == c.Occurrence || this.cancels() && c.Occurrence == ""; {
		case !covered || order(this, newest) < 0 || !newest.Record.Time.After(s.Time):
		case reached[at.attendee], len(reached) > 0 && !t.known[at.attendee], s.Why == WhyStored && this.names(at.attendee):
			delete(t.open, at)
		}
	}
	for _, a := range c.Attendees {
		if a.Untimed && len(reached) > 0 && !this.cancels() {
			t.suspect(seat{c.Occurrence, a.Address}, WhyStored, r)
		}
	}
}

// untimedByFinding reports whether a record that does not say which responses have
// a time (of an older release, or of the log) was found to lack it.
func (r *Record) untimedByFinding() bool {
	const missing = "cdo-critical-change-missing"
	return r.Program == "" && slices.Contains(r.Findings, missing) && !slices.Contains(r.Applied, missing)
}

func (m *Meeting) mayBeUntimed() bool {
	return slices.ContainsFunc(m.Records, func(r *Record) bool {
		return r.untimedByFinding() || slices.ContainsFunc(r.Components, func(c Component) bool {
			return slices.ContainsFunc(c.Attendees, func(a Attendee) bool { return a.Untimed })
		})
	})
}

// signsOf2003 are findings that only what Exchange 2003 writes has.
var signsOf2003 = []string{"x-replytime", "cdo-replytime-1601", "kb-1601-tracktime", "seq-cdo"}

// fromExchange2003 reports whether the organizer's server is Exchange 2003: the
// route to it says so, or a message from it shows it.
func (m *Meeting) fromExchange2003() bool {
	return slices.ContainsFunc(m.Records, func(r *Record) bool {
		if r.Inbound {
			return r.Profile == "exchange2003"
		}
		return programProfile(r.Program) == "exchange2003" || r.Program == "" && slices.ContainsFunc(r.Findings, func(id string) bool { return slices.Contains(signsOf2003, id) })
	})
}

// over reports whether nothing will be sent of a meeting any more because it has
// taken place. Of a series that is known where its rule has UNTIL.
func (m *Meeting) over(now time.Time) bool {
	var last time.Time
	for _, r := range m.Records {
		for i := range r.Components {
			c := &r.Components[i]
			end := c.End
			if end.IsZero() {
				end = c.Start
			}
			if c.Rule != "" {
				end = untilOf(c.Rule)
			} else if end.IsZero() {
				continue
			}
			if end.IsZero() {
				return false
			}
			if end.After(last) {
				last = end
			}
		}
	}
	return !last.IsZero() && last.Before(now)
}

// untilOf is the end of the day on which a rule ends, or zero.
func untilOf(rule string) time.Time {
	for part := range strings.SplitSeq(strings.ToUpper(rule), ";") {
		if day, ok := strings.CutPrefix(strings.TrimSpace(part), "UNTIL="); ok && len(day) >= 8 {
			if t, err := time.Parse("20060102", day[:8]); err == nil {
				return t.AddDate(0, 0, 2) // in every zone
			}
		}
	}
	return time.Time{}
}

func (s Suspect) advise() string {
	const mend = "install the hotfix of KB 938650 (excdo.dll 6.5.7653.5 or later), set its registry value FixRecipientTrackStatusTime and restart the store; " +
		"or correct PR_RECIPIENT_TRACKSTATUS_TIME of this attendee in the recipient table of the meeting with MFCMAPI"
	if s.Stuck {
		return `Exchange has probably not sent the last revision to everybody: look for it in its queue (event 327). To mend this meeting, ` + mend +
			`, and let the organizer send it again. Otherwise "reconvene meetings cancel" cancels it from here, and the organizer makes a new one`
	}
	return "before the organizer changes or cancels the meeting, " + mend +
		`. Otherwise the organizer makes a new meeting, and "reconvene meetings cancel" cancels this one from here`
}
