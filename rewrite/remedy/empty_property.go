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
		Summary:  "CLASS without a value becomes PUBLIC, other empty properties are dropped",
		Why:      "Exchange 2003 writes CLASS: with nothing behind it. Open-Xchange stopped reading there, other programs skip the meeting.",
		Source:   "Open-Xchange ICalParser test8527; cyrus-imapd 2871410788; RFC 5545 §3.8.1.3",
		Profiles: []Profile{Standard},
		Facets:   FacetStatus,
		Run: func(c *Case) {
			keep := c.Method() == "CANCEL" || c.Method() == "REPLY"
			for _, ev := range c.schedulable() {
				exception := ev.Has("RECURRENCE-ID")
				c.drop(Warning, ev, func(l *ical.Line) bool {
					return isEmptyValue(l) && isDroppable(l.Name()) && !keep && !(exception && isText(l.Name())) && !hasLooseText(ev, l)
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

// hasLooseText says whether the line is followed by lines that are no content
// lines: the value, broken into lines without a fold. Lenient readers still
// find it there.
func hasLooseText(ev *ical.Component, l *ical.Line) bool {
	for i, it := range ev.Items {
		if it.Prop == l {
			return i+1 < len(ev.Items) && ev.Items[i+1].Prop != nil && ev.Items[i+1].Prop.Name() == ""
		}
	}
	return false
}

func isEmptyValue(l *ical.Line) bool { return strings.TrimSpace(l.Value()) == "" }

// isDroppable says whether a property without a value means the same as none.
func isDroppable(name string) bool {
	switch name {
	case "LOCATION", "DESCRIPTION", "COMMENT", "CONTACT", "CATEGORIES", "RESOURCES", "URL", "GEO", "PRIORITY",
		"STATUS", "TRANSP", "CREATED", "LAST-MODIFIED", "RELATED-TO", "REQUEST-STATUS", "ATTACH", "SEQUENCE":
		return true
	}
	return false
}
