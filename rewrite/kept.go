package rewrite

import (
	"errors"
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/notice"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// Kept is the part of one component of an invitation that is stored, so that it can
// be cancelled, or a later message about it understood, without the original.
type Kept struct {
	UID        string
	Occurrence string // as in Details
	Language   string // that the invitation is written in (RFC 5646)
	Text       []byte // a calendar: the component with what says who, when and where, and the zones that it uses
}

// KeepOptions define what is kept of an invitation.
type KeepOptions struct {
	Texts  bool // SUMMARY and LOCATION stay
	People bool // ORGANIZER and ATTENDEE stay
}

// maxKept bounds the components of one calendar that are kept, and maxKeptText
// the octets of each.
const (
	maxKept     = 50
	maxKeptText = 32 << 10
)

// Keep returns the parts of the calendar that are to be stored. Components that are
// too large are omitted.
func (s *Sent) Keep(o KeepOptions) []Kept {
	if s != nil && s.early != nil {
		if s.early.options == o && s.early.kept != nil {
			return s.early.kept
		}
		s = s.parsed()
	}
	if s == nil {
		return nil
	}
	return keep(s.c, o)
}

func keep(c *remedy.Object, o KeepOptions) []Kept {
	if c.Cal == nil {
		return nil
	}
	var list []Kept
	for _, it := range c.Items() {
		if text := keptText(c.Cal, it, o); len(text) <= maxKeptText && len(list) < maxKept {
			occurrence := viewOf(c, it).instance(strings.TrimSpace(it.Value("RECURRENCE-ID")))
			list = append(list, Kept{UID: strings.TrimSpace(it.Value("UID")), Occurrence: occurrence, Language: languageOf(it).String(), Text: text})
		}
	}
	return list
}

// languageOf is the language of the texts in a component.
func languageOf(it *ical.Component) notice.Language {
	var s notice.Signs
	for _, name := range []string{"SUMMARY", "DESCRIPTION", "LOCATION"} {
		if l := it.First(name); l != nil {
			s.Tags = append(s.Tags, l.ParamValue("LANGUAGE"))
			s.Text += " " + ical.UnescapeText(l.Value())
		}
	}
	s.Subject = ical.UnescapeText(it.Value("SUMMARY"))
	return notice.Detect(s)
}

// keptProperty reports whether a property of a component is kept.
func (o KeepOptions) keptProperty(name string) bool {
	switch name {
	case "UID", "DTSTAMP", "SEQUENCE", "DTSTART", "DTEND", "DUE", "DURATION", "RRULE", "EXRULE", "RDATE", "EXDATE", "RECURRENCE-ID":
		return true
	case "SUMMARY", "LOCATION":
		return o.Texts
	case "ORGANIZER", "ATTENDEE":
		return o.People
	}
	return false
}

// keptText writes a calendar with one component, each line unchanged.
func keptText(cal, it *ical.Component, o KeepOptions) []byte {
	var zones []string
	var lines []*ical.Line
	for _, l := range it.Lines("") {
		if !o.keptProperty(l.Name()) {
			continue
		}
		lines = append(lines, l)
		if name := l.Name(); name == "ATTENDEE" || name == "ORGANIZER" {
			continue // as many as there are people, and without a zone
		}
		if id := l.ParamValue("TZID"); id != "" && !slices.Contains(zones, id) {
			zones = append(zones, id)
		}
	}
	var b strings.Builder
	b.Grow(2048) // as most of them are
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:" + remedy.ProdID + "\r\nMETHOD:REQUEST\r\n")
	for _, z := range cal.Children("VTIMEZONE") {
		if slices.Contains(zones, z.Value("TZID")) {
			writeComponent(&b, z)
		}
	}
	b.WriteString("BEGIN:" + it.Name + "\r\n")
	for _, l := range lines {
		writeLine(&b, l)
	}
	b.WriteString("END:" + it.Name + "\r\nEND:VCALENDAR\r\n")
	return []byte(b.String())
}

func writeComponent(b *strings.Builder, c *ical.Component) {
	b.WriteString("BEGIN:" + c.Name + "\r\n")
	for _, item := range c.Items {
		if item.Sub != nil {
			writeComponent(b, item.Sub)
		} else {
			writeLine(b, item.Prop)
		}
	}
	b.WriteString("END:" + c.Name + "\r\n")
}

// writeLine writes a content line unchanged.
func writeLine(b *strings.Builder, l *ical.Line) {
	b.WriteString(strings.TrimRight(l.Raw(), "\r\n"))
	b.WriteString("\r\n")
}

// Find returns an occurrence of the kept series in the form of Details.Occurrence;
// which is an instant or a day.
func (k Kept) Find(which string) (string, error) {
	c := &remedy.Object{Octets: k.Text}
	if err := parse(c); err != nil {
		return "", err
	}
	c.ResetZones()
	if c.Cal == nil || len(c.Items()) != 1 {
		return "", errKept
	}
	d, tzid, err := viewOf(c, c.Items()[0]).occurrence(which)
	if err != nil || d.Form == ical.Date {
		return d.String(), err
	}
	at, ok := c.Zones.Instant(d, tzid)
	if !ok {
		return d.String(), nil
	}
	return ical.DateTime{Wall: at.UTC(), Form: ical.UTC}.String(), nil
}

var errKept = errors.New("the invitation that was kept cannot be read")
