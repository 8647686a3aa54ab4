package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// textLines takes the lines of a text that was written with its line breaks as
// they are, instead of as \n, back into the property that they follow.
//
// It does so only where it is certain what belongs where: the lines follow a
// DESCRIPTION or COMMENT directly, end at a property that the standard knows,
// are all that is odd in the component, and none is as long as a folded line,
// for then it may be a fold that lost its blank and the break is none.
func textLines() *Remedy {
	return &Remedy{
		ID:       "text-lines",
		Summary:  "write the line breaks of a description as \\n",
		Why:      "A description whose line breaks are written as they are is text between properties. Strict programs refuse the whole calendar for it; others show the first line only, or nothing.",
		Source:   "a series of Exchange 2010 in u01jmg3/ics-parser#343; RFC 5545 §3.3.11",
		Profiles: []Profile{Standard},
		Facets:   FacetDescription,
		Run: func(c *Case) {
			if !c.readable() || c.Doc.Faults()&ical.FaultSyntax == 0 {
				return
			}
			c.Doc.Root.Walk(func(comp *ical.Component) {
				at, end := looseText(comp)
				if at < 0 {
					return
				}
				l := comp.Items[at].Prop
				value, ok := joinLines(l, comp.Items[at+1:end])
				if !ok || !c.Found(found(Error, comp, l.Name(), countLines(end-at-1, "behind the property"), value)) {
					return
				}
				l.SetValue(value)
				comp.Items = append(comp.Items[:at+1], comp.Items[end:]...)
			})
		},
	}
}

// looseText returns where the property stands that loose text follows, and
// where that text ends; -1 when there is none or more than one such place.
func looseText(comp *ical.Component) (at, end int) {
	at, owner := -1, -1
	for i, it := range comp.Items {
		switch l := it.Prop; {
		case l == nil:
			owner = -1
		case writtenProperty(l):
			owner = -1
			if l.Name() == "DESCRIPTION" || l.Name() == "COMMENT" {
				owner = i
			}
		case isEmpty(l):
		case owner < 0 && l.Name() != "":
			// a name that nobody knows, somewhere else: a property it may be
		case owner < 0 || at >= 0 && at != owner:
			return -1, -1
		case l.Name() == "" || at == owner:
			at, end = owner, i+1
		}
	}
	return at, end
}

// writtenProperty says whether a line is a property as programs write it. A
// line of a text may look like one: "Passcode: 1" or "https://a.example".
func writtenProperty(l *ical.Line) bool {
	name := l.Name()
	if name == "" || l.WrittenName() != name {
		return false
	}
	return strings.HasPrefix(name, "X-") || knownProperties[name]
}

// knownProperties are those of RFC 5545, 7986 and 9073 in a component.
var knownProperties = func() map[string]bool {
	m := map[string]bool{}
	for name := range strings.FieldsSeq(`ACTION ATTACH ATTENDEE CATEGORIES CLASS COLOR COMMENT COMPLETED CONFERENCE CONTACT
		CREATED DESCRIPTION DTEND DTSTAMP DTSTART DUE DURATION EXDATE EXRULE FREEBUSY GEO IMAGE LAST-MODIFIED LOCATION
		NAME ORGANIZER PERCENT-COMPLETE PRIORITY RDATE RECURRENCE-ID REFRESH-INTERVAL RELATED-TO REPEAT REQUEST-STATUS
		RESOURCES RRULE SEQUENCE SOURCE STATUS STYLED-DESCRIPTION SUMMARY TRANSP TRIGGER UID URL`) {
		m[name] = true
	}
	return m
}()

// joinLines returns the value with the lines behind it.
func joinLines(l *ical.Line, items []ical.Item) (string, bool) {
	lines := make([]string, 0, len(items))
	escaped := false
	for i, it := range items {
		text := strings.TrimRight(it.Prop.Text(), " \t\r\n")
		if i+1 < len(items) && mayBeFull(len(text)) {
			return "", false
		}
		escaped = escaped || strings.Contains(text, `\`)
		lines = append(lines, text)
	}
	if l.Value() != "" && mayBeFull(len(l.Text())) {
		return "", false
	}
	for i, text := range lines {
		if !escaped {
			lines[i] = ical.EscapeText(text)
		}
	}
	value := strings.Trim(strings.Join(lines, `\n`), " ")
	if l.Value() != "" {
		value = l.Value() + `\n` + value
	}
	return value, true
}

// mayBeFull says whether a line has the length at which programs fold.
func mayBeFull(octets int) bool { return 68 <= octets && octets <= 78 }
