package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// dtFloating gives times without a zone the zone that the calendar names
// elsewhere.
//
// QUIRK(exchange): dt-floating. It reads such a time as UTC.
func dtFloating() *Remedy {
	return &Remedy{
		ID:       "dt-floating",
		Summary:  "give times without a zone the only zone that the calendar names",
		Why:      "A time without a zone is local time for each reader. Exchange reads it as UTC, which is hours off.",
		Source:   "IcalBundle PR 20; gromox oxcical; RFC 5545 §3.3.5",
		Profiles: microsoft(),
		Facets:   FacetOccurrences | FacetRecurrence,
		Run: func(c *Object) {
			if !c.isFor(microsoft()...) || c.Method() == "" || c.Method() == "PUBLISH" {
				return
			}
			for _, ev := range c.schedulable() {
				l := ev.First("DTSTART")
				start, ok := c.moment(l)
				if !ok || start.Form != ical.Local || l.ParamValue("TZID") != "" {
					continue
				}
				f := found(Error, ev, "DTSTART", l.Value(), "")
				tzid := onlyZone(c)
				if tzid == "" {
					c.leave(f, "the calendar does not name the zone; Exchange will read the time as UTC")
					continue
				}
				if f.After = show(start.DateTime, tzid); c.Found(f) {
					anchor(c, ev, tzid)
				}
			}
		},
	}
}

// onlyZone returns the zone that the calendar names, "" when there is none or
// more than one.
func onlyZone(c *Object) string {
	for _, name := range []string{"X-WR-TIMEZONE", "TIMEZONE-ID"} {
		if tzid := zone.Normalize(ical.UnescapeText(c.Cal.Value(name))); tzid != "" {
			if knownZone(c, tzid) {
				return tzid
			}
			return ""
		}
	}
	if all := c.Zones.All(); len(all) == 1 && all[0].Rules != nil {
		return zone.Normalize(all[0].TZID)
	}
	return ""
}

// knownZone reports whether a zone is declared or has a well-known name.
func knownZone(c *Object, tzid string) bool {
	if c.Zones.Declared(tzid) != nil {
		return true
	}
	_, ok := zone.Lookup(tzid, zone.Hints{Lotus: byLotus(c)})
	return ok
}

// anchor gives the times of a component that have no zone one.
func anchor(c *Object, ev *ical.Component, tzid string) {
	for _, it := range ev.Items {
		if l := it.Prop; l != nil && isTime(l.Name()) && !quoteOpen(l) && l.ParamValue("TZID") == "" && allForms(l, ical.Local) {
			l.SetParam("TZID", tzid)
		}
	}
}

// dtTZIDProperty makes a parameter of a TZID that is in an event as a
// property, where nothing reads it (RFC 5545 §3.8.3.1).
func dtTZIDProperty() *Remedy {
	return &Remedy{
		ID:       "dt-tzid-property",
		Summary:  "replace a TZID property in an event by the TZID parameter",
		Why:      "Some programs built on ical4j write the zone of a meeting as a separate property, which no program reads: each reader sees the meeting in local time.",
		Source:   "ical4j issue 529; RFC 5545 §3.8.3.1",
		Profiles: []Profile{Standard},
		Facets:   FacetOccurrences | FacetRecurrence,
		Looks:    []string{"TZID DTSTART"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				name := ev.First("TZID")
				l := ev.First("DTSTART")
				if name == nil || l == nil || !allForms(l, ical.Local) || l.ParamValue("TZID") != "" {
					continue
				}
				tzid := zone.Normalize(ical.UnescapeText(strings.TrimSpace(name.Value())))
				f := found(Error, ev, "TZID", name.Value(), l.Name()+";TZID="+tzid+":"+l.Value())
				if tzid == "" || !knownZone(c, tzid) {
					c.leave(f, "the name of the zone is not known")
				} else if c.Found(f) {
					anchor(c, ev, tzid)
					ev.Remove(name)
				}
			}
		},
	}
}
