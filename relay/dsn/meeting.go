package dsn

import (
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/notice"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// Meeting is what a notification says of the meeting that a message is about. It has
// only plain values, so that it can be stored with the message.
type Meeting struct {
	Method    string    `json:"method"`             // of the calendar: REQUEST, CANCEL, REPLY, …
	Update    bool      `json:"update,omitempty"`   // a REQUEST after the first one
	PartStat  string    `json:"partstat,omitempty"` // of the attendee who answers
	OneDate   bool      `json:"one_date,omitempty"` // one occurrence of a series
	Summary   string    `json:"summary,omitempty"`
	Location  string    `json:"location,omitempty"`
	Organizer string    `json:"organizer,omitempty"` // an address
	Start     time.Time `json:"start,omitzero"`      // on the organizer's clock, as far as it is known
	End       time.Time `json:"end,omitzero"`
	AllDay    bool      `json:"all_day,omitempty"`
	Zone      string    `json:"zone,omitempty"` // the name of that clock; "" shows the offset alone
}

// MeetingOf returns the meeting of a calendar; nil without a component. Of a series it
// is the component of the series, else the first one.
func MeetingOf(list []rewrite.Details) *Meeting {
	if len(list) == 0 {
		return nil
	}
	d := list[0]
	for _, c := range list {
		if c.RecurrenceID == "" {
			d = c
			break
		}
	}
	m := &Meeting{Method: d.Method, Update: d.Number > 0, OneDate: d.RecurrenceID != "", Summary: d.Summary, Location: d.Location,
		Organizer: d.Organizer, Start: d.Start, End: d.End, AllDay: d.AllDay}
	if len(d.Attendees) == 1 {
		m.PartStat = d.Attendees[0].PartStat
	}
	m.setClock(d.Zone)
	return m
}

// setClock moves the times to the clock of a zone, by all names that it may have. They
// stay in UTC when the name is not known.
func (m *Meeting) setClock(tzid string) {
	name, ok := zone.Lookup(tzid, zone.Hints{})
	if !ok || m.Start.IsZero() || m.AllDay {
		return
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return
	}
	m.Start, m.Zone = m.Start.In(z), name
	if !m.End.IsZero() {
		m.End = m.End.In(z)
	}
}

// kind is the purpose of the message.
func (m *Meeting) kind() notice.Kind {
	switch strings.ToUpper(m.Method) {
	case "REQUEST", "PUBLISH", "ADD":
		if m.Update {
			return notice.Update
		}
		return notice.Invitation
	case "CANCEL":
		return notice.Cancellation
	case "COUNTER":
		return notice.Counter
	case "REPLY":
		switch strings.ToUpper(m.PartStat) {
		case "TENTATIVE":
			return notice.Tentative
		case "DECLINED":
			return notice.Declined
		}
		return notice.Accepted
	}
	return notice.Other
}

// facts are those that identify the meeting to its organizer.
func (m *Meeting) facts(subject string) notice.Facts {
	f := notice.Facts{Summary: m.Summary, Where: m.Location, Host: notice.Person{Address: m.Organizer}}
	if line(f.Summary) == "" {
		f.Summary = subject
	}
	switch {
	case m.Start.IsZero():
	case m.AllDay:
		t := notice.Time{Start: m.Start, Days: true}
		if last := m.End.AddDate(0, 0, -1); !m.End.IsZero() && last.After(m.Start) {
			t.End = last // DTEND is the day after
		}
		f.When = []notice.Time{t}
	default:
		t := clock(m.Start)
		if m.Zone != "" {
			t.Zone, t.Offset = m.Zone, t.Zone
		}
		if m.End.After(m.Start) {
			t.End = m.End
		}
		f.When = []notice.Time{t}
	}
	return f
}

// clock returns a time with the offset of its clock from UTC as the name of its zone.
func clock(t time.Time) notice.Time {
	_, seconds := t.Zone()
	if seconds == 0 {
		return notice.Time{Start: t, Zone: "UTC"}
	}
	return notice.Time{Start: t, Zone: "UTC" + t.Format("-07:00")}
}

// consequence is what the sender has to know and to do about the meeting because of an
// action; "" when there is nothing.
func (r *Report) consequence(a Action, w *words) string {
	if r.Meeting == nil {
		return ""
	}
	kind := r.Meeting.kind()
	var known, do string
	switch a.reported() {
	case Failed:
		known, do = w.unknown[kind], w.act[kind]
	case Delayed:
		known, do = w.unknownYet[kind], r.advice(w)
	default:
		return ""
	}
	if r.Meeting.OneDate {
		known += " " + w.oneDate
	}
	return known + " " + do
}

// advice is what to do during a delay: nothing, unless the meeting may begin before it
// is over. The start of a series is its first date, so that one in the past decides
// nothing.
func (r *Report) advice(w *words) string {
	start := r.Meeting.Start
	switch {
	case start.IsZero() || start.Before(r.At):
		return w.ifSoon
	case start.Before(r.retryUntil()):
		return w.near
	}
	return w.wait
}

// retryUntil is when the last of the retries ends.
func (r *Report) retryUntil() time.Time {
	var last time.Time
	for _, rcpt := range r.Recipients {
		if rcpt.Action == Delayed && rcpt.RetryUntil.After(last) {
			last = rcpt.RetryUntil
		}
	}
	return last
}
