package remedy

import (
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// Memory has information about the meetings of earlier messages. A remedy calls it
// only when it has found something for which one message is not enough. A result
// that is not available in time is treated as none.
type Memory interface {
	// Meeting returns what is known of a UID, in the direction and for the
	// recipients of the message; ok is false when nothing is.
	Meeting(uid string) (p Past, ok bool)
	// Raised reports whether a repair has raised a number of this meeting. It
	// returns at once.
	Raised(uid string) bool
	// Invited finds the meeting to which an attendee was invited, by organizer,
	// summary and start. ok is false when there is none, or more than one.
	Invited(attendee, organizer, summary string, start time.Time) (uid string, ok bool)
}

// Past is what is known of a meeting.
type Past struct {
	Revisions  []Revision // that were delivered to any of the recipients, the oldest first
	Invitation []byte     // the newest that passed, as it is kept: of the series, else of anything; may be nil
}

// Revision is one component of an earlier message.
type Revision struct {
	MessageID       string // of the mail
	Occurrence      string // RECURRENCE-ID as an instant ("20260309T090000Z") or a day ("20260309"); "" is the series
	Method          string
	Number          int // the number by which the organizer counts
	SeqSent         int // SEQUENCE as it was sent
	Stamp           string
	StampSent       string
	newer, repeated bool
}

// lastRevision is what was sent of a component, and of the series that it belongs to.
// ok is false when nothing is remembered.
func lastRevision(c *Object, ev *ical.Component) (list []Revision, ok bool) {
	if c.Memory == nil {
		return nil, false
	}
	p, ok := c.Memory.Meeting(strings.TrimSpace(cleanGOID(ev.Value("UID"))))
	if !ok {
		return nil, false
	}
	own := occurrence(c, ev)
	for _, r := range p.Revisions {
		if r.Occurrence == own || r.Occurrence == "" {
			compare(c, ev, own, &r)
			list = append(list, r)
		}
	}
	return list, len(list) > 0
}

// occurrence names the one that a component is about, as a Revision does.
func occurrence(c *Object, ev *ical.Component) string {
	l := ev.First("RECURRENCE-ID")
	switch m, ok := c.moment(l); {
	case l == nil:
		return ""
	case ok && m.Form == ical.Date:
		return m.Wall.Format("20060102")
	case ok && m.known:
		return m.instant.UTC().Format("20060102T150405Z")
	}
	return strings.TrimSpace(l.Value())
}

// compare says of an earlier message whether it is this one, come again, or holds
// a newer revision. The number decides, and DTSTAMP where it is the same; a lower
// number with a later stamp is that of a program that does not count.
func compare(c *Object, ev *ical.Component, own string, r *Revision) {
	stamp, number := strings.TrimSpace(ev.Value("DTSTAMP")), Number(ev)
	r.repeated = r.Occurrence == own && (sameMail(c, *r) ||
		r.Method == c.Method() && (stamp == r.Stamp || stamp == r.StampSent) && (number == r.Number || number == r.SeqSent))
	r.newer = !r.repeated && (r.Number > number && r.Stamp >= stamp || r.Number == number && r.Stamp > stamp)
}

// sameMail reports whether the message is that one, come again.
func sameMail(c *Object, r Revision) bool {
	id := strings.Trim(c.Mail.MessageID, "<> ")
	return id != "" && id == strings.Trim(r.MessageID, "<> ")
}

// lateNote is why a message after a newer one stays as it is.
const lateNote = "a newer revision was delivered to a recipient before: this is a late copy, and keeps its number"

// outrank returns the SEQUENCE that a component needs so that those who have
// earlier revisions take it: the highest that was sent, or one above it. The same
// message gets the same number again. A late copy of an older revision is never
// raised above a newer one; note says so.
func outrank(list []Revision, have uint64, above bool) (want uint64, note string) {
	want = have
	for _, r := range list {
		if r.repeated {
			return max(have, uint64(max(r.SeqSent, 0))), ""
		}
	}
	for _, r := range list {
		if r.newer {
			return have, lateNote
		}
		top := uint64(max(r.SeqSent, 0))
		if above {
			top++
		}
		want = max(want, top)
	}
	return want, ""
}

// invitation is the newest one that passed, as a case of its own; nil when none
// is kept.
func invitation(c *Object, ev *ical.Component) (*Object, *ical.Component) {
	if c.Memory == nil {
		return nil, nil
	}
	p, ok := c.Memory.Meeting(strings.TrimSpace(cleanGOID(ev.Value("UID"))))
	if !ok || len(p.Invitation) == 0 {
		return nil, nil
	}
	doc, err := ical.Parse(p.Invitation, ical.Limits{Size: 2*len(p.Invitation) + 1, Lines: 2000, Tick: c.Tick})
	if err != nil {
		return nil, nil
	}
	was := &Object{Doc: doc, Cal: doc.Calendar(), Mail: c.Mail, Now: c.Now, Tick: c.Tick}
	was.ResetZones()
	for _, it := range was.Items() {
		if it.Name == ev.Name && identity(it.Value("UID")) == identity(ev.Value("UID")) {
			return was, it
		}
	}
	return nil, nil
}

// occurrenceOn is the occurrence of a kept series on a day, by its start: an instant, or
// a day. why says why it is not certain.
func occurrenceOn(c *Object, series *ical.Component, day time.Time) (at ical.DateTime, why string) {
	start, ok := c.moment(series.First("DTSTART"))
	rules := series.Lines("RRULE")
	switch {
	case !ok || len(rules) != 1 || series.Has("RDATE") || series.Has("RECURRENCE-ID"):
		return at, "the invitation that is remembered is no series with a rule"
	case start.Form == ical.Local && !start.known:
		return at, "the zone of the series is not known"
	}
	starts, ok := expand(rules[0].Value(), start.DateTime, day.AddDate(0, 0, 2))
	if !ok {
		return at, "the rule of the series cannot be followed"
	}
	var found []time.Time
	for _, t := range starts {
		if y, m, d := t.Date(); time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Equal(day) {
			found = append(found, t)
		}
	}
	if len(found) != 1 {
		return at, "the series that is remembered does not take place once on that day"
	}
	d := ical.DateTime{Wall: found[0], Form: start.Form}
	if start.Form != ical.Local {
		return d, ""
	}
	instant, ok := c.Zones.Instant(d, start.tzid)
	if !ok {
		return at, "the zone of the series is not known"
	}
	return ical.DateTime{Wall: instant.UTC(), Form: ical.UTC}, ""
}
