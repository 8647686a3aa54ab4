package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// rdateBehindUntil reports further dates of a series after the end of its rule.
//
// QUIRK(google): rdate-behind-until.
func rdateBehindUntil() *Remedy {
	return &Remedy{
		ID:      "rdate-behind-until",
		Summary: "report RDATE behind UNTIL for Google",
		Why:     "A series may have single dates behind the end of its rule. Google does not show them: these attendees miss the meeting, and nobody is told.",
		Source:  "esrg-knights/Squire#107; RFC 5545 §3.8.5.2, §3.8.5.3",
		Never:   true,
		Series:  true,
		Looks:   []string{"RDATE RRULE"},
		Run: func(c *Object) {
			level, ok := levelFor(c, Google)
			if !ok {
				return
			}
			eachSeries(c, func(ev *ical.Component, l *ical.Line) {
				until, ends := ical.ParseDateTime(rulePart(l.Value(), "UNTIL"))
				if !ends {
					return
				}
				for _, r := range ev.Lines("RDATE") {
					if at, late := behind(c, r, until); late {
						c.leave(found(level, ev, "RDATE", r.Text(), ""),
							"Google does not show "+at.String()+", which is behind UNTIL="+until.String()+"; the organizer has to let the series end later and take out what is too much, or invite to that date by itself")
					}
				}
			})
		},
	}
}

// behind returns the first date of a list that is later than a time.
func behind(c *Object, l *ical.Line, until ical.DateTime) (at ical.DateTime, late bool) {
	for _, v := range listed(l.Value()) {
		v, _, _ = strings.Cut(v, "/")
		m, ok := c.momentOf(v, l.ParamValue("TZID"))
		switch {
		case !ok:
		case until.Form == ical.UTC && m.known:
			late = m.instant.After(until.Wall)
		case until.Form == ical.Date:
			late = !m.Wall.Before(until.Wall.AddDate(0, 0, 1))
		default:
			late = m.Wall.After(until.Wall)
		}
		if late {
			return m.DateTime, true
		}
	}
	return at, false
}
