package itip

import "github.com/reconvene/reconvene/rewrite/ical"

// What has the form of its type is marked with the kind of component that it
// is in, so that a document that was changed since, or written and read
// again, is checked where it is new only. What is said of a value depends on its
// line and on that kind, but for a rule, which is held against DTSTART.

// kinds are the marks. Lines of any other component have none.
var kinds = map[string]uint8{
	"VCALENDAR": 1, "VEVENT": 2, "VTODO": 3, "VJOURNAL": 4, "VFREEBUSY": 5, "VALARM": 6, "VTIMEZONE": 7, "STANDARD": 8, "DAYLIGHT": 9,
}

// checked runs a check of a line unless it has passed it, and marks it when it
// does so now.
func (f *former) checked(l *ical.Line, kind uint8, check func(*ical.Line)) {
	if kind == 0 || l.Name() == "RRULE" || l.Name() == "EXRULE" {
		check(l)
		return
	}
	if l.Mark() == kind {
		return
	}
	n := len(f.out)
	if check(l); len(f.out) == n {
		l.SetMark(kind)
	}
}
