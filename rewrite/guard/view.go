package guard

import (
	"net/url"
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// View is one component as people see it, with the calendar around it. Differences
// of spelling do not count: folds, case of names, escapes, quotes, defaults.
type View struct {
	Object    *remedy.Object
	Component *ical.Component
	sameZones bool // the time zones of both states are the same words
}

// compareOne returns the facets in which two states of one component differ.
func compareOne(a, b View) remedy.Facet {
	if a.Component.Name == "VALARM" {
		if alarm(a.Component) != alarm(b.Component) {
			return remedy.FacetAlarms
		}
		return 0
	}
	var diff remedy.Facet
	changed := differing(a.Component, b.Component)
	for _, t := range textFacets {
		for _, name := range t.properties {
			if changed.has(name) && t.read(a.Component, name) != t.read(b.Component, name) {
				diff |= t.facet
			}
		}
	}
	if changed.has("ATTENDEE") && !slices.Equal(attendees(a.Component), attendees(b.Component)) {
		diff |= remedy.FacetAttendees
	}
	return diff | compareTimes(a, b, changed) | harms(a, b, changed)
}

// changes are the names of the properties in which two components differ.
type changes struct {
	names []string
	any   bool // the properties cannot be held against each other one by one: all may differ
}

// has reports whether properties of that name may differ.
func (c changes) has(name string) bool { return c.any || slices.Contains(c.names, name) }

// differing compares two components line by line. It is the cheap answer that is
// nearly always enough.
func differing(a, b *ical.Component) changes {
	var out changes
	i, j := 0, 0
	for {
		x, y := nextLine(a, "", &i), nextLine(b, "", &j)
		switch {
		case x == nil && y == nil:
			return out
		case x == nil || y == nil || x.Name() != y.Name():
			return changes{any: true}
		case x != y && (x.Value() != y.Value() || x.Text() != y.Text()) && !slices.Contains(out.names, x.Name()):
			out.names = append(out.names, x.Name())
		}
	}
}

// sameLines reports whether two components have the same properties of that name
// in the same words. It is the cheap answer that is nearly always enough.
func sameLines(a, b *ical.Component, name string) bool {
	i, j := 0, 0
	for {
		x, y := nextLine(a, name, &i), nextLine(b, name, &j)
		if x == nil || y == nil {
			return x == y
		}
		if x != y && (x.Value() != y.Value() || x.Text() != y.Text()) {
			return false
		}
	}
}

// nextLine returns the next property of that name from item *i on, "" meaning
// any; nil after the last.
func nextLine(c *ical.Component, name string, i *int) *ical.Line {
	for *i < len(c.Items) {
		l := c.Items[*i].Prop
		if *i++; l != nil && (name == "" || l.Name() == name) {
			return l
		}
	}
	return nil
}

// textFacets are the facets that are the text of some properties.
var textFacets = []struct {
	facet      remedy.Facet
	properties []string
	read       func(c *ical.Component, name string) string
}{
	{remedy.FacetUID, []string{"UID"}, readTrimmed},
	{remedy.FacetSequence, []string{"SEQUENCE"}, ReadNumber},
	{remedy.FacetStamp, []string{"DTSTAMP", "LAST-MODIFIED", "CREATED"}, readTrimmed},
	{remedy.FacetSummary, []string{"SUMMARY"}, readText},
	{remedy.FacetLocation, []string{"LOCATION"}, readText},
	{remedy.FacetDescription, []string{"DESCRIPTION", "COMMENT"}, readTexts},
	{remedy.FacetOrganizer, []string{"ORGANIZER"}, ReadAddress},
	{remedy.FacetStatus, []string{"STATUS", "TRANSP", "CLASS"}, readWord},
	{remedy.FacetAttachments, []string{"ATTACH"}, ReadJoined},
}

func readTrimmed(c *ical.Component, name string) string { return plainText(c.Value(name)) }

// ReadNumber reads SEQUENCE; none is 0 (RFC 5545 §3.8.7.4).
func ReadNumber(c *ical.Component, name string) string {
	v := strings.TrimLeft(strings.TrimSpace(c.Value(name)), "+0")
	if v == "" {
		return "0"
	}
	return v
}

func readText(c *ical.Component, name string) string {
	return plainText(ical.UnescapeText(c.Value(name)))
}

// readTexts reads the texts of all properties of that name.
func readTexts(c *ical.Component, name string) string {
	var all []string
	for _, l := range c.Lines(name) {
		all = append(all, plainText(ical.UnescapeText(l.Value())))
	}
	return strings.Join(all, "\n")
}

// readWord reads an enumerated value with its default (RFC 5545 §3.8.1.3,
// §3.8.2.7).
func readWord(c *ical.Component, name string) string {
	v := strings.ToUpper(strings.TrimSpace(c.Value(name)))
	switch {
	case v != "":
		return v
	case name == "TRANSP":
		return "OPAQUE"
	case name == "CLASS":
		return "PUBLIC"
	}
	return ""
}

func ReadAddress(c *ical.Component, name string) string { return PlainAddress(c.Value(name)) }

// ReadJoined joins all properties of that name.
func ReadJoined(c *ical.Component, name string) string {
	var all []string
	for _, l := range c.Lines(name) {
		all = append(all, strings.TrimSpace(l.Value()))
	}
	return strings.Join(all, "\n")
}

// plainText is a text without what a reader does not see: control characters,
// and how white space is made up.
func plainText(s string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\u00a0':
			return ' '
		case r < ' ' || r == 0x7f || r == '\ufeff' || r == '\ufffd':
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(clean), " ")
}

// PlainAddress returns a calendar user address (RFC 5545 §3.3.3) in the form in
// which two are compared.
func PlainAddress(s string) string {
	s = strings.Trim(strings.TrimSpace(s), `"'`)
	if len(s) >= 7 && strings.EqualFold(s[:7], "mailto:") {
		s = strings.TrimSpace(s[7:])
	}
	if strings.Contains(s, "%") {
		if plain, err := url.PathUnescape(s); err == nil {
			s = plain
		}
	}
	return strings.ToLower(strings.Trim(strings.TrimSpace(s), `<>"'`))
}

// attendees lists the people with what they are, what they said and whether
// they are asked. The order does not matter, and a missing parameter is its
// default (RFC 5545 §3.2.3, §3.2.12, §3.2.16, §3.2.17). A word that nobody
// knows counts as itself.
func attendees(c *ical.Component) []string {
	var all []string
	for _, l := range c.Lines("ATTENDEE") {
		word := func(name, fallback string) string {
			if v := strings.ToUpper(strings.TrimSpace(l.ParamValue(name))); v != "" {
				return v
			}
			return fallback
		}
		all = append(all, PlainAddress(l.Value())+
			"|"+word("ROLE", "REQ-PARTICIPANT")+
			"|"+word("PARTSTAT", "NEEDS-ACTION")+
			"|"+word("CUTYPE", "INDIVIDUAL")+
			"|"+word("RSVP", "FALSE"))
	}
	slices.Sort(all)
	return all
}

// alarm is what an alarm does, when, and how often. A TRIGGER counts from the
// start unless it says otherwise (RFC 5545 §3.2.14).
func alarm(c *ical.Component) string {
	related := "START"
	if l := c.First("TRIGGER"); l != nil {
		if v := strings.ToUpper(strings.TrimSpace(l.ParamValue("RELATED"))); v != "" {
			related = v
		}
	}
	return strings.Join([]string{
		readWord(c, "ACTION"), related, readLength(c, "TRIGGER"), readWord(c, "REPEAT"), readLength(c, "DURATION"),
	}, "|")
}

// readLength reads a duration however it is spelt; what is none counts as
// itself.
func readLength(c *ical.Component, name string) string {
	v := strings.ToUpper(strings.TrimSpace(c.Value(name)))
	if d, ok := ical.ParseDuration(v); ok {
		return plainLength(d)
	}
	return v
}
