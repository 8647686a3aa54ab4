package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// emptyProperty gives an empty CLASS its default and drops other properties
// without a value.
//
// QUIRK(exchange2003): empty-property. Exchange 2003 writes CLASS: into every
// meeting.
//
// It never drops what RFC 5546 §3.2 requires (UID, DTSTART, ORGANIZER …; and
// SUMMARY, which may be null). In an exception an empty text says that this
// occurrence has none although the series has one. In CANCEL and REPLY
// receivers may look for the line itself.
func emptyProperty() *Remedy {
	return &Remedy{
		ID:       "empty-property",
		Summary:  "replace an empty CLASS by PUBLIC, remove other empty properties",
		Why:      "Exchange 2003 writes CLASS: without a value. Open-Xchange stopped reading there; other programs skip the meeting.",
		Source:   "Open-Xchange ICalParser test8527; cyrus-imapd 2871410788; RFC 5545 §3.8.1.3",
		Profiles: []Profile{Standard},
		Facets:   FacetStatus,
		Looks:    []string{"?novalue"},
		Run: func(c *Object) {
			keep := c.Method() == "CANCEL" || c.Method() == "REPLY"
			for _, ev := range c.schedulable() {
				exception := ev.Has("RECURRENCE-ID")
				loose := beforeLooseText(c, ev)
				c.drop(Warning, ev, func(l *ical.Line) bool {
					return isEmptyValue(l) && isDroppable(l.Name()) && !keep && !(exception && isText(l.Name())) && !loose[l]
				})
				for _, it := range ev.Items {
					l := named(it, "CLASS")
					if l == nil {
						continue
					}
					if isEmptyValue(l) && c.Found(found(Error, ev, "CLASS", l.Text(), "PUBLIC")) {
						l.SetValue("PUBLIC")
					}
				}
			}
		},
	}
}

// beforeLooseText returns the properties that are followed by lines which are
// no content lines: the value, broken into lines without a fold. Lenient
// readers still find it there.
func beforeLooseText(c *Object, ev *ical.Component) map[*ical.Line]bool {
	if c.Doc.Faults()&ical.FaultSyntax == 0 {
		return nil
	}
	loose := map[*ical.Line]bool{}
	for i, it := range ev.Items[min(1, len(ev.Items)):] {
		if it.Prop != nil && it.Prop.Name() == "" && ev.Items[i].Prop != nil {
			loose[ev.Items[i].Prop] = true
		}
	}
	return loose
}

func isEmptyValue(l *ical.Line) bool { return strings.TrimSpace(l.Value()) == "" }

// isDroppable reports whether a property without a value means the same as none.
func isDroppable(name string) bool {
	switch name {
	case "LOCATION", "DESCRIPTION", "COMMENT", "CONTACT", "CATEGORIES", "RESOURCES", "URL", "GEO", "PRIORITY",
		"STATUS", "TRANSP", "CREATED", "LAST-MODIFIED", "RELATED-TO", "REQUEST-STATUS", "ATTACH", "SEQUENCE":
		return true
	}
	return false
}
