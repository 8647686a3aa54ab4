package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// textLines takes the lines of a text that was written with its line breaks as
// they are, instead of as \n, back into the property that they follow.
//
// It does so only where it is certain what belongs where: the lines follow a
// property with a text directly, end at a property that the standard knows, are
// all that is odd in the component, and none is as long as a folded line, for
// then it may be a fold that lost its blank and the break is none.
func textLines() *Remedy {
	return &Remedy{
		ID:       "text-lines",
		Summary:  "write the line breaks of a text as \\n",
		Why:      "The lines of a description whose line breaks are not escaped are read as properties. Strict programs refuse the whole calendar; others show only the first line, or nothing. A line such as https://… is read as a property, and the link is lost.",
		Source:   "a series of Exchange 2010 in u01jmg3/ics-parser#343; ics-py issue 311; RFC 5545 §3.3.11",
		Profiles: []Profile{Standard},
		Facets:   FacetDescription | FacetSummary | FacetLocation,
		Looks:    []string{"?noname", "?small", "?slashes"},
		Run: func(c *Object) {
			if !c.readable() {
				return
			}
			c.Doc.Root.Walk(func(comp *ical.Component) {
				blocks := looseText(comp)
				if len(blocks) == 0 {
					return
				}
				kept, next := comp.Items[:0], 0
				for _, b := range blocks {
					kept = append(kept, comp.Items[next:b.at+1]...)
					l := comp.Items[b.at].Prop
					next = b.at + 1
					value, ok := joinLines(l, comp.Items[b.at+1:b.end])
					if ok && c.Found(found(Error, comp, l.Name(), countLines(b.end-b.at-1, "after the property"), value)) {
						l.SetValue(value)
						next = b.end
					}
				}
				kept = append(kept, comp.Items[next:]...)
				clear(comp.Items[len(kept):])
				comp.Items = kept
			})
		},
	}
}

// holdsText reports whether a property may have a text of several lines.
func holdsText(l *ical.Line) bool {
	return l.Name() == "DESCRIPTION" || l.Name() == "COMMENT" || l.Name() == "LOCATION" || l.Name() == "SUMMARY" || l.Name() == "X-ALT-DESC"
}

// looseBlock is a property at an item and the loose text after it, up to end.
type looseBlock struct{ at, end int }

// looseText returns the properties that loose text follows; none when there is
// text in the component that follows no property with a text.
func looseText(comp *ical.Component) (blocks []looseBlock) {
	owner, open := -1, false // the property that text may follow; whether some does
	for i, it := range comp.Items {
		switch l := it.Prop; {
		case l == nil:
			owner = -1
		case writtenProperty(l):
			if owner = -1; holdsText(l) {
				owner, open = i, false
			}
		case isEmpty(l):
		case owner < 0 && l.Name() != "":
			// a name that nobody knows, somewhere else: a property it may be
		case owner < 0, l.Name() == "" && isTorn(l.Text()):
			return nil
		case open:
			blocks[len(blocks)-1].end = i + 1
		case isLoose(l):
			blocks, open = append(blocks, looseBlock{owner, i + 1}), true
		}
	}
	return blocks
}

// isTorn reports whether a line without a colon is half of a property.
func isTorn(text string) bool {
	name, ok := knownHead(text)
	return ok && len(text) > len(name)
}

// isLoose reports whether a line is surely no property: it has no name, or one that
// no program writes. "https://a.example" and "Thanks: Anna" are lines of a text.
func isLoose(l *ical.Line) bool {
	if l == nil {
		return false
	}
	name := l.Name()
	if name == "" || strings.HasPrefix(l.Value(), "//") {
		return true
	}
	return l.WrittenName() != name && !knownProperties[name] && !strings.HasPrefix(name, "X-") && name != "BEGIN" && name != "END"
}

// writtenProperty reports whether a line is a property as programs write it. A
// line of a text may look like one: "Passcode: 1" or "https://a.example".
func writtenProperty(l *ical.Line) bool {
	name := l.Name()
	if name == "" || l.WrittenName() != name {
		return false
	}
	return knownProperties[name] || strings.HasPrefix(name, "X-")
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

// joinLines returns the value with the lines after it.
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

// mayBeFull reports whether a line has the length at which programs fold.
func mayBeFull(octets int) bool { return fullLine <= octets && octets <= 78 }

// fullLine is the least length at which programs fold.
const fullLine = 68
