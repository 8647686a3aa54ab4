package remedy

import (
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/itip"
)

// stampUTC writes the times in UTC that RFC 5545 has in UTC only. One that names
// no zone is read in the zone of its component; DTSTAMP is the date of the
// mail, as dtstamp-missing has it. CREATED and LAST-MODIFIED may be missing, and
// are dropped where nobody knows which instant they are.
func stampUTC() *Remedy {
	return &Remedy{
		ID:       "stamp-utc",
		Summary:  "write DTSTAMP, CREATED, LAST-MODIFIED, COMPLETED and an alarm's time in UTC",
		Why:      "Web programs write these stamps in local time. An update then seems newer or older than it is: Google ignores it, and responses are lost.",
		Source:   "sebbo2002/ical-generator#644 and #680; RFC 5545 §3.8.7.1 to §3.8.7.3, §3.8.2.1",
		Profiles: []Profile{Standard},
		Facets:   FacetStamp | FacetAlarms,
		Run: func(c *Object) {
			var gone map[*ical.Line]bool
			for _, m := range malformed(c) {
				if m.Type == itip.DateTime && m.Param == "" && stamp(m.Line.Name()) && repairStamp(c, m) {
					if gone == nil {
						gone = map[*ical.Line]bool{}
					}
					gone[m.Line] = true
				}
			}
			if gone != nil {
				c.Doc.Root.Walk(func(comp *ical.Component) { comp.RemoveIf(func(l *ical.Line) bool { return gone[l] }) })
			}
		},
	}
}

// stamp reports whether a property is always a time in UTC.
func stamp(name string) bool {
	switch name {
	case "DTSTAMP", "CREATED", "LAST-MODIFIED", "COMPLETED", "ACKNOWLEDGED", "TRIGGER":
		return true
	}
	return false
}

// repairStamp repairs a stamp, or says that it has to go.
func repairStamp(c *Object, m itip.Malformed) (drop bool) {
	l := m.Line
	f := found(Warning, m.Component, l.Name(), l.Text(), "")
	at, ok := stampInstant(c, m)
	if !ok {
		return (l.Name() == "CREATED" || l.Name() == "LAST-MODIFIED") && c.Found(f)
	}
	c.repair(f, func() string {
		l.DelParam("TZID")
		if l.Name() != "TRIGGER" {
			l.DelParam("VALUE")
		}
		l.SetValue(ical.DateTime{Wall: at.UTC(), Form: ical.UTC}.String())
		return l.Text()
	})
	return false
}

// stampInstant returns the instant that a stamp stands for.
func stampInstant(c *Object, m itip.Malformed) (time.Time, bool) {
	l := m.Line
	d, ok := ical.ParseDateTime(l.Value())
	if ok && d.Form == ical.UTC {
		return d.Wall, true // beside a TZID
	}
	if tzid := l.ParamValue("TZID"); ok && d.Form == ical.Local && tzid != "" {
		if at, known := c.Zones.Instant(d, tzid); known {
			return at, true
		}
	}
	mailed := c.Mail.Date.Year() >= 1980
	if l.Name() == "DTSTAMP" && (mailed || !ok || d.Form != ical.Local) {
		return c.stamp(), true
	}
	if ok && d.Form == ical.Local {
		if at, known := inZoneOf(c, m.Component, d); known {
			return at, true
		}
	}
	switch l.Name() {
	case "DTSTAMP":
		return c.stamp(), true
	case "CREATED", "LAST-MODIFIED":
		// in some zone it is the time of the mail
		const farthest = 14 * time.Hour
		if away := d.Wall.Sub(c.Mail.Date); ok && d.Form == ical.Local && mailed && away.Abs() <= farthest {
			return c.stamp(), true
		}
	}
	return time.Time{}, false
}

// inZoneOf reads a local time in the zone of the times beside it, or of the
// event around an alarm.
func inZoneOf(c *Object, comp *ical.Component, d ical.DateTime) (time.Time, bool) {
	if comp.Name == "VALARM" && comp.Parent() != nil {
		comp = comp.Parent()
	}
	for _, name := range [...]string{"DTSTART", "DUE", "DTEND"} {
		if l := comp.First(name); l != nil && l.ParamValue("TZID") != "" {
			return c.Zones.Instant(d, l.ParamValue("TZID"))
		}
	}
	return time.Time{}, false
}
