package rewrite

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// minimalForm keeps what the tables of RFC 5546 §3 require and what people see: who,
// when, where, what. It removes alarms, files and vendors' properties. CLASS and
// TRANSP stay: without them a private meeting would be shown, and a free day be
// busy.
var minimalForm = builder{
	name:   "minimal",
	edit:   toMinimal,
	facets: remedy.FacetAlarms | remedy.FacetAttachments | remedy.FacetStamp | remedy.FacetDescription | remedy.FacetComponents,
}

// needed are the properties of a component that stay.
var needed = map[string]bool{
	"UID": true, "DTSTAMP": true, "SEQUENCE": true, "ORGANIZER": true, "ATTENDEE": true,
	"DTSTART": true, "DTEND": true, "DUE": true, "DURATION": true,
	"RRULE": true, "EXRULE": true, "RDATE": true, "EXDATE": true, "RECURRENCE-ID": true,
	"SUMMARY": true, "LOCATION": true, "DESCRIPTION": true, "COMMENT": true,
	"STATUS": true, "CLASS": true, "TRANSP": true,
	"COMPLETED": true, "PERCENT-COMPLETE": true, "FREEBUSY": true, "REQUEST-STATUS": true,
}

// neededParams are the parameters that stay (RFC 5545 §3.2): those that define the
// type of a value, and those of a person that scheduling needs.
var neededParams = map[string]bool{
	"TZID": true, "VALUE": true, "RANGE": true, "FBTYPE": true, "RELATED": true,
	"CN": true, "ROLE": true, "PARTSTAT": true, "RSVP": true, "CUTYPE": true,
	"SENT-BY": true, "DELEGATED-TO": true, "DELEGATED-FROM": true, "MEMBER": true,
}

// maxDescription bounds DESCRIPTION and COMMENT, in octets as written.
const maxDescription = 4096

func toMinimal(c *remedy.Object) (why string) {
	c.Cal.RemoveIf(func(l *ical.Line) bool {
		switch l.Name() {
		case "VERSION", "PRODID", "METHOD", "CALSCALE":
			return false
		}
		return true
	})
	for _, sub := range c.Cal.Children("") {
		switch sub.Name {
		case "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY":
			trim(sub)
		case "VTIMEZONE":
			sub.RemoveIf(func(l *ical.Line) bool { return l.Name() != "TZID" })
		default:
			c.Cal.RemoveChild(sub)
		}
	}
	return ""
}

func trim(it *ical.Component) {
	for _, sub := range it.Children("") {
		it.RemoveChild(sub)
	}
	it.RemoveIf(func(l *ical.Line) bool { return !needed[l.Name()] })
	for _, l := range it.Lines("") {
		l.DelParams(func(p ical.Param) bool { return !neededParams[p.Name] })
		if l.Name() == "DESCRIPTION" || l.Name() == "COMMENT" {
			l.SetValue(shorten(l.Value(), maxDescription))
		}
	}
}

// shorten cuts a TEXT value after a whole word: not inside of a character and
// not after a backslash.
func shorten(s string, limit int) string {
	const more = " ..."
	if len(s) <= limit {
		return s
	}
	s = s[:limit-len(more)]
	if at := strings.LastIndexByte(s, ' '); at > 0 {
		return strings.TrimRight(s[:at], `\ `) + more
	}
	return strings.ToValidUTF8(strings.TrimRight(s, `\`), "") + more
}
