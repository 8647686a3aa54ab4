package remedy

import (
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// criticalChange is when an attendee answered, in Exchange's own property.
const criticalChange = "X-MICROSOFT-CDO-ATTENDEE-CRITICAL-CHANGE"

// answered returns when the answer in a component was given: its DTSTAMP where
// that is to be believed, else the date of the mail, else the time of
// repair. It is what Exchange 2003 keeps as the attendee's track time.
func answered(c *Object, ev *ical.Component) string {
	if l := ev.First("DTSTAMP"); l != nil && soundStamp(c, l) {
		return strings.TrimSpace(l.Value())
	}
	return ical.DateTime{Wall: c.stamp(), Form: ical.UTC}.String()
}

// soundStamp reports whether a property holds what Exchange can keep as a time: a
// date-time in UTC and without a zone, not before 1980 and not more than a day
// ahead of us.
func soundStamp(c *Object, l *ical.Line) bool {
	d, ok := ical.ParseDateTime(strings.TrimSpace(l.Value()))
	_, zoned := l.Param("TZID")
	return ok && d.Form == ical.UTC && !zoned && d.Wall.Year() >= 1980 && !d.Wall.After(c.Now.Add(24*time.Hour))
}

// isAnswer reports whether the method is an answer whose time Exchange keeps.
func isAnswer(c *Object) bool {
	m := c.Method()
	return m == "REPLY" || m == "COUNTER"
}
