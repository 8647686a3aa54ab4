package remedy

import (
	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/itip"
)

// triggerType makes VALUE say what a TRIGGER is: a duration, or a time in UTC.
func triggerType() *Remedy {
	return &Remedy{
		ID:       "trigger-type",
		Summary:  "set VALUE of TRIGGER to the type of its value, a duration or a time",
		Why:      "Without VALUE=DATE-TIME a time must be read as a duration, and the reverse. Strict programs refuse the calendar; others lose the alarm.",
		Source:   "RFC 5545 §3.8.6.3",
		Profiles: []Profile{Standard},
		Facets:   FacetAlarms,
		Looks:    []string{"TRIGGER"},
		Run: func(c *Object) {
			for _, m := range malformed(c) {
				if m.Line.Name() != "TRIGGER" || m.Param != "" {
					continue
				}
				d, isTime := ical.ParseDateTime(m.Value)
				_, isLength := ical.ParseDuration(m.Value)
				switch {
				case m.Type == itip.Duration && isTime && d.Form == ical.UTC:
					c.repair(found(Error, m.Component, "TRIGGER", m.Line.Text(), ""), func() string {
						m.Line.DelParam("RELATED") // RFC 5545 §3.8.6.3: of durations only
						m.Line.SetParam("VALUE", "DATE-TIME")
						return m.Line.Text()
					})
				case m.Type == itip.DateTime && isLength:
					c.repair(found(Error, m.Component, "TRIGGER", m.Line.Text(), ""), func() string {
						m.Line.DelParam("VALUE")
						return m.Line.Text()
					})
				}
			}
		},
	}
}
