package rewrite

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/guard"
	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// Component is one VEVENT, VTODO, VJOURNAL or VFREEBUSY of a calendar: what
// identifies it, as it was received and as it is sent.
type Component struct {
	Name     string   // "VEVENT"
	Received Revision // zero when a repair added the component
	Sent     Revision // zero when a repair removed the component
}

// Revision identifies a revision of a meeting (RFC 5546 §2.1.5). The texts are as
// written; Sequence is 0 without SEQUENCE.
type Revision struct {
	Method       string
	UID          string
	RecurrenceID string
	Sequence     int
	DTStamp      string
	Number       int // the number by which the organizer counts: SEQUENCE, or the higher number in a property of the organizer's program
}

// Details has the properties by which people recognise a meeting.
type Details struct {
	Revision
	Summary    string
	Organizer  string // an address, in lower case
	Attendees  []Attendee
	Start, End time.Time // zero where the instant is not certain
	AllDay     bool
	Occurrence string // RECURRENCE-ID as an instant ("20260309T090000Z") or a date ("20260309"); as written where neither is certain
	Zone       string // TZID of the start
	Rule       string // RRULE
	Excluded   string // EXDATE, all of them
	Location   string
	Program    string // PRODID of the calendar
	Responded  string // X-MICROSOFT-CDO-ATTENDEE-CRITICAL-CHANGE, if Exchange 2003 can store it as the time of a response
}

// Attendee is an attendee of a calendar.
type Attendee struct {
	Address  string // in lower case
	PartStat string // upper case, "" when it is not stated
	Replied  string // X-REPLYTIME: the time of the response that Exchange 2003 has stored
}

// Details returns the details of each component.
func (s *Sent) Details() []Details {
	switch {
	case s == nil:
		return nil
	case s.early != nil:
		return slices.Clone(s.early.details)
	}
	return detailsOf(s.c)
}

func detailsOf(c *remedy.Object) []Details {
	var list []Details
	for _, it := range itemsOf(c.Doc) {
		list = append(list, viewOf(c, it).details())
	}
	return list
}

func (f view) details() Details {
	it := f.Component
	d := Details{Revision: identity(methodOf(it, ""), it), Summary: ical.UnescapeText(it.Value("SUMMARY")), Organizer: guard.ReadAddress(it, "ORGANIZER")}
	for _, l := range it.Lines("ATTENDEE") {
		d.Attendees = append(d.Attendees, Attendee{Address: guard.PlainAddress(l.Value()), PartStat: strings.ToUpper(strings.TrimSpace(l.ParamValue("PARTSTAT"))),
			Replied: strings.TrimSpace(l.ParamValue("X-REPLYTIME"))})
	}
	start := f.Moment("DTSTART")
	d.AllDay = start.Date
	if start.Known {
		d.Start = start.Instant
	}
	if end := f.end(start); end.Known {
		d.End = end.Instant
	}
	if l := it.First("DTSTART"); l != nil {
		d.Zone = l.ParamValue("TZID")
	}
	d.Rule, d.Excluded = strings.TrimSpace(it.Value("RRULE")), guard.ReadJoined(it, "EXDATE")
	d.Location = ical.UnescapeText(it.Value("LOCATION"))
	if cal := it.Parent(); cal != nil {
		d.Program = strings.TrimSpace(cal.Value("PRODID"))
	}
	for _, l := range it.Lines("X-MICROSOFT-CDO-ATTENDEE-CRITICAL-CHANGE") {
		if t, ok := ical.ParseDateTime(strings.TrimSpace(l.Value())); ok && t.Form == ical.UTC && t.Wall.Year() >= 1980 {
			d.Responded = strings.TrimSpace(l.Value())
		}
	}
	d.Occurrence = f.instance(d.RecurrenceID)
	return d
}

// instance is the RECURRENCE-ID as an instant or a date, as it is written where it is
// neither, and "" for the whole series.
func (f view) instance(written string) string {
	switch id := f.Moment("RECURRENCE-ID"); {
	case id.Date:
		return id.Wall.Format("20060102")
	case id.Known:
		return id.Instant.UTC().Format("20060102T150405Z")
	}
	return written
}

// Untimed returns the attendees for whose response Exchange has stored the year 1601
// (KB 938650), according to the calendar as received.
func (m Meeting) Untimed() []string {
	var list []string
	for _, f := range m.Findings {
		if value, _, _ := strings.Cut(f.Before, " "); f.ID == "kb-1601-tracktime" {
			list = append(list, guard.PlainAddress(value))
		}
	}
	return list
}

// identity is the revision of one component.
func identity(method string, it *ical.Component) Revision {
	r := Revision{Method: method, UID: strings.TrimSpace(it.Value("UID")), RecurrenceID: strings.TrimSpace(it.Value("RECURRENCE-ID")),
		DTStamp: strings.TrimSpace(it.Value("DTSTAMP"))}
	r.Sequence, _ = strconv.Atoi(strings.TrimSpace(it.Value("SEQUENCE")))
	r.Number = remedy.Number(it)
	return r
}

// methodOf is the method of the calendar that a component is in; that of the
// part (RFC 6047 §2.4) where the calendar has none.
func methodOf(it *ical.Component, part string) string {
	method := ""
	if cal := it.Parent(); cal != nil {
		method = cal.Value("METHOD")
	}
	if method = strings.TrimSpace(method); method == "" {
		method = strings.TrimSpace(part)
	}
	return strings.ToUpper(method)
}

// itemsOf returns the components of all calendars of a text.
func itemsOf(doc *ical.Document) []*ical.Component {
	if doc == nil {
		return nil
	}
	var items []*ical.Component
	for _, cal := range doc.Calendars() {
		for _, it := range cal.Items {
			if it.Sub == nil {
				continue
			}
			switch it.Sub.Name {
			case "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY":
				items = append(items, it.Sub)
			}
		}
	}
	return items
}

// componentsOf returns what identifies the components of an outcome before and after
// the repair.
func (o *outcome) componentsOf() []Component {
	items := itemsOf(o.c.Doc)
	list := make([]Component, 0, len(items))
	changed := o.textChanged()
	var came map[*ical.Component]Revision
	var before []*ical.Component
	if changed {
		if before = o.pairs(items); before == nil {
			came, list = o.came(items, list)
		}
	}
	for i, it := range items {
		c := Component{Name: it.Name, Sent: identity(methodOf(it, o.header.Method), it)}
		if c.Received = c.Sent; before != nil {
			c.Received = identity(methodOf(before[i], o.in.header.Method), before[i])
		} else if changed {
			c.Received = came[it]
		} else if o.in.header.Method != o.header.Method {
			c.Received.Method = methodOf(it, o.in.header.Method)
		}
		list = append(list, c)
	}
	return list
}

// pairs returns what each of the items was before, nil unless all components are
// there still, in their order, and no others.
func (o *outcome) pairs(items []*ical.Component) []*ical.Component {
	now := guard.Components(o.c.Doc)
	if !slices.Equal(now, o.order) {
		return nil
	}
	doc := o.wasBefore().Doc
	was, before := guard.Components(doc), itemsOf(doc)
	if len(was) != len(now) || len(before) != len(items) {
		return nil
	}
	n := 0
	for i, c := range now {
		is := n < len(items) && c == items[n]
		if is != (n < len(before) && was[i] == before[n]) {
			return nil // one is in another component now
		}
		if is {
			n++
		}
	}
	return before
}

// came returns what each of the items was before; components that were removed are
// added to the list.
func (o *outcome) came(items []*ical.Component, list []Component) (map[*ical.Component]Revision, []Component) {
	stays := make(map[*ical.Component]bool, len(items))
	for _, it := range items {
		stays[it] = true
	}
	was := o.wasBefore()
	place := make(map[*ical.Component]int)
	for i, c := range guard.Components(was.Doc) {
		place[c] = i
	}
	came := make(map[*ical.Component]Revision, len(items))
	for _, b := range itemsOf(was.Doc) {
		r := identity(methodOf(b, o.in.header.Method), b)
		if i := place[b]; i < len(o.order) && stays[o.order[i]] {
			came[o.order[i]] = r
			continue
		}
		list = append(list, Component{Name: b.Name, Received: r})
	}
	return came, list
}

// sentAs is the meeting when its components are sent in another form.
func (m Meeting) sentAs(text []byte) Meeting {
	doc, err := ical.Parse(text, ical.Limits{Size: max(len(text), 1), Lines: maxLines})
	if err != nil {
		return m // it was checked before
	}
	left := slices.DeleteFunc(slices.Clone(m.Components), func(c Component) bool { return c.Sent == Revision{} })
	if items := itemsOf(doc); len(items) == len(left) {
		for i, it := range items {
			left[i].Sent = identity(methodOf(it, left[i].Sent.Method), it)
		}
		m.Components, m.text = left, text
	}
	return m
}

// enclosedMeeting reads a calendar in an enclosed message (RFC 2046 §5.2.1). Such a
// message is never repaired, since it is another message, but it must be found in
// the log. It returns one meeting, or none.
func enclosedMeeting(mail *message, p *mime.Part, profile remedy.Profile) []Meeting {
	body, why, err := mail.decode(p, mail.lim.Calendar)
	if err != nil || why != "" {
		return nil // the report says already that it is left alone
	}
	c := &remedy.Object{Octets: body, Part: partHeader(p), Profile: profile}
	if parse(c) != nil {
		return nil
	}
	m := Meeting{Part: p.Path(), Profile: profile, Enclosed: true, text: body}
	for _, it := range itemsOf(c.Doc) {
		r := identity(methodOf(it, c.Part.Method), it)
		m.Components = append(m.Components, Component{Name: it.Name, Received: r, Sent: r})
	}
	if len(m.Components) == 0 {
		return nil
	}
	first := m.Components[0].Received
	m.Method, m.UID, m.Sequence, m.RecurrenceID = first.Method, first.UID, first.Sequence, first.RecurrenceID
	return []Meeting{m}
}
